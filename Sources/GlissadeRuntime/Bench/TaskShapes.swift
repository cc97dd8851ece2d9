package import GlissadeGraph
import GlissadeTensor

/// Graphs of tasks that do nothing, to measure what a task costs besides its kernel.
package enum TaskShape: Sendable, CaseIterable {
  /// Tasks that wait for nothing, 64 a step.
  case independent
  /// The same, all of them in one step.
  case wide
  /// Each task waits for the one before it.
  case chain
  /// Pairs are joined, level by level.
  case tree
  /// A square in which each task waits for those above and to the left.
  case wavefront
  /// Rows of sixteen tasks, each of which waits for the three above it.
  case stencil
  /// Eight gradients, a pairwise tree, one update.
  case training8
  /// Thirty-two gradients, a pairwise tree, one update.
  case training32

  /// The name in reports.
  package var name: String {
    switch self {
    case .independent: "independent"
    case .wide: "wide"
    case .chain: "chain"
    case .tree: "tree"
    case .wavefront: "wavefront"
    case .stencil: "stencil"
    case .training8: "training, 8 gradients"
    case .training32: "training, 32 gradients"
    }
  }

  /// The plan of enough steps for about `tasks` tasks.
  ///
  /// - Parameter kernel: What every task runs.
  package func plan(tasks: Int, kernel: @escaping Kernel = { _ in }) throws -> Plan {
    var registry = OperationRegistry()
    for operation in TaskShape.operations(kernel) { registry.register(operation) }
    let (nodes, size) = nodes(of: tasks)
    let description = GraphDescription(
      name: "bench", nodes: nodes,
      run: [AttributeEntry("until", ["steps": AttributeValue(.integer(max(1, tasks / size)))])])
    let graph = try Graph(resolving: description, registry: registry)
    return try Plan(expanding: graph, fusing: false)
  }

  /// The nodes of a step, and how many tasks they make.
  private func nodes(of tasks: Int) -> (nodes: [NodeDescription], tasks: Int) {
    func node(_ name: String, _ operation: String, _ attributes: [AttributeEntry])
      -> NodeDescription
    {
      NodeDescription(name, operation: operation, attributes: attributes)
    }
    func training(_ places: Int) -> ([NodeDescription], Int) {
      (
        [
          node("weights", "state", [AttributeEntry("next", "step")]),
          node(
            "grad", "work",
            [
              AttributeEntry("of", ["weights"]),
              AttributeEntry("count", AttributeValue(.integer(places))),
            ]),
          node("mean", "fold", [AttributeEntry("of", "grad")]),
          node("step", "work", [AttributeEntry("of", ["weights", "mean"])]),
        ], 2 * places
      )
    }
    switch self {
    case .training8: return training(8)
    case .training32: return training(32)
    case .independent:
      return ([node("a", "clocked", [AttributeEntry("count", 64)])], 64)
    case .wide:
      // A family has at most so many places, and a step as many tasks.
      let count = min(tasks, [Axis].placeLimit)
      let places = AttributeValue(.integer(count))
      return ([node("a", "clocked", [AttributeEntry("count", places)])], count)
    case .tree:
      return (
        [
          node("a", "clocked", [AttributeEntry("count", 64)]),
          node("b", "fold", [AttributeEntry("of", "a")]),
        ], 127
      )
    case .chain:
      var nodes = [node("n0", "clocked", [])]
      for index in 1..<64 {
        nodes.append(
          node(
            "n\(index)", "work",
            [AttributeEntry("of", AttributeValue(.list([AttributeValue(.text("n\(index - 1)"))])))])
        )
      }
      return (nodes, 64)
    case .stencil:
      var nodes: [NodeDescription] = []
      for row in 0..<16 {
        for column in 0..<16 {
          let above = (max(0, column - 1)...min(15, column + 1)).map {
            AttributeValue(.text("n\(row - 1)-\($0)"))
          }
          nodes.append(
            row == 0
              ? node("n0-\(column)", "clocked", [])
              : node(
                "n\(row)-\(column)", "work", [AttributeEntry("of", AttributeValue(.list(above)))]))
        }
      }
      return (nodes, 256)
    case .wavefront:
      var nodes: [NodeDescription] = []
      for row in 0..<16 {
        for column in 0..<16 {
          var above: [AttributeValue] = []
          if row > 0 { above.append(AttributeValue(.text("n\(row - 1)-\(column)"))) }
          if column > 0 { above.append(AttributeValue(.text("n\(row)-\(column - 1)"))) }
          nodes.append(
            above.isEmpty
              ? node("n0-0", "clocked", [])
              : node(
                "n\(row)-\(column)", "work", [AttributeEntry("of", AttributeValue(.list(above)))]))
        }
      }
      return (nodes, 256)
    }
  }

  // MARK: Operations

  private static func operations(_ kernel: @escaping Kernel) -> [OperationSpec] {
    let nothing = PlaceSpecs.uniform(ValueSpec(.number, []))
    let of = AttributeSpec(
      "of", .list(.reference(ReferenceSpec()), 1...8), "What it waits for.", required: true)
    let port = PortSpec("value", .number, "Nothing.")
    return [
      OperationSpec(
        "clocked", summary: "A task a step.", example: "", attributes: [CommonAttributes.count],
        ports: [port], isClocked: true,
        infer: { node in
          let axes = node.ownAxes
          return NodeShape(
            ports: [.init("value", axes: axes, nothing, from: (0, 0))],
            stages: [Stage("value", inputs: [], axes: axes, outputs: [nothing], kernel: kernel)])
        }),
      OperationSpec(
        "work", summary: "A task that waits.", example: "",
        attributes: [of, CommonAttributes.count], ports: [port],
        infer: { node in
          let axes = node.ownAxes
          return NodeShape(
            ports: [.init("value", axes: axes, nothing, from: (0, 0))],
            stages: [
              Stage(
                "value", inputs: node.inputs.indices.map { .init(.input($0)) }, axes: axes,
                outputs: [nothing], kernel: kernel)
            ])
        }),
      OperationSpec(
        "fold", summary: "A pairwise tree.", example: "",
        attributes: [AttributeSpec("of", .reference(ReferenceSpec()), "Leaves.", required: true)],
        ports: [port],
        infer: { node in
          NodeShape(
            ports: [.init("value", axes: [], nothing, from: (0, 0))],
            stages: [
              Stage(
                "value",
                inputs: [.init(.input(0), taking: node.inputs[0].axes.map(\.name))], axes: [],
                outputs: [nothing], treeFanIn: 2, kernel: kernel)
            ])
        }),
      OperationSpec(
        "state", summary: "A state.", example: "",
        attributes: [
          AttributeSpec(
            "next", .reference(ReferenceSpec(.number, role: .next)), "The next version.")
        ], ports: [port], isState: true,
        infer: { _ in
          NodeShape(
            ports: [.init("value", axes: [], nothing, from: (0, 0))],
            stages: [
              Stage("initial", inputs: [], axes: [], outputs: [nothing], kernel: { _ in })
            ])
        }),
    ]
  }
}
