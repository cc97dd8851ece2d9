import GlissadeTensor

extension Graph {
  /// Checks a description: references, cycles, attributes, axes, shapes and clocks.
  ///
  /// - Parameters:
  ///   - description: What its author wrote.
  ///   - registry: The operations that it may name.
  ///   - baseDirectory: The directory that relative file names start from.
  /// - Throws: `GraphError` with everything that is wrong, in the order of the text.
  /// - Complexity: O(nodes + references), besides what operations do to look at their data.
  public init(
    resolving description: GraphDescription, registry: OperationRegistry,
    baseDirectory: String = "."
  ) throws(GraphError) {
    var resolver = Resolver(
      nodes: description.nodes, registry: registry, baseDirectory: baseDirectory,
      key: RandomKey(seed: description.seed), outer: nil)
    resolver.checkNeeds(description.needs)
    let resolved = try resolver.resolve()
    let settings = try resolver.settings(
      run: description.run, outputs: description.outputs, of: resolved)
    self.init(
      description: description, nodes: resolved.nodes, order: resolved.order, run: settings.run,
      outputs: settings.outputs, notBuilt: resolver.notBuilt)
    self.baseDirectory = baseDirectory
  }
}

/// Turns descriptions of nodes into nodes: names first, then an order, then axes and shapes in that order, then clocks.
struct Resolver {
  let descriptions: [NodeDescription]
  let registry: OperationRegistry
  let baseDirectory: String
  let key: RandomKey
  /// For a body: how names outside it resolve.
  let outer: OuterScope?

  var diagnostics: [Diagnostic] = []
  var notBuilt: [Diagnostic] = []
  var impliedAxes: [String: [Axis]] = [:]
  /// The names that lead to a body: `local.inner`.
  let path: String
  let grown: GrownAxes

  /// The axes that the states of each body took over, by the body's path.
  ///
  /// A body is asked again whenever a body around it is, and goes on from what it knew: from nothing, each level of nesting
  /// would double the work.
  final class GrownAxes {
    var ofStates: [String: [String: [Axis]]] = [:]
  }

  /// The nodes around a body. Closures, so that a body among many nodes costs nothing for those that it does not name.
  struct OuterScope {
    var input: (AttributeChecker.FoundReference, String) -> NodeInput?
    var contains: (String) -> Bool
    var names: () -> [String]
  }

  /// A node whose attributes are checked and whose references are found.
  struct Checked {
    var operation: OperationSpec
    var references: [AttributeChecker.FoundReference]
    /// References of the body to nodes outside it.
    var freeReferences: [AttributeChecker.FoundReference]
  }

  var indices: [String: Int] = [:]
  var checked: [Checked?] = []
  /// Nodes that could not be inferred.
  private var failed: Set<Int> = []
  /// By parameters, the data that others combine with them.
  private var hints: [Int: [Int]] = [:]
  /// The batches of the graph with the steps of their epochs.
  var batches = EpochCounts()
  /// Suggestions look at all names: in a large graph they are made for as many errors as are shown, and a few more.
  private var comparisonsLeft = 4_000_000
  /// The suggestions so far, by what was written.
  private var suggestions: [String: String?] = [:]

  init(
    nodes: [NodeDescription], registry: OperationRegistry, baseDirectory: String, key: RandomKey,
    outer: OuterScope?, path: String = "", grown: GrownAxes = GrownAxes()
  ) {
    self.path = path
    self.grown = grown
    descriptions = nodes
    self.registry = registry
    self.baseDirectory = baseDirectory
    self.key = key
    self.outer = outer
  }

  mutating func checkNeeds(_ needs: [AttributeEntry]) {
    for need in needs {
      guard let wanted = need.value.integer else {
        diagnostics.append(
          Diagnostic(
            "'\(escaped(need.key))' of 'needs' expects a version, a whole number, found \(need.value.phrase)",
            at: need.value.position))
        continue
      }
      switch registry.version(of: need.key) {
      case wanted?: continue
      case let found?:
        diagnostics.append(
          Diagnostic(
            "the graph needs '\(escaped(need.key))' version \(wanted), and this program has version \(found)",
            at: need.value.position))
      case nil:
        diagnostics.append(
          Diagnostic(
            "the graph needs '\(escaped(need.key))' version \(wanted), which this program has not registered",
            at: need.keyPosition))
      }
    }
  }

  // MARK: Names and references

  mutating func resolve() throws(GraphError) -> (nodes: [Graph.Node], order: [Int]) {
    checkAll()
    let order: [Int]
    do { order = try ordered() } catch {
      lookAtSources()
      throw GraphError(error.diagnostics + diagnostics)
    }
    var nodes = [Graph.Node?](repeating: nil, count: descriptions.count)
    for index in order {
      nodes[index] = infer(index, nodes)
      if nodes[index] == nil { failed.insert(index) }
    }
    if !diagnostics.isEmpty { throw GraphError(diagnostics) }
    var result = nodes.compactMap { $0 }
    link(&result)
    if !diagnostics.isEmpty { throw GraphError(diagnostics) }
    result = try withClocks(result, order: order)
    return (result, order)
  }

  private mutating func checkAll() {
    indices.reserveCapacity(descriptions.count)
    checked.reserveCapacity(descriptions.count)
    for (index, node) in descriptions.enumerated() {
      if !isName(node.name) {
        diagnostics.append(
          Diagnostic(
            "'\(escaped(node.name))' cannot name a node: 1 to 128 letters, digits, '_' and '-'",
            at: node.position))
      }
      if indices.updateValue(index, forKey: node.name) != nil {
        diagnostics.append(
          Diagnostic("the node '\(node.name)' is there twice", at: node.position))
      }
    }
    let labelSets = Set(labelSets(of: descriptions).map(Set.init))
    let nodes = descriptions
    for index in nodes.indices {
      var checker = AttributeChecker(labelSets: labelSets)
      let result = check(nodes[index], &checker)
      if !checker.diagnostics.isEmpty { diagnostics += checker.diagnostics }
      if !checker.notBuilt.isEmpty { notBuilt += checker.notBuilt }
      checked.append(checker.diagnostics.isEmpty ? result : nil)
    }
  }

  private func labelSets(of nodes: [NodeDescription]) -> [[String]] {
    var result: [[String]] = []
    for node in nodes {
      for entry in node["axes"]?.map ?? [] {
        if let labels = entry.value.list { result.append(labels.compactMap(\.text)) }
      }
      if let body = node.body { result += labelSets(of: body) }
    }
    return result
  }

  private mutating func check(_ node: NodeDescription, _ checker: inout AttributeChecker)
    -> Checked?
  {
    guard let operation = registry[node.operation] else {
      let hint = suggestion(for: node.operation, among: registry.names)
      diagnostics.append(
        Diagnostic(
          "unknown operation '\(escaped(node.operation))'"
            + (hint == nil ? ": expected one of those that 'glissade ops' lists" : ""),
          at: node.operationPosition ?? node.position, hint: hint))
      return nil
    }
    if !operation.isBuilt {
      notBuilt.append(
        Diagnostic(
          "operation '\(operation.name)' of node '\(node.name)' cannot be run by this version",
          at: node.operationPosition ?? node.position, category: .notBuilt))
    }
    checker.check(
      node.attributes, against: operation.allAttributes, owner: "operation '\(operation.name)'",
      path: "",
      at: node.position)
    guard let body = node.body else {
      if operation.hasBody {
        diagnostics.append(
          Diagnostic("operation '\(operation.name)' needs 'nodes'", at: node.position))
      }
      return Checked(operation: operation, references: checker.references, freeReferences: [])
    }
    guard operation.hasBody else {
      diagnostics.append(
        Diagnostic("operation '\(operation.name)' has no nodes of its own", at: node.position))
      return nil
    }
    let names = Set(body.map(\.name))
    var free: [AttributeChecker.FoundReference] = []
    for inner in body {
      var innerChecker = AttributeChecker(labelSets: checker.labelSets)
      if let result = check(inner, &innerChecker) {
        free += (result.references + result.freeReferences)
          .filter { !names.contains($0.node) }.map { $0.inside("nodes." + inner.name) }
      }
    }
    return Checked(
      operation: operation, references: checker.references.filter { !names.contains($0.node) },
      freeReferences: free)
  }

  // MARK: Order

  /// What must be inferred before a node: all that it reads, but not the next version of a state.
  private mutating func ordered() throws(GraphError) -> [Int] {
    var needs = [[Int]](repeating: [], count: descriptions.count)
    for (index, node) in checked.enumerated() {
      guard let node else { continue }
      for references in [node.references, node.freeReferences] {
        for reference in references where reference.spec.role != .next {
          reference.target = indices[reference.node]
          if let target = reference.target {
            needs[index].append(target)
          } else if !(outer?.contains(reference.node) ?? false) {
            reportUnknown(reference)
          }
        }
      }
      for reference in node.references where reference.spec.role == .next {
        reference.target = indices[reference.node]
        if reference.target == nil { reportUnknown(reference) }
      }
    }
    if diagnostics.isEmpty {
      // Parameters learn their shapes from the data that others combine with them, where that makes no cycle.
      let found = findHints()
      if let order = Resolver.topological(needs, hinted: found) {
        for hint in found { hints[hint.parameters, default: []].append(hint.data) }
        return order
      }
    }
    for cycle in Resolver.cycles(in: needs) {
      diagnostics.append(
        Diagnostic(
          "a cycle: \(pathPhrase(cycle)); only 'next' of parameters may close one",
          at: descriptions[cycle[0]].position))
    }
    throw GraphError(diagnostics)
  }

  /// A cycle by its names, at most 16 of them: `a → b → a`.
  private func pathPhrase(_ cycle: [Int]) -> String {
    var names = cycle.prefix(16).map { descriptions[$0].name }
    if cycle.count > 16 { names.append("… \(cycle.count - 16) more …") }
    return (names + [descriptions[cycle[0]].name]).joined(separator: " → ")
  }

  private mutating func reportUnknown(_ reference: AttributeChecker.FoundReference) {
    reportUnknown(reference.node, "'\(reference.path)' refers to", at: reference.position)
  }

  /// Notes a name that no node has; `subject` is who refers to it.
  mutating func reportUnknown(_ name: String, _ subject: String, at position: SourcePosition?) {
    let hint = nodeSuggestion(for: name)
    let names =
      (outer == nil ? "the nodes are " : "the nodes here are ")
      + listed(descriptions.prefix(9).map(\.name))
    diagnostics.append(
      Diagnostic(
        "\(subject) '\(escaped(name))', and no node has that name"
          + (hint == nil ? ": \(names)" : ""), at: position, hint: hint))
  }

  /// The node that was surely meant.
  mutating func nodeSuggestion(for name: String) -> String? {
    if let known = suggestions[name] { return known }
    guard comparisonsLeft > 0 else { return nil }
    let names = descriptions.map(\.name) + (outer?.names() ?? [])
    comparisonsLeft -= names.count
    let found = suggestion(for: name, among: names)
    suggestions.updateValue(found, forKey: name)
    return found
  }

  /// Pairs of parameters and the data that an operation combines with them.
  private func findHints() -> [(parameters: Int, data: Int)] {
    var result: [(Int, Int)] = []
    var counts: [Int: Int] = [:]
    for node in checked {
      guard let node, let hint = node.operation.dataHint else { continue }
      func target(_ path: String) -> Int? {
        node.references.first { $0.path == path }?.target
      }
      guard let parameters = target(hint.parameters), let data = target(hint.data),
        checked[parameters]?.operation.isState ?? false
      else { continue }
      // A few are enough to learn the shapes from.
      counts[parameters, default: 0] += 1
      if counts[parameters, default: 0] <= 4 { result.append((parameters, data)) }
    }
    return result
  }

  /// Of a graph that has no order: what is wrong with the nodes that read nothing but files.
  private mutating func lookAtSources() {
    diagnostics = []
    for (index, node) in checked.enumerated() {
      guard let node, node.references.isEmpty, node.freeReferences.isEmpty,
        !node.operation.isState, !node.operation.hasBody
      else { continue }
      _ = infer(index, [])
    }
  }

  // MARK: Axes and shapes

  private mutating func infer(_ index: Int, _ nodes: [Graph.Node?]) -> Graph.Node? {
    guard let checked = checked[index] else { return nil }
    // What its shape would be learnt from is wrong itself, and said to be: nothing more is certain.
    if checked.operation.isState, let data = hints[index], data.allSatisfy(failed.contains) {
      return nil
    }
    let description = descriptions[index]
    var inputs: [NodeInput] = []
    var facts: [NodeInput] = []
    for reference in checked.references where reference.spec.role != .next {
      guard let input = input(of: reference, from: description.name, nodes) else { return nil }
      if reference.spec.role == .facts { facts.append(input) } else { inputs.append(input) }
    }
    do {
      let ownAxes = ownAxes(description)
      guard ownAxes.isWithinLimit else {
        throw Diagnostic(
          "\(ownAxes.phrase) has more than \([Axis].placeLimit) places",
          at: (description.attributes.first { $0.key == "axes" })?.keyPosition)
      }
      let body = try resolveBody(description, checked: checked, nodes: nodes, inputs: &inputs)
      let context = NodeContext(
        name: description.name, position: description.position,
        attributes: Attributes(description.attributes, specs: checked.operation.allAttributes),
        inputs: inputs,
        facts: facts, ownAxes: ownAxes, key: key.deriving(description.name),
        baseDirectory: baseDirectory, hintedData: hintedData(for: index, nodes),
        impliedAxes: impliedAxes[description.name] ?? [], body: body,
        entries: description.attributes, specs: checked.operation.allAttributes)
      let shape = try checked.operation.infer(context)
      try checkSize(of: shape, description)
      for reason in shape.notBuilt {
        notBuilt.append(
          Diagnostic(
            "node '\(description.name)': \(reason)", at: description.position, category: .notBuilt))
      }
      return Graph.Node(
        name: description.name, operation: checked.operation, description: description,
        inputs: inputs, facts: facts, shape: shape, clock: .step, body: body, next: nil)
    } catch let diagnostic as Diagnostic {
      diagnostics.append(diagnostic)
    } catch let error as GraphError {
      diagnostics += error.diagnostics
    } catch {
      diagnostics.append(
        Diagnostic("node '\(description.name)': \(error)", at: description.position))
    }
    return nil
  }

  /// Holds what an operation infers against the limits, since plans count its places.
  private func checkSize(of shape: NodeShape, _ description: NodeDescription) throws(Diagnostic) {
    guard !shape.ports.isEmpty else {
      throw Diagnostic("node '\(description.name)' has no ports", at: description.position)
    }
    func check(_ axes: [Axis]) throws(Diagnostic) {
      guard !axes.isWithinLimit else { return }
      throw Diagnostic(
        "node '\(description.name)' has more than \([Axis].placeLimit) places: \(axes.phrase)",
        at: description.position)
    }
    for index in shape.ports.indices { try check(shape.ports[index].axes) }
    for index in shape.stages.indices { try check(shape.stages[index].axes) }
  }

  private mutating func resolveBody(
    _ description: NodeDescription, checked: Checked, nodes: [Graph.Node?],
    inputs: inout [NodeInput]
  ) throws -> Graph? {
    guard let body = description.body else { return nil }
    for reference in checked.freeReferences where reference.spec.role == .value {
      if let input = input(of: reference, from: description.name, nodes) { inputs.append(input) }
    }
    if !diagnostics.isEmpty { throw GraphError([]) }
    let scope = OuterScope(
      input: { [self] reference, reader in
        var copy = self
        return copy.input(of: reference, from: reader, nodes)
      }, contains: { [self] in indices[$0] != nil || outer?.contains($0) ?? false },
      names: { [self] in descriptions.map(\.name) + (outer?.names() ?? []) })
    let path = self.path + "." + description.name
    var implied = self.grown.ofStates[path] ?? [:]
    while true {
      var inner = Resolver(
        nodes: body, registry: registry, baseDirectory: baseDirectory,
        key: key.deriving(description.name), outer: scope, path: path, grown: self.grown)
      inner.impliedAxes = implied
      let resolved = try inner.resolve()
      let grown = Resolver.grownStates(resolved.nodes, implied)
      if grown == implied {
        try inner.checkAxesOfStates(resolved.nodes)
        notBuilt += inner.notBuilt
        return Graph(
          description: GraphDescription(name: description.name, nodes: body), nodes: resolved.nodes,
          order: resolved.order, run: RunSettings(steps: 0, epochSteps: nil, stop: nil),
          outputs: [],
          notBuilt: inner.notBuilt)
      }
      implied = grown
      self.grown.ofStates[path] = grown
    }
  }

  /// The axes that states of a body take over from their updates: each place goes its own way.
  private static func grownStates(
    _ nodes: [Graph.Node], _ implied: [String: [Axis]]
  ) -> [String: [Axis]] {
    var result = implied
    for node in nodes where node.operation.isState {
      guard let next = node.next, let port = nodes[next.node].port(next.port) else { continue }
      // What was implied before and is not there is the operation's refusal, and no reason to ask again.
      let known = node.shape.ports[0].axes + (implied[node.name] ?? [])
      let more = port.axes.filter { axis in !known.contains { $0.name == axis.name } }
      if !more.isEmpty { result[node.name, default: []] += more }
    }
    return result
  }

  private func ownAxes(_ description: NodeDescription) -> [Axis] {
    if let count = description["count"]?.integer { return [Axis(description.name, size: count)] }
    return (description["axes"]?.map ?? []).map { entry in
      if let labels = entry.value.list {
        return Axis(entry.key, labels: labels.compactMap(\.text))
      }
      return Axis(entry.key, size: entry.value.integer ?? 1)
    }
  }

  private func hintedData(for index: Int, _ nodes: [Graph.Node?]) -> [NodeInput] {
    guard descriptions[index].operation == "parameters" else { return [] }
    return (hints[index] ?? []).compactMap { data in
      guard let node = nodes[data], let port = node.shape.ports.first else { return nil }
      return NodeInput(
        path: "", node: data, nodeName: node.name, port: port.name, axes: port.axes,
        specs: port.specs, staleness: 0, role: .facts, position: nil)
    }
  }

  /// What a reference leads to; nil, and an error where the node itself is sound, if that does not fit.
  private mutating func input(
    of reference: AttributeChecker.FoundReference, from reader: String, _ nodes: [Graph.Node?]
  ) -> NodeInput? {
    let name = reference.node
    guard let index = reference.target ?? indices[name] else {
      guard let found = outer?.input(reference, reader) else { return nil }
      return NodeInput(
        path: reference.path, node: -1, nodeName: found.nodeName, port: found.port,
        axes: found.axes, specs: found.specs, staleness: found.staleness, role: found.role,
        position: found.position)
    }
    guard let node = nodes[index] else { return nil }
    let ports = node.shape.ports
    let main = reference.spec.port.flatMap { wanted in ports.first { $0.name == wanted } }
    guard
      let port = reference.port.map({ wanted in ports.first { $0.name == wanted } })
        ?? (main ?? ports.first)
    else {
      let rest = String(reference.port ?? "")
      diagnostics.append(
        Diagnostic(
          "node '\(name)' has no port '\(escaped(rest))'; its ports are \(ports.map(\.name).joined(separator: ", "))",
          at: reference.position,
          hint: suggestion(for: rest, among: ports.map(\.name))))
      return nil
    }
    let kinds = reference.spec.kinds
    if !kinds.isEmpty && !kinds.contains(port.specs.kind) {
      diagnostics.append(
        Diagnostic(
          "'\(reference.path)' expects \(kinds.map(\.description).joined(separator: " or ")), and '\(escaped(reference.text))' gives \(port.specs.kind)",
          at: reference.position))
      return nil
    }
    guard let axes = renamed(port.axes, by: reference) else { return nil }
    return NodeInput(
      path: reference.path, node: index, nodeName: name, port: port.name, axes: axes,
      specs: port.specs, staleness: reference.staleness, role: reference.spec.role,
      orNothing: reference.spec.orNothing, position: reference.position)
  }

  private mutating func renamed(
    _ axes: [Axis], by reference: AttributeChecker.FoundReference
  ) -> [Axis]? {
    if reference.renames.isEmpty, axes.count < 2 { return axes }
    for (old, new) in reference.renames {
      guard axes.contains(where: { $0.name == old }), isName(new) else {
        diagnostics.append(
          Diagnostic(
            "'\(escaped(reference.text))' has no axis '\(escaped(old))' to be renamed; its axes are \(axes.phrase)",
            at: reference.position))
        return nil
      }
    }
    let result = axes.map { axis in
      reference.renames.first { $0.old == axis.name }.map { axis.renamed($0.new) } ?? axis
    }
    guard Set(result.map(\.name)).count == result.count else {
      diagnostics.append(
        Diagnostic(
          "'as' gives two axes of '\(escaped(reference.text))' one name: \(result.phrase)",
          at: reference.position))
      return nil
    }
    return result
  }
}

/// Attributes that every operation, or every one that makes axes, has.
public enum CommonAttributes {
  /// On which steps a node runs.
  public static let every = AttributeSpec(
    "every", .duration(["steps", "epochs"]),
    "The node runs on the multiples and at the end, and holds its value in between.")
  /// The axes that a node makes.
  public static let axes = AttributeSpec("axes", .axes, "The axes that the node makes.")
  /// An axis of the node's own name.
  public static let count = AttributeSpec(
    "count", .integer(1...1_000_000), "The places of an axis named as the node.")
}
