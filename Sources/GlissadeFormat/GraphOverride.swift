public import GlissadeGraph

/// Changes one value of a description from the command line: `--set nodes.step.optimizer.rate=0.05`.
///
/// The left side is a path with dots: `name`, `seed`, or what leads into `nodes`, `run`, `outputs` or `needs`. A number
/// picks an item of a list (`nodes.score.metrics.0`), from 0. Where a key holds a dot itself (`outputs.step.state`),
/// the longest key that is there wins. The right side is one YAML value. Parts of a path may be new, so that an option can
/// be set that the file leaves out: what leads to it becomes a map.
public enum GraphOverride {
  /// The file name of positions inside assignments: each stands on a line of its own, in their order.
  public static let positionFile = "--set"

  /// Applies several assignments, one after another.
  ///
  /// On errors, which are those of all of them, the description is as before.
  public static func apply(
    _ assignments: [String], to graph: inout GraphDescription
  ) throws(GraphError) {
    var changed = graph
    var problems: [Diagnostic] = []
    var line = 1
    for assignment in assignments {
      do throws(GraphError) { try apply(assignment, to: &changed, line: line) } catch {
        problems += error.diagnostics
      }
      line += 1 + assignment.unicodeScalars.count { $0 == "\n" }
    }
    guard problems.isEmpty else { throw GraphError(problems) }
    graph = changed
  }

  /// The text that positions in assignments point into.
  public static func text(of assignments: [String]) -> String {
    assignments.joined(separator: "\n")
  }

  /// Applies `PATH=VALUE`, which stands on a line of all assignments.
  ///
  /// On an error the description is as before.
  public static func apply(
    _ assignment: String, to graph: inout GraphDescription, line: Int = 1
  ) throws(GraphError) {
    var changed = graph
    try apply(OverridePath(assignment, line: line), to: &changed)
    graph = changed
  }

  private static func apply(
    _ path: OverridePath, to graph: inout GraphDescription
  ) throws(GraphError) {
    let first = path.parts[0]
    switch first.text {
    case "name":
      try path.refuseRest(from: 1)
      let value = try path.value()
      guard let name = OutlineReader.graphName(value) else {
        throw error(OutlineReader.graphNameRule + ", found \(value.phrase)", at: value.position)
      }
      graph.name = name
    case "seed":
      try path.refuseRest(from: 1)
      if let seed = UInt64(path.valueText) {
        graph.seed = seed
      } else {
        let value = try path.value()
        guard let seed = value.integer.flatMap(UInt64.init(exactly:)) else {
          throw error(OutlineReader.seedRule + ", found \(value.phrase)", at: value.position)
        }
        graph.seed = seed
      }
    case "nodes": try set(path, from: 1, in: &graph.nodes)
    case "run": try setSection(path, in: &graph.run, newKeyParts: 1)
    case "outputs":
      lengthen(&graph.outputs, for: path)
      try setSection(path, in: &graph.outputs, newKeyParts: 2)
    case "needs":
      // Operations' names hold any number of dots.
      try setSection(path, in: &graph.needs, newKeyParts: .max)
      for entry in graph.needs where entry.value.integer == nil {
        throw error(
          "the version of '\(escaped(entry.key))' must be a whole number, "
            + "found \(entry.value.phrase)", at: entry.value.position)
      }
    default:
      throw error(
        "a graph has no '\(escaped(first.text))' that can be set: there are name, seed, nodes, "
          + "run, outputs and needs", at: first.position,
        hint: suggestion(
          for: first.text, among: ["name", "seed", "nodes", "run", "outputs", "needs"]))
    }
  }

  /// Writes the output that a path leads into as a map, where it is the name of its file alone.
  private static func lengthen(_ outputs: inout [AttributeEntry], for path: OverridePath) {
    guard path.parts.count > 2, let last = path.parts.last,
      RunSettings.outputSpecs.contains(where: { $0.name == last.text }),
      let index = outputs.firstIndex(where: {
        $0.key == path.key(1, count: path.parts.count - 2)
      }), outputs[index].value.text != nil
    else { return }
    let value = outputs[index].value
    outputs[index].value = AttributeValue(
      .map([AttributeEntry("file", value, at: value.position)]), at: value.position)
  }

  private static func setSection(
    _ path: OverridePath, in entries: inout [AttributeEntry], newKeyParts: Int
  ) throws(GraphError) {
    guard path.parts.count > 1 else {
      let value = try path.value()
      guard let map = value.map else {
        throw error(
          "'\(path.parts[0].text)' must be a map, found \(value.phrase)", at: value.position)
      }
      entries = map
      return
    }
    try set(path, from: 1, in: &entries, newKeyParts: newKeyParts)
  }

  /// Sets an attribute of a node.
  ///
  /// Recursion goes as deep as bodies nest.
  private static func set(
    _ path: OverridePath, from start: Int, in nodes: inout [NodeDescription]
  ) throws(GraphError) {
    guard path.parts.count > start + 1 else {
      throw error(
        "a node's attribute can be set, not a whole node: write "
          + "'\(path.text(upTo: start)).NODE.ATTRIBUTE=VALUE'",
        at: path.parts[path.parts.count - 1].position)
    }
    let name = path.parts[start]
    guard let index = nodes.firstIndex(where: { $0.name == name.text }) else {
      let hint = suggestion(for: name.text, among: nodes.map(\.name))
      throw error(
        "there is no node '\(escaped(name.text))' in '\(path.text(upTo: start))'"
          + (hint == nil ? ": the nodes are \(listed(nodes.map(\.name)))" : ""),
        at: name.position, hint: hint)
    }
    switch path.parts[start + 1].text {
    case "op":
      try path.refuseRest(from: start + 2)
      let value = try path.value()
      guard let operation = value.text, isName(operation, dotted: true) else {
        throw error("an operation is a name, found \(value.phrase)", at: value.position)
      }
      nodes[index].operation = operation
      nodes[index].operationPosition = value.position
    case "nodes":
      guard var body = nodes[index].body else {
        throw error(
          "the node '\(name.text)' has no body", at: path.parts[start + 1].position)
      }
      try set(path, from: start + 2, in: &body)
      nodes[index].body = body
    default:
      try set(path, from: start + 1, in: &nodes[index].attributes, newKeyParts: 1)
    }
  }

  /// Sets what the parts from `start` on lead to.
  ///
  /// Recursion goes as deep as the path, which has at most 128 parts.
  private static func set(
    _ path: OverridePath, from start: Int, in entries: inout [AttributeEntry], newKeyParts: Int
  ) throws(GraphError) {
    let left = path.parts.count - start
    for count in stride(from: left, through: 1, by: -1) {
      let key = path.key(start, count: count)
      guard let index = entries.firstIndex(where: { $0.key == key }) else { continue }
      try set(path, from: start + count, in: &entries[index].value)
      return
    }
    let own = min(left, newKeyParts)
    let key = path.key(start, count: own)
    let length = key.unicodeScalars.count
    guard (1...GraphLimits.standard.keyLength).contains(length) else {
      throw error(
        "a key has \(length) characters, and the limit is \(GraphLimits.standard.keyLength)",
        at: path.parts[start].position)
    }
    var value = AttributeValue(.map([]), at: path.parts[start].position)
    try set(path, from: start + own, in: &value)
    entries.append(AttributeEntry(key, value, at: path.parts[start].position))
  }

  private static func set(
    _ path: OverridePath, from start: Int, in value: inout AttributeValue
  ) throws(GraphError) {
    guard start < path.parts.count else {
      value = try path.value()
      return
    }
    let part = path.parts[start]
    switch value.content {
    case .map(var entries):
      try set(path, from: start, in: &entries, newKeyParts: 1)
      value.content = .map(entries)
    case .list(var items):
      guard let index = Int(part.text), items.indices.contains(index) else {
        throw error(
          "'\(path.text(upTo: start))' is a list of \(items.count), counted from 0: it has no "
            + "'\(escaped(part.text))'", at: part.position)
      }
      try set(path, from: start + 1, in: &items[index])
      value.content = .list(items)
    default:
      var message =
        "'\(path.text(upTo: start))' is \(value.phrase), and '\(escaped(part.text))' cannot stand "
        + "within it"
      if let word = value.text, isName(word) {
        message +=
          "; where that is short for a map, write the map: "
          + "\(path.text(upTo: start))={ kind: \(word), \(escaped(part.text)): … }"
      }
      throw error(message, at: part.position)
    }
  }

  private static func error(
    _ message: String, at position: SourcePosition?, hint: String? = nil
  ) -> GraphError {
    GraphError(Diagnostic(message, at: position, hint: hint))
  }
}
