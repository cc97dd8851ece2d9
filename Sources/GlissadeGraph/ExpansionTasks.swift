/// Writing down the tasks of a plan, once all of them have their numbers.
extension Expansion {
  /// How the tasks of a stage read one of their inputs: settled once, then asked for place after place.
  fileprivate struct Reading {
    /// Where the value of a place is found.
    enum Source {
      /// Those of a stage, at equal distances from the first on.
      case stage(first: Int, stride: Int)
      /// Those of a port, from a place of `PlanAddresses.values` on.
      case port(start: Int)
    }

    var selector: PlaceSelector
    var source: Source
    /// The use, whose value is still missing.
    var use: ValueUse
  }

  /// A stage that is being written.
  private struct Family {
    var node: Int
    var stage: Int
    var workspace: Int
    var cost: Float
    var period: Int
    var inPrologue: Bool
  }

  mutating func emit() {
    for index in graph.order where isNeeded[index] {
      for number in graph.nodes[index].shape.stages.indices where stageNeeds[index, number] {
        emit(index, number)
      }
    }
  }

  private mutating func emit(_ index: Int, _ number: Int) {
    let node = graph.nodes[index]
    let stages = node.shape.stages
    let root = root(index, number)
    var family = Family(
      node: index, stage: number, workspace: stages[number].workspace,
      cost: Float(stages[number].cost.seconds), period: 1, inPrologue: root.inPrologue)
    if case .every(let steps) = node.clock, !stages[number].isResident { family.period = steps }
    let axes = stages[number].axes
    let readings = stages[number].inputs.map { reading($0, of: index, axes, root.inPrologue) }
    let specs = stages[number].outputs
    var outputs = specs.map { $0.first.byteCount }
    let isUniform = specs.allSatisfy(\.isUniform)
    var uses: [ValueUse] = []
    for place in 0..<axes.placeCount {
      if !isUniform, place > 0 { outputs = specs.map { $0[place].byteCount } }
      guard let tree = root.tree else {
        uses.removeAll(keepingCapacity: true)
        for reading in readings { append(to: &uses, reading, at: place) }
        append(uses, outputs, family, place: place, part: 0, isRoot: true)
        continue
      }
      let first = root.value(at: place) - (tree.taskCount - 1) * outputs.count
      for part in 0..<tree.taskCount {
        uses.removeAll(keepingCapacity: true)
        let children = tree.children(of: part)
        if children.areLeaves {
          append(to: &uses, readings[0], at: place, only: children.numbers)
        } else {
          for task in children.numbers { uses.append(ValueUse(first + task * outputs.count)) }
        }
        for reading in readings.dropFirst() { append(to: &uses, reading, at: place) }
        append(uses, outputs, family, place: place, part: part, isRoot: part == tree.taskCount - 1)
      }
    }
  }

  private mutating func append(
    _ uses: [ValueUse], _ outputs: [Int], _ family: Family, place: Int, part: Int, isRoot: Bool
  ) {
    func add(_ tasks: inout Plan.Tasks) {
      tasks.table.append(
        uses: uses, outputs: outputs, workspace: family.workspace, period: family.period,
        cost: family.cost)
      tasks.members.append(
        Plan.Member(
          node: Int32(family.node), stage: Int16(family.stage), isRoot: isRoot,
          place: Int32(place), part: Int32(part), firstInput: Int32(tasks.inputs.count),
          inputCount: Int32(uses.count), outputCount: Int32(outputs.count)))
      tasks.memberStart.append(Int32(tasks.members.count))
      tasks.inputs.append(contentsOf: 0..<Int32(uses.count))
    }
    if family.inPrologue { add(&prologue) } else { add(&step) }
  }

  /// Adds what a task at a place reads of one input: all places that it takes, or some of them.
  private func append(
    to uses: inout [ValueUse], _ reading: Reading, at place: Int, only numbers: Range<Int>? = nil
  ) {
    let offsets = reading.selector.offsets
    let start = reading.selector.start(for: place)
    for number in numbers ?? offsets.indices {
      let source = start + offsets[number]
      var use = reading.use
      switch reading.source {
      case .stage(let first, let stride): use.value = Int32(first + source * stride)
      case .port(let start): use.value = addresses.values[start + source]
      }
      uses.append(use)
    }
  }

  /// How the tasks of a node read one of their inputs.
  private func reading(
    _ input: Stage.Input, of index: Int, _ axes: [Axis], _ inPrologue: Bool
  ) -> Reading {
    let reader = graph.nodes[index]
    let selector = PlaceSelector(
      self.axes(of: input.source, reader), taking: input.taken, from: axes)
    switch input.source {
    case .stage(let number, let output):
      let root = root(index, number)
      let time: ValueUse.Time = root.inPrologue && !inPrologue ? .once : .step
      return Reading(
        selector: selector, source: root.source(output), use: ValueUse(0, time: time))
    case .previous(let number, let output):
      return Reading(
        selector: selector, source: root(index, number).source(output),
        use: ValueUse(0, lag: 1, floor: -1))
    case .input(let number):
      let (source, use) = reading(reader.inputs[number], by: reader, inPrologue)
      return Reading(selector: selector, source: source, use: use)
    case .port(let number, let port):
      let (source, use) = reading(
        reader.inputs[number], port: port, by: reader, inPrologue)
      return Reading(selector: selector, source: source, use: use)
    }
  }

  private func reading(
    _ input: NodeInput, port other: String? = nil, by reader: Graph.Node, _ inPrologue: Bool
  ) -> (Reading.Source, ValueUse) {
    let node = graph.nodes[input.node]
    let name = other ?? input.port
    let number = node.shape.ports.firstIndex { $0.name == name }
    guard let number, addresses.port(number, of: input.node).count > 0 else {
      preconditionFailure(
        "\(reader.name) reads \(input.nodeName).\(name), which has no value")
    }
    let port = addresses.port(number, of: input.node)
    let listed = Reading.Source.port(start: port.start)
    if port.isOnce { return (listed, ValueUse(0, time: inPrologue ? .step : .once)) }
    if inPrologue, node.operation.isState, let source = node.shape.ports[0].source {
      return (root(input.node, source.stage).source(source.output), ValueUse(0))
    }
    if node.operation.isState, node.next != nil {
      var after = 1
      if case .every = reader.clock { after = 0 }
      return (listed, ValueUse(0, lag: after + input.staleness, floor: -1))
    }
    if case .every(let period) = node.clock {
      // Who runs at multiples of its clock reads what is made in the same step; all others what is held from before.
      var lag = input.staleness + 1
      if case .every(let own) = reader.clock, own % period == 0 { lag -= 1 }
      if lag > 0 { return (listed, ValueUse(0, lag: lag, time: .held)) }
    }
    return (listed, ValueUse(0, lag: input.staleness))
  }
}

extension Expansion.Root {
  /// Where readers find an output of the root tasks.
  fileprivate func source(_ output: Int) -> Expansion.Reading.Source {
    .stage(first: first + output, stride: stride)
  }
}
