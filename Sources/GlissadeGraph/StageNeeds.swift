/// Which stages of a graph's needed nodes give something that somebody reads.
struct StageNeeds {
  /// By node and stage.
  private(set) var isNeeded: [[Bool]]
  private let graph: Graph
  private var stack: [(node: Int, stage: Int)] = []

  /// Follows what some ports are made from back to its beginnings.
  ///
  /// - Complexity: O(stages + their inputs).
  init(of graph: Graph, ports: [(node: Int, port: Int)]) {
    self.graph = graph
    isNeeded = graph.nodes.map { Array(repeating: false, count: $0.shape.stages.count) }
    for (node, port) in ports { need(port: port, of: node) }
    while let (node, stage) = stack.popLast() { needInputs(of: stage, in: node) }
  }

  private mutating func need(_ stage: Int, of node: Int) {
    guard !isNeeded[node][stage] else { return }
    isNeeded[node][stage] = true
    stack.append((node, stage))
  }

  /// A state needs both its next version and the one that it begins with.
  private mutating func need(port number: Int, of index: Int) {
    let node = graph.nodes[index]
    if let source = node.shape.ports[number].source { need(source.stage, of: index) }
    guard node.operation.isState, number == 0, let next = node.next else { return }
    need(portNamed: next.port, of: next.node)
  }

  private mutating func need(portNamed name: String, of index: Int) {
    let ports = graph.nodes[index].shape.ports
    guard let number = ports.firstIndex(where: { $0.name == name }) else { return }
    need(port: number, of: index)
  }

  private mutating func needInputs(of number: Int, in index: Int) {
    let node = graph.nodes[index]
    for input in node.shape.stages[number].inputs {
      switch input.source {
      case .stage(let stage, _), .previous(let stage, _): need(stage, of: index)
      case .input(let input):
        let input = node.inputs[input]
        if input.node >= 0 { need(portNamed: input.port, of: input.node) }
      case .port(let input, let port): need(portNamed: port, of: node.inputs[input].node)
      }
    }
    for (initial, stage) in node.shape.stages.enumerated() where stage.initialOf?.stage == number {
      need(initial, of: index)
    }
  }
}
