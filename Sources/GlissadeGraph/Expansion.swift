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
    let pinned = expansion.pinnedPorts
    var step = expansion.step
    var map = Array(0..<step.table.valueCount)
    for key in expansion.keys(of: pinned) {
      if case .step(let value)? = expansion.addresses[key] { step.table.isPinned[value] = true }
    }
    if fusing { (step, map) = fuse(step, keeping: expansion.initials.map(\.step)) }
    self.graph = graph
    // What steps and outputs read of the prologue outlives it.
    var prologue = expansion.prologue
    for use in step.table.uses where use.time == .once {
      prologue.table.isPinned[Int(use.value)] = true
    }
    for initial in expansion.initials { prologue.table.isPinned[initial.prologue] = true }
    for key in expansion.keys(of: pinned) {
      if case .once(let value)? = expansion.addresses[key] { prologue.table.isPinned[value] = true }
    }
    self.prologue = prologue
    self.step = step
    initials = expansion.initials.map { Initial(prologue: $0.prologue, step: map[$0.step]) }
    culled = graph.nodes.indices.filter { !expansion.isNeeded[$0] }
    addresses = expansion.addresses.compactMapValues { address in
      guard case .step(let value) = address else { return address }
      return map[value] < 0 ? nil : .step(map[value])
    }
  }
}

/// Makes the tables of a plan from a graph: numbers every task first, since states refer forward, then writes them down.
struct Expansion {
  let graph: Graph
  let isNeeded: [Bool]
  let pinnedPorts: [Graph.PortReference]
  var prologue = Plan.Tasks()
  var step = Plan.Tasks()
  var initials: [Plan.Initial] = []
  var addresses: [Plan.PlaceKey: Plan.Address] = [:]

  /// Where the tasks and values of a stage are.
  private struct Place {
    var inPrologue = false
    /// The value that is the first output at place 0.
    var valueStart: [Int] = []
  }

  /// For each node and stage: the first value of the root task at each place.
  private var roots: [[Place]] = []
  private var trees: [[FoldTree?]] = []

  init(graph: Graph, keeping: [Graph.PortReference]) {
    self.graph = graph
    let reported = graph.nodes.indices.filter { graph.nodes[$0].operation.isReported }
    let states = graph.nodes.indices.filter { graph.nodes[$0].operation.isState }
    isNeeded = Expansion.needed(in: graph, keeping: keeping)
    var ports = graph.outputs.map(\.port) + keeping
    for index in reported {
      ports += graph.nodes[index].shape.ports.map {
        Graph.PortReference(node: index, port: $0.name)
      }
    }
    for index in states {
      ports.append(Graph.PortReference(node: index, port: graph.nodes[index].shape.ports[0].name))
    }
    // The training loss is reported step by step.
    for (index, node) in graph.nodes.enumerated()
    where node.operation.name == "gradient" && isNeeded[index] {
      ports.append(Graph.PortReference(node: index, port: "loss"))
    }
    pinnedPorts = ports
  }

  /// By node, whether an output, an evaluation, a state or `keeping` needs it.
  ///
  /// - Complexity: O(nodes + references).
  static func needed(in graph: Graph, keeping: [Graph.PortReference] = []) -> [Bool] {
    var wanted = graph.outputs.map(\.port.node) + keeping.map(\.node)
    wanted += graph.nodes.indices.filter {
      graph.nodes[$0].operation.isReported || graph.nodes[$0].operation.isState
    }
    if wanted.isEmpty { wanted = Array(graph.nodes.indices) }
    return reachable(from: wanted, in: graph)
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

  func keys(of ports: [Graph.PortReference]) -> [Plan.PlaceKey] {
    ports.flatMap { reference -> [Plan.PlaceKey] in
      let port = graph.nodes[reference.node].port(reference.port)
      return (0..<(port?.axes.placeCount ?? 0)).map {
        Plan.PlaceKey(node: reference.node, port: reference.port, place: $0)
      }
    }
  }

  // MARK: Numbering

  /// Gives every task and value its number, in the order in which `emit` writes them.
  mutating func number(limit: Int) throws(Diagnostic) {
    roots = graph.nodes.map { $0.shape.stages.map { _ in Place() } }
    trees = graph.nodes.map { $0.shape.stages.map { _ in nil } }
    var tasks = [0, 0]
    var values = [0, 0]
    var reads = 0
    for index in graph.order where isNeeded[index] {
      let node = graph.nodes[index]
      for (number, stage) in node.shape.stages.enumerated() {
        let inPrologue = node.clock == .once || node.operation.isState || stage.initialOf != nil
        let table = inPrologue ? 0 : 1
        let places = stage.axes.placeCount
        let tree = stage.treeFanIn.map { fanIn in
          FoldTree(leaves: takenCount(stage.inputs[0], of: node), fanIn: fanIn)
        }
        trees[index][number] = tree
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
        var starts: [Int] = []
        starts.reserveCapacity(places)
        for _ in 0..<places {
          starts.append(values[table] + (size - 1) * stage.outputs.count)
          values[table] += size * stage.outputs.count
        }
        roots[index][number] = Place(inPrologue: inPrologue, valueStart: starts)
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

  private func axes(of source: Stage.Source, _ node: Graph.Node) -> [Axis] {
    switch source {
    case .input(let number): node.inputs[number].axes
    case .stage(let number, _), .previous(let number, _): node.shape.stages[number].axes
    }
  }

  private mutating func locatePorts() {
    for index in graph.order where isNeeded[index] {
      let node = graph.nodes[index]
      for port in node.shape.ports {
        var source = port.source.map { (node: index, stage: $0.stage, output: $0.output) }
        if node.operation.isState, port.name == node.shape.ports[0].name, let next = node.next,
          let target = graph.nodes[next.node].port(next.port)?.source
        {
          source = (next.node, target.stage, target.output)
        }
        guard let source else { continue }
        let root = roots[source.node][source.stage]
        for place in 0..<port.axes.placeCount {
          // A state's next version may list the same axes in another order.
          let there = port.axes.matching(
            place, in: graph.nodes[source.node].shape.stages[source.stage].axes)
          let value = root.valueStart[there] + source.output
          addresses[Plan.PlaceKey(node: index, port: port.name, place: place)] =
            root.inPrologue ? .once(value) : .step(value)
        }
      }
    }
  }

  private mutating func locateInitials() {
    for index in graph.order where isNeeded[index] {
      let node = graph.nodes[index]
      for (number, stage) in node.shape.stages.enumerated() {
        guard let target = stage.initialOf else { continue }
        for place in 0..<stage.axes.placeCount {
          initials.append(
            Plan.Initial(
              prologue: roots[index][number].valueStart[place],
              step: roots[index][target.stage].valueStart[place] + target.output))
        }
      }
      guard node.operation.isState, node.next != nil, let source = node.shape.ports[0].source
      else { continue }
      let port = node.shape.ports[0]
      for place in 0..<port.axes.placeCount {
        let key = Plan.PlaceKey(node: index, port: port.name, place: place)
        guard case .step(let value)? = addresses[key] else { continue }
        let initial = roots[index][source.stage].valueStart[
          port.axes.matching(place, in: node.shape.stages[source.stage].axes)]
        initials.append(Plan.Initial(prologue: initial + source.output, step: value))
      }
    }
  }

  // MARK: Writing

  mutating func emit() {
    for index in graph.order where isNeeded[index] {
      for number in graph.nodes[index].shape.stages.indices { emit(index, number) }
    }
  }

  private mutating func emit(_ index: Int, _ number: Int) {
    let node = graph.nodes[index]
    let stage = node.shape.stages[number]
    let inPrologue = roots[index][number].inPrologue
    let selectors = stage.inputs.map { input in
      PlaceSelector(axes(of: input.source, node), taking: input.taken, from: stage.axes)
    }
    var period = 1
    if case .every(let steps) = node.clock { period = steps }
    for place in 0..<stage.axes.placeCount {
      var uses: [[ValueUse]] = []
      for (input, selector) in zip(stage.inputs, selectors) {
        uses.append(
          selector.places(for: place).map {
            use(input.source, place: $0, by: index, inPrologue: inPrologue)
          })
      }
      let bytes = stage.outputs.map { $0[place].byteCount }
      if let tree = trees[index][number] {
        let first = roots[index][number].valueStart[place] - (tree.taskCount - 1) * bytes.count
        for part in 0..<tree.taskCount {
          let folded = tree.children(of: part).map { child -> ValueUse in
            switch child {
            case .leaf(let leaf): uses[0][leaf]
            case .task(let task): ValueUse(first + task * bytes.count)
            }
          }
          append(
            uses: [folded] + uses.dropFirst(), outputs: bytes, stage: stage, period: period,
            member: (index, number, place, part, part == tree.taskCount - 1),
            inPrologue: inPrologue)
        }
      } else {
        append(
          uses: uses, outputs: bytes, stage: stage, period: period,
          member: (index, number, place, 0, true), inPrologue: inPrologue)
      }
    }
  }

  private mutating func append(
    uses: [[ValueUse]], outputs: [Int], stage: Stage, period: Int,
    member: (node: Int, stage: Int, place: Int, part: Int, isRoot: Bool), inPrologue: Bool
  ) {
    let flat = Array(uses.joined())
    func add(_ tasks: inout Plan.Tasks) {
      tasks.table.append(
        uses: flat, outputs: outputs, workspace: stage.workspace, period: period,
        cost: Float(stage.cost.seconds))
      tasks.members.append(
        Plan.Member(
          node: Int32(member.node), stage: Int16(member.stage), isRoot: member.isRoot,
          place: Int32(member.place), part: Int32(member.part),
          firstInput: Int32(tasks.inputs.count), inputCount: Int32(flat.count),
          outputCount: Int32(outputs.count)))
      tasks.memberStart.append(Int32(tasks.members.count))
      tasks.inputs.append(contentsOf: 0..<Int32(flat.count))
    }
    if inPrologue { add(&prologue) } else { add(&step) }
  }

  /// How a task of a node reads one value.
  private func use(
    _ source: Stage.Source, place: Int, by reader: Int, inPrologue: Bool
  ) -> ValueUse {
    switch source {
    case .stage(let number, let output):
      let root = roots[reader][number]
      let time: ValueUse.Time = root.inPrologue && !inPrologue ? .once : .step
      return ValueUse(root.valueStart[place] + output, time: time)
    case .previous(let number, let output):
      return ValueUse(roots[reader][number].valueStart[place] + output, lag: 1, floor: -1)
    case .input(let number):
      return use(
        graph.nodes[reader].inputs[number], place: place, by: graph.nodes[reader], inPrologue)
    }
  }

  private func use(
    _ input: NodeInput, place: Int, by reader: Graph.Node, _ inPrologue: Bool
  ) -> ValueUse {
    let node = graph.nodes[input.node]
    let key = Plan.PlaceKey(node: input.node, port: input.port, place: place)
    switch addresses[key] {
    case .once(let value)?: return ValueUse(value, time: inPrologue ? .step : .once)
    case .step(let value)?:
      if inPrologue, node.operation.isState, let source = node.shape.ports[0].source {
        return ValueUse(roots[input.node][source.stage].valueStart[place] + source.output)
      }
      if node.operation.isState, node.next != nil {
        var after = 1
        if case .every = reader.clock { after = 0 }
        return ValueUse(value, lag: after + input.staleness, floor: -1)
      }
      if case .every(let period) = node.clock {
        // Who runs at multiples of its clock reads what is made in the same step; all others what is held from before.
        var lag = input.staleness + 1
        if case .every(let own) = reader.clock, own % period == 0 { lag -= 1 }
        if lag > 0 { return ValueUse(value, lag: lag, time: .held) }
      }
      return ValueUse(value, lag: input.staleness)
    case nil:
      preconditionFailure(
        "\(reader.name) reads \(input.nodeName).\(input.port), which has no value")
    }
  }
}
