extension Resolver {
  /// Gives each node its clock, which follows from what it reads.
  mutating func withClocks(_ nodes: [Graph.Node], order: [Int]) throws(GraphError) -> [Graph.Node] {
    var nodes = nodes
    batches = EpochCounts(nodes)
    for index in order {
      let node = nodes[index]
      let clock = clock(of: node, nodes)
      if clock != node.clock { nodes[index] = node.with(clock: clock) }
    }
    for node in nodes {
      for input in node.inputs where input.node >= 0 && input.staleness > 0 {
        guard nodes[input.node].clock == .once else { continue }
        diagnostics.append(
          Diagnostic(
            "'staleness' has no effect: '\(input.nodeName)' does not change from step to step",
            at: input.position))
      }
      checkHeld(node, nodes)
      guard let next = node.next else { continue }
      if nodes[next.node].clock != .step {
        diagnostics.append(
          Diagnostic(
            "'\(nodes[next.node].name)' is the next version of '\(node.name)' and must run in every step",
            at: nodes[next.node].description.position))
      }
    }
    if !diagnostics.isEmpty { throw GraphError(diagnostics) }
    return nodes
  }

  /// What is held is made at the end of its period: who reads it before then finds nothing.
  private mutating func checkHeld(_ reader: Graph.Node, _ nodes: [Graph.Node]) {
    guard !reader.operation.isState else { return }
    for input in reader.inputs where input.node >= 0 && !input.orNothing {
      guard case .every(let period) = nodes[input.node].clock else { continue }
      if input.staleness == 0, case .every(let own) = reader.clock, own % period == 0 { continue }
      let clock = period == 1 ? "at the end of each step" : "every \(period) steps"
      diagnostics.append(
        Diagnostic(
          "'\(input.path)' of '\(reader.name)' reads '\(input.nodeName)', which runs \(clock): there is nothing to read before its first time",
          at: input.position))
    }
  }

  private mutating func clock(of node: Graph.Node, _ nodes: [Graph.Node]) -> NodeClock {
    if node.operation.isState {
      checkState(node, nodes)
      return node.next == nil ? .once : .step
    }
    var changing: NodeClock?
    var areEqual = true
    for input in node.inputs where input.node >= 0 {
      let clock = nodes[input.node].clock
      if clock == .once { continue }
      areEqual = areEqual && (changing == nil || clock == changing)
      changing = changing ?? clock
    }
    if let every = node.description["every"] {
      if changing == nil && !node.operation.isClocked {
        diagnostics.append(
          Diagnostic(
            "'every' has no effect: nothing that '\(node.name)' reads changes", at: every.position))
        return .once
      }
      if node.shape.stages.contains(where: \.readsItself) {
        diagnostics.append(
          Diagnostic(
            "'every' cannot stand at '\(node.name)': what it keeps from step to step moves on in every step",
            at: every.position))
      }
      return steps(of: every).map(NodeClock.every) ?? .step
    }
    if node.operation.isClocked { return .step }
    guard let changing else { return .once }
    // What reads only values that are held in between holds its own.
    if case .every = changing, areEqual { return changing }
    return .step
  }

  /// A state has no clock of its own, and begins before the first step.
  private mutating func checkState(_ node: Graph.Node, _ nodes: [Graph.Node]) {
    if let every = node.description["every"] {
      diagnostics.append(
        Diagnostic(
          "'every' has no effect: '\(node.name)' moves on with its next version",
          at: every.position))
    }
    for input in node.inputs where input.node >= 0 {
      let source = nodes[input.node]
      guard !source.operation.isState, source.clock != .once else { continue }
      diagnostics.append(
        Diagnostic(
          "'\(input.path)' of '\(node.name)' is read before the first step, and '\(source.name)' changes from step to step",
          at: input.position))
    }
  }

  /// The steps of a duration: epochs are those of the batch that it names, or of the only one.
  mutating func steps(of duration: AttributeValue) -> Int? {
    if let steps = duration["steps"]?.integer { return steps }
    guard let epochs = duration["epochs"]?.integer else { return nil }
    guard let epochSteps = epochSteps(of: duration) else { return nil }
    let (steps, overflow) = epochs.multipliedReportingOverflow(by: epochSteps)
    guard !overflow, steps <= 1_000_000_000 else {
      diagnostics.append(
        Diagnostic(
          "\(epochs) epochs of \(epochSteps) steps pass the limit of 1000000000 steps",
          at: duration.position))
      return nil
    }
    return steps
  }

  /// The steps of an epoch: without batches every step sees all rows, and is one.
  mutating func epochSteps(of duration: AttributeValue?) -> Int? {
    if let name = duration?["of"]?.text {
      if let steps = batches.steps[nodeName(name)] { return steps }
      diagnostics.append(
        Diagnostic(
          "'of' expects a batch, and '\(escaped(name))' is none", at: duration?["of"]?.position,
          hint: suggestion(for: name, among: Array(batches.names.prefix(64)))))
      return nil
    }
    // Where no epoch is counted, the longest serves.
    if duration?["epochs"] == nil || batches.areEqual { return batches.longest }
    diagnostics.append(
      Diagnostic(
        "the graph has several batches (\(batches.phrase)): say whose epochs with 'of'",
        at: duration?.position))
    return nil
  }

  // MARK: The settings of a run

  mutating func settings(
    run: [AttributeEntry], outputs: [AttributeEntry],
    of resolved: (nodes: [Graph.Node], order: [Int])
  ) throws(GraphError) -> (run: RunSettings, outputs: [Graph.Output]) {
    let nodes = resolved.nodes
    var checker = AttributeChecker(labelSets: [])
    checker.check(run, against: RunSettings.specs, owner: "'run'", path: "run", at: nil)
    diagnostics += checker.diagnostics
    notBuilt += checker.notBuilt
    if !diagnostics.isEmpty { throw GraphError(diagnostics) }

    let until = run.first { $0.key == "until" }
    let hasSteps = nodes.contains { $0.clock != .once }
    var steps = 0
    if let until { steps = self.steps(of: until.value) ?? 0 }
    if hasSteps && until == nil {
      diagnostics.append(
        Diagnostic(
          "the graph has steps, and 'run' does not say how many: give 'until', such as { epochs: 10 }",
          at: run.first?.keyPosition))
    }
    if !hasSteps, let until {
      diagnostics.append(
        Diagnostic(
          "'until' has no effect: nothing in the graph changes from step to step",
          at: until.keyPosition))
    }
    let stop = run.first { $0.key == "stop" }.flatMap { self.stop($0.value, nodes) }
    let found = outputs.compactMap { output($0, nodes, hasBest: stop?.best != nil) }
    let uses = GraphUses(nodes, outputs: found)
    for (index, node) in nodes.enumerated() {
      if let findUnread = node.operation.findUnread { diagnostics += findUnread(index, uses) }
    }
    if !diagnostics.isEmpty { throw GraphError(diagnostics) }
    let epochSteps = hasSteps ? self.epochSteps(of: until?.value) : nil
    if !diagnostics.isEmpty { throw GraphError(diagnostics) }
    return (
      RunSettings(
        steps: steps, epochSteps: nodes.contains { $0.shape.epochSteps != nil } ? epochSteps : nil,
        stop: stop), found
    )
  }

  private mutating func stop(_ value: AttributeValue, _ nodes: [Graph.Node]) -> RunSettings.Stop? {
    guard let when = value["when"], let text = when.text else { return nil }
    let name = nodeName(text)
    guard let index = indices[name] else {
      reportUnknown(name, "'when' refers to", at: when.position)
      return nil
    }
    let node = nodes[index]
    let metric = String(text.dropFirst(name.count + 1))
    guard node.operation.isReported,
      let port = node.shape.ports.first(where: { $0.name == metric && $0.isMetric })
    else {
      let known = nodes.lazy.filter(\.operation.isReported).flatMap { node in
        node.shape.ports.filter(\.isMetric).map { "\(node.name).\($0.name)" }
      }.prefix(64)
      let expected =
        known.isEmpty
        ? "a metric of an evaluation, and the graph evaluates nothing"
        : "a metric of an evaluation: \(listed(known))"
      diagnostics.append(
        Diagnostic(
          "'when' expects \(expected); found '\(escaped(text))'", at: when.position,
          hint: node.operation.isReported
            ? suggestion(
              for: metric, among: node.shape.ports.filter(\.isMetric).map(\.name)) : nil))
      return nil
    }
    guard port.axes.isEmpty else {
      diagnostics.append(
        Diagnostic(
          "'when' expects a single number, and '\(escaped(text))' is \(port.axes.phrase)",
          at: when.position))
      return nil
    }
    let best = value["best"]?.text.flatMap(RunSettings.Stop.Best.init)
    if best == nil && value["reaches"] == nil {
      diagnostics.append(
        Diagnostic(
          "'stop' expects 'best: greatest' or 'best: least', or a value that it 'reaches'",
          at: value.position))
    }
    for key in ["patience", "minimum-change"] where value[key] != nil && best == nil {
      diagnostics.append(
        Diagnostic("'\(key)' has no effect without 'best'", at: value[key]?.position))
    }
    return RunSettings.Stop(
      node: index, metric: metric, best: best, patience: value["patience"]?.integer,
      minimumChange: value["minimum-change"]?.number ?? 0, reaches: value["reaches"]?.number)
  }

  private mutating func output(
    _ entry: AttributeEntry, _ nodes: [Graph.Node], hasBest: Bool
  ) -> Graph.Output? {
    let name = nodeName(entry.key)
    guard let index = indices[name] else {
      reportUnknown(
        name, "the output '\(escaped(entry.key))' refers to", at: entry.keyPosition)
      return nil
    }
    let rest = entry.key.dropFirst(name.count + 1)
    let ports = nodes[index].shape.ports
    guard let port = rest.isEmpty ? ports.first : ports.first(where: { $0.name == rest }) else {
      diagnostics.append(
        Diagnostic(
          "node '\(name)' has no port '\(escaped(String(rest)))'; its ports are \(ports.map(\.name).joined(separator: ", "))",
          at: entry.keyPosition, hint: suggestion(for: String(rest), among: ports.map(\.name))))
      return nil
    }
    let map: [AttributeEntry]
    if entry.value.text != nil {
      map = [AttributeEntry("file", entry.value)]
    } else if let entries = entry.value.map {
      map = entries
    } else {
      diagnostics.append(
        Diagnostic(
          "the output '\(escaped(entry.key))' expects a file name or a map with 'file', found \(entry.value.phrase)",
          at: entry.value.position))
      return nil
    }
    var checker = AttributeChecker(labelSets: [])
    checker.check(
      map, against: RunSettings.outputSpecs, owner: "the output '\(entry.key)'", path: "",
      at: entry.keyPosition)
    diagnostics += checker.diagnostics
    let attributes = Attributes(map, specs: RunSettings.outputSpecs)
    guard let file = attributes.text("file") else { return nil }
    for axis in port.axes where axis.size > 1 && port.specs.kind != .predictions {
      if !file.contains("{\(axis.name)}") && axis.name != "block" {
        diagnostics.append(
          Diagnostic(
            "the output '\(escaped(entry.key))' is \(port.axes.phrase), so its file name needs {\(axis.name)}",
            at: attributes.position("file")))
      }
    }
    let isBest = attributes.text("version") == "best"
    if isBest && !hasBest {
      diagnostics.append(
        Diagnostic(
          "'version: best' needs 'stop' with 'best' in 'run'", at: attributes.position("version")))
    }
    return Graph.Output(
      name: entry.key, port: Graph.PortReference(node: index, port: port.name), file: file,
      isBest: isBest, columns: attributes.texts("with"),
      columnsPosition: attributes.position("with"),
      filePosition: attributes.position("file"), position: entry.keyPosition)
  }
}

extension NodeShape.Port {
  fileprivate var isMetric: Bool { specs.kind == .number }
}

/// The steps of an epoch, batch by batch.
struct EpochCounts {
  /// The batches, in the order of the graph.
  private(set) var names: [String] = []
  /// By batch, the steps of its epoch.
  private(set) var steps: [String: Int] = [:]
  /// The longest epoch; without batches every step sees all rows, and is one.
  private(set) var longest = 1
  /// Whether all epochs are as long.
  private(set) var areEqual = true

  init() {}

  init(_ nodes: [Graph.Node]) {
    for node in nodes {
      guard let count = node.shape.epochSteps else { continue }
      areEqual = areEqual && (names.isEmpty || count == longest)
      longest = names.isEmpty ? count : max(longest, count)
      names.append(node.name)
      steps[node.name] = count
    }
  }

  /// The names, for errors.
  var phrase: String { listed(names) }
}
