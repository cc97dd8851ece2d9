public import GlissadeGraph

/// Writes descriptions as files that read back equal: `GraphReader.read(GraphWriter.yaml(graph))` is `graph`, if its
/// names, keys and numbers are such as a file may hold (see `GraphLimits`; no number is infinite).
public enum GraphWriter {
  /// The widest line that a node is written on.
  private static let lineWidth = 110
  /// The longest name that the others on its level are aligned to.
  private static let alignedNameLength = 16

  /// As YAML: a node on a line where it fits, its attributes on lines of their own otherwise.
  public static func yaml(_ graph: GraphDescription) -> String {
    var lines = YAMLLines(width: lineWidth)
    lines.add("glissade: \(GraphDescription.languageVersion)", indent: 0)
    lines.add("name: " + YAMLText.scalar(graph.name), indent: 0)
    if graph.seed != 0 { lines.add("seed: \(graph.seed)", indent: 0) }
    if !graph.needs.isEmpty {
      lines.add(AttributeEntry("needs", AttributeValue(.map(graph.needs))), indent: 0)
    }
    add(graph.nodes, to: &lines, indent: 0)
    if !graph.run.isEmpty {
      lines.add(AttributeEntry("run", AttributeValue(.map(graph.run))), indent: 0)
    }
    if !graph.outputs.isEmpty {
      lines.add(AttributeEntry("outputs", AttributeValue(.map(graph.outputs))), indent: 0)
    }
    return lines.text
  }

  /// As JSON, two spaces a level.
  public static func json(_ graph: GraphDescription) -> String {
    var members: [JSONText.Member] = [
      .init("glissade", .integer(GraphDescription.languageVersion)),
      .init("name", .text(graph.name)),
    ]
    if graph.seed != 0 { members.append(.init("seed", .unsigned(graph.seed))) }
    if !graph.needs.isEmpty { members.append(.init("needs", JSONText(graph.needs))) }
    members.append(.init("nodes", json(graph.nodes)))
    if !graph.run.isEmpty { members.append(.init("run", JSONText(graph.run))) }
    if !graph.outputs.isEmpty { members.append(.init("outputs", JSONText(graph.outputs))) }
    return JSONText.object(members).written(.pretty) + "\n"
  }

  /// A value as YAML on one line: `{ kind: sgd, rate: 0.1 }`.
  public static func flow(_ value: AttributeValue) -> String { YAMLText.flow(value) }

  /// The lines of `nodes`.
  ///
  /// Recursion goes as deep as bodies nest.
  private static func add(_ nodes: [NodeDescription], to lines: inout YAMLLines, indent: Int) {
    if nodes.isEmpty {
      lines.add("nodes: {}", indent: indent)
      return
    }
    lines.add("nodes:", indent: indent)
    let lengths = nodes.map { YAMLText.scalar($0.name).count }
    let column = 2 + (lengths.filter { $0 <= alignedNameLength }.max() ?? 0)
    for node in nodes {
      let key = YAMLText.scalar(node.name) + ":"
      let entries = [AttributeEntry("op", AttributeValue(.text(node.operation)))] + node.attributes
      let gap = String(repeating: " ", count: max(1, column - key.count))
      if node.body == nil, lines.addIfFits(key + gap, entries, indent: indent + 2) { continue }
      lines.add(key, indent: indent + 2)
      for entry in entries { lines.add(entry, indent: indent + 4) }
      if let body = node.body { add(body, to: &lines, indent: indent + 4) }
    }
  }

  private static func json(_ nodes: [NodeDescription]) -> JSONText {
    .object(
      nodes.map { node in
        var members: [JSONText.Member] = [.init("op", .text(node.operation))]
        members += node.attributes.map { .init($0.key, JSONText($0.value)) }
        if let body = node.body { members.append(.init("nodes", json(body))) }
        return .init(node.name, .object(members))
      })
  }
}

extension JSONText {
  /// The same as JSON.
  ///
  /// Recursion goes as deep as the value, which a file bounds at 64.
  public init(_ value: AttributeValue) {
    self =
      switch value.content {
      case .null: .null
      case .boolean(let value): .boolean(value)
      case .integer(let value): .integer(value)
      case .number(let value): .number(value)
      case .text(let value): .text(value)
      case .list(let items): .list(items.map { JSONText($0) })
      case .map(let entries): JSONText(entries)
      }
  }

  /// A map as JSON.
  init(_ entries: [AttributeEntry]) {
    self = .object(entries.map { Member($0.key, JSONText($0.value)) })
  }
}
