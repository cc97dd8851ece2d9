/// Pictures of graphs and plans, as text for Graphviz (`dot -Tsvg`).
///
/// The text depends on nothing but the graph: drawn twice, it is the same to the byte.
/// Source of the language: https://graphviz.org/doc/info/lang.html, and `shapes.html` for labels in the likeness of HTML.
public enum DOT {
  /// The graph: a box a node, clusters of nodes that share their axes or a body, shapes on the edges.
  ///
  /// Solid edges are values that are read, dashed ones lead from a state's next version back to the state, dotted ones stand
  /// for facts (columns and classes of other data). What no output needs is grey.
  /// - Complexity: O(nodes + references).
  public static func graph(_ graph: Graph) -> String {
    GraphPicture(graph).text
  }

  /// The graph of a plan that was run, each node coloured by its part of a heat.
  public static func graph(of plan: Plan, heat: TaskHeat) -> String {
    GraphPicture(plan.graph, heat: (heat, heat.byNode(plan))).text
  }

  /// The tasks of a plan with what they wait for: what is computed once apart, then a cluster a step.
  ///
  /// One step is drawn as the template of all of them, with dashed edges for what it hands to the next; several are the first
  /// ones as they run, with only the tasks that are due.
  /// - Parameters:
  ///   - plan: The plan.
  ///   - steps: How many steps are drawn; at most those of the plan.
  ///   - limit: The most boxes. Where the tasks are more, a box stands for all tasks of a node and shows their count;
  ///     where those are still more, a box stands for all tasks of an operation.
  ///   - heat: What the boxes are coloured by, in the place of what their tasks do; over all steps, whatever step is drawn.
  /// - Complexity: O(tasks + uses) a step, and with a heat O(boxes · tasks).
  public static func tasks(
    _ plan: Plan, steps: Int = 1, limit: Int = 2_000, heat: TaskHeat? = nil
  ) -> String {
    TaskPicture(plan, steps: steps, limit: limit, heat: heat).text
  }

  /// What will run: the graph after nodes that nothing needs are left out, straight chains are joined and trees are spread out.
  ///
  /// A box stands for all tasks of the same stages, one for each level of a tree; where there are more boxes than `limit`, for
  /// all tasks of an operation.
  /// - Complexity: O(tasks + uses).
  public static func optimized(
    _ plan: Plan, limit: Int = 2_000, heat: TaskHeat? = nil
  ) -> String {
    TaskPicture(plan, steps: 1, limit: limit, finest: .level, heat: heat).text
  }
}
