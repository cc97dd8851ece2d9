/// A graph expanded into tasks: one table for what is computed once, one for a step.
public struct Plan: Sendable {
  /// One piece of a task: a stage of a node at a place. A task has several where a straight chain was fused.
  public struct Member: Sendable, Hashable, BitwiseCopyable {
    /// The node's number in the graph.
    public var node: Int32
    /// The stage's number in the node.
    public var stage: Int16
    /// Whether it is the last of its tree, or in no tree.
    public var isRoot: Bool
    /// The place on the stage's axes.
    public var place: Int32
    /// For a tree, the number of the task within it.
    public var part: Int32
    /// Where its inputs begin in `Tasks.inputs`.
    public var firstInput: Int32
    /// How many inputs it has.
    public var inputCount: Int32
    /// How many outputs it has.
    public var outputCount: Int32
  }

  /// A table with what its tasks mean.
  public struct Tasks: Sendable {
    /// What the scheduler sees.
    public var table = TaskTable()
    /// Where the members of each task begin; one more entry than tasks.
    public var memberStart: [Int32] = [0]
    /// The members of all tasks.
    public var members: [Member] = []
    /// The inputs of all members: a number `n ≥ 0` is the n-th use of the task, `−1 − n` the n-th output of its members.
    public var inputs: [Int32] = []

    /// Makes room for so many tasks of a member each, so that large tables are not copied as they grow.
    mutating func reserveCapacity(tasks: Int, values: Int, uses: Int) {
      table.reserveCapacity(tasks: tasks, values: values, uses: uses)
      memberStart.reserveCapacity(tasks + 1)
      members.reserveCapacity(tasks)
      inputs.reserveCapacity(uses)
    }

    /// The members of a task.
    public func members(of task: Int) -> ArraySlice<Member> {
      members[Int(memberStart[task])..<Int(memberStart[task + 1])]
    }
  }

  /// A value of one of the tables.
  public enum Address: Sendable, Hashable {
    /// A value of the prologue.
    case once(Int)
    /// A value of each step.
    case step(Int)
  }

  /// A state's version before step 0: the prologue's value that stands for a step's value at step -1.
  public struct Initial: Sendable, Hashable {
    /// The value in the prologue's table.
    public let prologue: Int
    /// The value in the step's table.
    public let step: Int
  }

  /// The graph.
  public let graph: Graph
  /// What is computed once.
  public let prologue: Tasks
  /// What is computed in each step.
  public let step: Tasks
  /// The initial versions of states.
  public let initials: [Initial]
  /// Ports whose values were asked for, besides outputs and metrics.
  public let keeping: [Graph.PortReference]
  /// Nodes that no output, report or state needs, and that are left out.
  public let culled: [Int]
  /// The number of steps.
  public var steps: Int { graph.run.steps }

  let addresses: PlanAddresses
  /// The numbers of the stages of all nodes.
  package let stageNumbers: StageNumbers

  /// Where the value of a port at a place is; for a state, its newest version. Nil where it was fused away or culled.
  ///
  /// - Complexity: O(ports of the node).
  public func address(of port: Graph.PortReference, place: Int) -> Address? {
    let ports = graph.nodes[port.node].shape.ports
    guard let number = ports.firstIndex(where: { $0.name == port.port }) else { return nil }
    return addresses.address(port: number, of: port.node, place: place)
  }

  /// A task's name for people: `grad[train=2]`, `mean.fold[1]`.
  public func name(of task: Int, in tasks: Tasks) -> String {
    tasks.members(of: task).map { name(of: $0) }.joined(separator: " + ")
  }

  /// A member's name for people.
  public func name(of member: Member) -> String {
    let node = graph.nodes[Int(member.node)]
    let stage = node.shape.stages[Int(member.stage)]
    var name = node.name
    if stage.name != "value" { name += "." + stage.name }
    if !stage.axes.isEmpty { name += "[" + stage.axes.placePhrase(Int(member.place)) + "]" }
    if !member.isRoot || member.part > 0 { name += "#\(member.part)" }
    return name
  }
}
