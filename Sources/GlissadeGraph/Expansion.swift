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
    stageNumbers = expansion.stageNeeds.numbers
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
  /// Which stages give what somebody reads.
  let stageNeeds: StageNeeds
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

  /// By number of a stage.
  private var roots: [Root]

  init(graph: Graph, keeping: [Graph.PortReference]) {
    self.graph = graph
    let wanted = Expansion.wanted(in: graph, keeping: keeping)
    isNeeded = Expansion.needed(by: wanted, in: graph)
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
    if wanted.isEmpty {
      for (index, node) in graph.nodes.enumerated() {
        ports += node.shape.ports.indices.map { (index, $0) }
      }
    }
    stageNeeds = StageNeeds(of: graph, ports: ports)
    roots = Array(repeating: Root(), count: stageNeeds.numbers.count)
  }

  /// Where the tasks and values of a stage of a node are.
  func root(_ node: Int, _ stage: Int) -> Root { roots[stageNeeds.numbers[node, stage]] }

  /// The nodes that the run itself wants; none where the graph leaves it open, which means all.
  private static func wanted(in graph: Graph, keeping: [Graph.PortReference]) -> [Int] {
    graph.outputs.map(\.port.node) + keeping.map(\.node)
      + graph.nodes.indices.filter {
        graph.nodes[$0].operation.isReported || graph.nodes[$0].operation.isState
      }
  }

  /// By node, whether an output, an evaluation or a state needs it.
  static func needed(in graph: Graph) -> [Bool] {
    needed(by: wanted(in: graph, keeping: []), in: graph)
  }

  /// By node, whether one that is wanted needs it; where none is, all are.
  ///
  /// - Complexity: O(nodes + references).
  private static func needed(by wanted: [Int], in graph: Graph) -> [Bool] {
    var isNeeded = [Bool](repeating: false, count: graph.nodes.count)
    var stack = wanted.isEmpty ? Array(graph.nodes.indices) : wanted
    while let index = stack.popLast() {
      if isNeeded[index] { continue }
      isNeeded[index] = true
      let node = graph.nodes[index]
      for input in node.inputs where input.node >= 0 { stack.append(input.node) }
      if let next = node.next { stack.append(next.node) }
    }
    return isNeeded
  }

  // MARK: Numbering

  /// Gives every task and value its number, in the order in which `emit` writes them.
  mutating func number(limit: Int) throws(Diagnostic) {
    var tasks = [0, 0]
    var values = [0, 0]
    var uses = [0, 0]
    for index in graph.order where isNeeded[index] {
      let node = graph.nodes[index]
      // Stages are asked where they lie, here and below: a copy would count each of their parts.
      let stages = node.shape.stages
      for number in stages.indices where stageNeeds[index, number] {
        let inPrologue =
          node.clock == .once || node.operation.isState || stages[number].initialOf != nil
          || stages[number].isResident
        let table = inPrologue ? 0 : 1
        let places = stages[number].axes.placeCount
        let tree = stages[number].treeFanIn.map { fanIn in
          FoldTree(leaves: takenCount(stages[number].inputs[0], of: node), fanIn: fanIn)
        }
        let size = tree?.taskCount ?? 1
        let (more, overflow) = places.multipliedReportingOverflow(by: size)
        tasks[table] += more
        if overflow || tasks[table] > limit {
          throw Diagnostic(
            "the plan has more than \(limit) tasks a step", at: node.description.position)
        }
        let readLimit = 64 * limit
        for input in stages[number].inputs {
          let (more, overflow) = places.multipliedReportingOverflow(by: takenCount(input, of: node))
          uses[table] = overflow ? readLimit + 1 : uses[table] + min(more, readLimit + 1)
          guard uses[0] + uses[1] <= readLimit else {
            throw Diagnostic(
              "the plan has more than \(readLimit) reads a step", at: node.description.position)
          }
        }
        let outputs = stages[number].outputs.count
        let stride = size * outputs
        roots[stageNeeds.numbers[index, number]] = Root(
          inPrologue: inPrologue, first: values[table] + stride - outputs, stride: stride,
          tree: tree)
        values[table] += places * stride
      }
    }
    prologue.reserveCapacity(tasks: tasks[0], values: values[0], uses: uses[0])
    step.reserveCapacity(tasks: tasks[1], values: values[1], uses: uses[1])
    locatePorts()
    locateInitials()
  }

  /// How many values a taken input has a task.
  private func takenCount(_ input: Stage.Input, of node: Graph.Node) -> Int {
    if input.taken.isEmpty { return 1 }
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
      let ports = node.shape.ports
      for number in ports.indices {
        var source = ports[number].source.map { (node: index, stage: $0.stage, output: $0.output) }
        if node.operation.isState, number == 0, let next = node.next,
          let target = graph.nodes[next.node].port(next.port)?.source
        {
          source = (next.node, target.stage, target.output)
        }
        guard let source, stageNeeds[source.node, source.stage] else { continue }
        let root = root(source.node, source.stage)
        let axes = ports[number].axes
        // A state's next version may list the same axes in another order.
        let there = PlaceSelector(
          graph.nodes[source.node].shape.stages[source.stage].axes, taking: [], from: axes)
        addresses.locate(
          port: number, of: index, isOnce: root.inPrologue, places: axes.placeCount
        ) { root.value(at: there.start(for: $0)) + source.output }
      }
    }
  }

  private mutating func locateInitials() {
    for index in graph.order where isNeeded[index] {
      let node = graph.nodes[index]
      let stages = node.shape.stages
      for number in stages.indices {
        guard let target = stages[number].initialOf, stageNeeds[index, number] else { continue }
        let (initial, next) = (root(index, number), root(index, target.stage))
        for place in 0..<stages[number].axes.placeCount {
          initials.append(
            Plan.Initial(
              prologue: initial.value(at: place), step: next.value(at: place) + target.output))
        }
      }
      guard node.operation.isState, node.next != nil, let source = node.shape.ports[0].source,
        stageNeeds[index, source.stage]
      else { continue }
      let root = root(index, source.stage)
      let axes = node.shape.ports[0].axes
      let there = PlaceSelector(
        stages[source.stage].axes, taking: [], from: axes)
      for place in 0..<axes.placeCount {
        guard case .step(let value)? = addresses.address(port: 0, of: index, place: place)
        else { continue }
        let initial = root.value(at: there.start(for: place))
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
