/// Which stages of a graph's needed nodes give something that somebody reads.
struct StageNeeds {
  /// The numbers of all stages.
  let numbers: StageNumbers
  /// By number of a stage.
  private var isNeeded: [Bool]
  private let graph: Graph
  private var stack: [(node: Int, stage: Int)] = []

  /// Follows what some ports are made from back to its beginnings.
  ///
  /// - Complexity: O(stages + their inputs).
  init(of graph: Graph, ports: [(node: Int, port: Int)]) {
    self.graph = graph
    numbers = StageNumbers(of: graph.nodes)
    isNeeded = Array(repeating: false, count: numbers.count)
    for (node, port) in ports { need(port: port, of: node) }
    while let (node, stage) = stack.popLast() { needInputs(of: stage, in: node) }
  }

  /// Whether somebody reads what a stage of a node gives.
  subscript(node: Int, stage: Int) -> Bool { isNeeded[numbers[node, stage]] }

  private mutating func need(_ stage: Int, of node: Int) {
    guard !self[node, stage] else { return }
    isNeeded[numbers[node, stage]] = true
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
    let stages = node.shape.stages
    for input in stages[number].inputs {
      switch input.source {
      case .stage(let stage, _), .previous(let stage, _): need(stage, of: index)
      case .input(let input):
        let input = node.inputs[input]
        if input.node >= 0 { need(portNamed: input.port, of: input.node) }
      case .port(let input, let port): need(portNamed: port, of: node.inputs[input].node)
      }
    }
    // Stages are asked where they lie: a copy would count each of their parts.
    for initial in stages.indices where stages[initial].initialOf?.stage == number {
      need(initial, of: index)
    }
  }
}
