extension Plan {
  /// Expands a graph into tasks.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - fusing: Whether straight chains become one task each.
  ///   - keeping: Ports whose values must stay values of the tables, besides outputs and metrics.
  ///   - limit: The most tasks of a step, and a sixty-fourth of the most values that they read.
  /// - Throws: `Diagnostic` where a step passes the limit.
  /// - Complexity: O(tasks + uses).
  public init(
    expanding graph: Graph, fusing: Bool = true, keeping: [Graph.PortReference] = [],
    limit: Int = 1_000_000
  ) throws(Diagnostic) {
    var expansion = Expansion(graph: graph, keeping: keeping)
    try expansion.number(limit: limit)
    expansion.emit()
    for (port, number) in expansion.pinnedPorts {
      expansion.pin(expansion.addresses.port(number, of: port))
    }
    // What steps and outputs read of the prologue outlives it.
    for use in expansion.step.table.uses where use.time == .once {
      expansion.prologue.table.isPinned[Int(use.value)] = true
    }
    for initial in expansion.initials {
      expansion.prologue.table.isPinned[initial.prologue] = true
    }
    self.graph = graph
    self.keeping = keeping
    prologue = expansion.prologue
    culled = graph.nodes.indices.filter { !expansion.isNeeded[$0] }
    guard fusing else {
      step = expansion.step
      initials = expansion.initials
      addresses = expansion.addresses
      return
    }
    let map: [Int]
    (step, map) = fuse(expansion.step, keeping: expansion.initials.map(\.step))
    initials = expansion.initials.map { Initial(prologue: $0.prologue, step: map[$0.step]) }
    expansion.addresses.renumberSteps(map)
    addresses = expansion.addresses
  }
}

/// Makes the tables of a plan from a graph: numbers every task first, since states refer forward, then writes them down.
struct Expansion {
  let graph: Graph
  let isNeeded: [Bool]
  /// By node and stage, whether somebody reads what it gives.
  let isStageNeeded: [[Bool]]
  /// Ports whose values the run itself wants, by number.
  let pinnedPorts: [(node: Int, port: Int)]
  var prologue = Plan.Tasks()
  var step = Plan.Tasks()
  var initials: [Plan.Initial] = []
  var addresses: PlanAddresses

  /// Where the tasks and values of a stage are.
  struct Root {
    var inPrologue = false
    /// The first output of the root task at place 0.
    var first = 0
    /// How far the values of neighbouring places lie apart.
    var stride = 0
    /// For a stage that folds through a tree.
    var tree: FoldTree?

    /// The first output of the root task at a place.
    func value(at place: Int) -> Int { first + place * stride }
  }

  /// By node and stage.
  var roots: [[Root]] = []

  init(graph: Graph, keeping: [Graph.PortReference]) {
    self.graph = graph
    isNeeded = Expansion.needed(in: graph, keeping: keeping)
    addresses = PlanAddresses(of: graph.nodes)
    var ports: [(node: Int, port: Int)] = []
    for reference in graph.outputs.map(\.port) + keeping {
      let all = graph.nodes[reference.node].shape.ports
      guard let port = all.firstIndex(where: { $0.name == reference.port }) else { continue }
      ports.append((reference.node, port))
    }
    for (index, node) in graph.nodes.enumerated() {
      if node.operation.isReported { ports += node.shape.ports.indices.map { (index, $0) } }
      if node.operation.isState { ports.append((index, 0)) }
      // The training loss is reported step by step.
      guard node.operation.name == "gradient", isNeeded[index] else { continue }
      if let loss = node.shape.ports.firstIndex(where: { $0.name == "loss" }) {
        ports.append((index, loss))
      }
    }
    pinnedPorts = ports
    if Expansion.wanted(in: graph, keeping: keeping).isEmpty {
      for (index, node) in graph.nodes.enumerated() {
        ports += node.shape.ports.indices.map { (index, $0) }
      }
    }
    isStageNeeded = StageNeeds(of: graph, ports: ports).isNeeded
  }

  /// By node, whether an output, an evaluation, a state or `keeping` needs it.
  ///
  /// - Complexity: O(nodes + references).
  static func needed(in graph: Graph, keeping: [Graph.PortReference] = []) -> [Bool] {
    let wanted = wanted(in: graph, keeping: keeping)
    return reachable(from: wanted.isEmpty ? Array(graph.nodes.indices) : wanted, in: graph)
  }

  /// The nodes that the run itself wants; none where the graph leaves it open, which means all.
  private static func wanted(in graph: Graph, keeping: [Graph.PortReference]) -> [Int] {
    graph.outputs.map(\.port.node) + keeping.map(\.node)
      + graph.nodes.indices.filter {
        graph.nodes[$0].operation.isReported || graph.nodes[$0].operation.isState
      }
  }

  private static func reachable(from wanted: [Int], in graph: Graph) -> [Bool] {
    var isNeeded = [Bool](repeating: false, count: graph.nodes.count)
    var stack = wanted
    while let index = stack.popLast() {
      if isNeeded[index] { continue }
      isNeeded[index] = true
      let node = graph.nodes[index]
      stack += node.inputs.map(\.node).filter { $0 >= 0 }
      if let next = node.next { stack.append(next.node) }
    }
    return isNeeded
  }

  // MARK: Numbering

  /// Gives every task and value its number, in the order in which `emit` writes them.
  mutating func number(limit: Int) throws(Diagnostic) {
    roots = Array(repeating: [], count: graph.nodes.count)
    var tasks = [0, 0]
    var values = [0, 0]
    var reads = 0
    for index in graph.order where isNeeded[index] {
      let node = graph.nodes[index]
      for (number, stage) in node.shape.stages.enumerated() {
        guard isStageNeeded[index][number] else {
          roots[index].append(Root())
          continue
        }
        let inPrologue =
          node.clock == .once || node.operation.isState || stage.initialOf != nil
          || stage.isResident
        let table = inPrologue ? 0 : 1
        let places = stage.axes.placeCount
        let tree = stage.treeFanIn.map { fanIn in
          FoldTree(leaves: takenCount(stage.inputs[0], of: node), fanIn: fanIn)
        }
        let size = tree?.taskCount ?? 1
        let (more, overflow) = places.multipliedReportingOverflow(by: size)
        tasks[table] += more
        if overflow || tasks[table] > limit {
          throw Diagnostic(
            "the plan has more than \(limit) tasks a step", at: node.description.position)
        }
        let readLimit = 64 * limit
        for input in stage.inputs {
          let (more, overflow) = places.multipliedReportingOverflow(by: takenCount(input, of: node))
          reads = overflow ? readLimit + 1 : reads + min(more, readLimit + 1)
          guard reads <= readLimit else {
            throw Diagnostic(
              "the plan has more than \(readLimit) reads a step", at: node.description.position)
          }
        }
        let stride = size * stage.outputs.count
        roots[index].append(
          Root(
            inPrologue: inPrologue, first: values[table] + stride - stage.outputs.count,
            stride: stride, tree: tree))
        values[table] += places * stride
      }
    }
    locatePorts()
    locateInitials()
  }

  /// How many values a taken input has a task.
  private func takenCount(_ input: Stage.Input, of node: Graph.Node) -> Int {
    let axes = axes(of: input.source, node)
    return axes.filter { input.taken.contains($0.name) }.placeCount
  }

  func axes(of source: Stage.Source, _ node: Graph.Node) -> [Axis] {
    switch source {
    case .input(let number): node.inputs[number].axes
    case .stage(let number, _), .previous(let number, _): node.shape.stages[number].axes
    case .port(let number, let port): graph.nodes[node.inputs[number].node].port(port)?.axes ?? []
    }
  }

  private mutating func locatePorts() {
    for index in graph.order where isNeeded[index] {
      let node = graph.nodes[index]
      for (number, port) in node.shape.ports.enumerated() {
        var source = port.source.map { (node: index, stage: $0.stage, output: $0.output) }
        if node.operation.isState, number == 0, let next = node.next,
          let target = graph.nodes[next.node].port(next.port)?.source
        {
          source = (next.node, target.stage, target.output)
        }
        guard let source, isStageNeeded[source.node][source.stage] else { continue }
        let root = roots[source.node][source.stage]
        // A state's next version may list the same axes in another order.
        let there = PlaceSelector(
          graph.nodes[source.node].shape.stages[source.stage].axes, taking: [], from: port.axes)
        addresses.locate(
          port: number, of: index, isOnce: root.inPrologue, places: port.axes.placeCount
        ) { root.value(at: there.start(for: $0)) + source.output }
      }
    }
  }

  private mutating func locateInitials() {
    for index in graph.order where isNeeded[index] {
      let node = graph.nodes[index]
      for (number, stage) in node.shape.stages.enumerated() {
        guard let target = stage.initialOf, isStageNeeded[index][number] else { continue }
        for place in 0..<stage.axes.placeCount {
          initials.append(
            Plan.Initial(
              prologue: roots[index][number].value(at: place),
              step: roots[index][target.stage].value(at: place) + target.output))
        }
      }
      guard node.operation.isState, node.next != nil, let source = node.shape.ports[0].source,
        isStageNeeded[index][source.stage]
      else { continue }
      let axes = node.shape.ports[0].axes
      let there = PlaceSelector(
        node.shape.stages[source.stage].axes, taking: [], from: axes)
      for place in 0..<axes.placeCount {
        guard case .step(let value)? = addresses.address(port: 0, of: index, place: place)
        else { continue }
        let initial = roots[index][source.stage].value(at: there.start(for: place))
        initials.append(Plan.Initial(prologue: initial + source.output, step: value))
      }
    }
  }

  /// Keeps the values of a port until the run has been told of them.
  mutating func pin(_ port: PlanAddresses.Port) {
    for index in port.start..<port.start + port.count {
      let value = Int(addresses.values[index])
      if port.isOnce {
        prologue.table.isPinned[value] = true
      } else {
        step.table.isPinned[value] = true
      }
    }
  }
}
