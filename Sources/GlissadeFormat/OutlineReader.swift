internal import GlissadeGraph

/// Turns a tree into a description: the keys of the outline, the names, the operations.
struct OutlineReader {
  private var problems: [Diagnostic]
  private let known: Set<SourcePosition?>
  private let wideSeed: UInt64?
  private let limits: GraphLimits

  /// A reader after a tree was built.
  ///
  /// Places that are wrong already get no second finding.
  init(problems: [Diagnostic], wideSeed: UInt64?, limits: GraphLimits) {
    self.problems = problems
    self.known = Set(problems.map(\.position))
    self.wideSeed = wideSeed
    self.limits = limits
  }

  private static let keys = ["glissade", "name", "seed", "needs", "nodes", "run", "outputs"]

  /// The description in a tree, or all that is wrong with its outline.
  mutating func read(_ root: AttributeValue) throws(GraphError) -> GraphDescription {
    guard let entries = root.map else {
      throw GraphError(
        problems + [
          Diagnostic(
            "a graph is a map with keys such as 'name' and 'nodes', found \(root.phrase)",
            at: root.position)
        ])
    }
    var description = GraphDescription(name: "")
    for entry in entries { read(entry, into: &description) }
    let given = Set(entries.map(\.key))
    let missing = [
      ("glissade", "a graph file says 'glissade: 1'"),
      ("name", "a graph file says 'name: NAME'"),
      ("nodes", "a graph has a map of nodes"),
    ]
    for (key, reason) in missing where !given.contains(key) {
      report("the key '\(key)' is missing: \(reason)", at: root.position)
    }
    guard problems.isEmpty else { throw GraphError(problems) }
    return description
  }

  private mutating func read(_ entry: AttributeEntry, into description: inout GraphDescription) {
    let value = entry.value
    switch entry.key {
    case "glissade":
      if value.integer != GraphDescription.languageVersion {
        report(
          "this version reads graph language \(GraphDescription.languageVersion), "
            + "found \(value.phrase)", at: value.position)
      }
    case "name":
      if let name = Self.graphName(value) {
        description.name = name
      } else {
        report(Self.graphNameRule + ", found \(value.phrase)", at: value.position)
      }
    case "seed":
      if let seed = wideSeed ?? value.integer.flatMap(UInt64.init(exactly:)) {
        description.seed = seed
      } else {
        report(Self.seedRule + ", found \(value.phrase)", at: value.position)
      }
    case "needs": description.needs = needs(value)
    case "nodes": description.nodes = nodes(value)
    case "run", "outputs":
      let entries = section(value, named: entry.key)
      if entry.key == "run" { description.run = entries } else { description.outputs = entries }
    default:
      report(
        "unknown key '\(escaped(entry.key))': a graph has \(Self.keys.joined(separator: ", "))",
        at: entry.keyPosition, hint: suggestion(for: entry.key, among: Self.keys))
    }
  }

  /// What a graph's name must be.
  static let graphNameRule =
    "the name of a graph has 1 to 128 letters, digits, '-', '_' and dots, and no dot in front"
  /// What a seed must be.
  static let seedRule = "the seed is a whole number from 0 to \(UInt64.max)"

  /// The name in a value, if it may name a graph.
  ///
  /// A dot in front would make a hidden or a parent directory of `runs/NAME`.
  static func graphName(_ value: AttributeValue) -> String? {
    guard let name = value.text, isName(name, dotted: true), !name.hasPrefix(".") else {
      return nil
    }
    return name
  }

  /// The entries of a section that may be left empty.
  private mutating func section(_ value: AttributeValue, named key: String) -> [AttributeEntry] {
    if let entries = value.map { return entries }
    if value.content != .null {
      report("'\(key)' must be a map, found \(value.phrase)", at: value.position)
    }
    return []
  }

  private mutating func needs(_ value: AttributeValue) -> [AttributeEntry] {
    let entries = section(value, named: "needs")
    for entry in entries {
      if !isName(entry.key, dotted: true) {
        report(
          "'\(escaped(entry.key))' cannot name an operation: it has other characters than "
            + "letters, digits, '-', '_' and dots", at: entry.keyPosition)
      }
      if entry.value.integer == nil {
        report(
          "the version of '\(escaped(entry.key))' must be a whole number, "
            + "found \(entry.value.phrase)", at: entry.value.position)
      }
    }
    return entries
  }

  /// The nodes of a graph or a body.
  ///
  /// Recursion goes as deep as bodies nest: the tree has at most 64 levels.
  private mutating func nodes(_ value: AttributeValue) -> [NodeDescription] {
    guard let entries = value.map else {
      report("'nodes' must be a map of nodes, found \(value.phrase)", at: value.position)
      return []
    }
    guard entries.count <= limits.nodeCount else {
      report(
        "there are \(entries.count) nodes, and the limit is \(limits.nodeCount)",
        at: value.position)
      return []
    }
    var nodes: [NodeDescription] = []
    nodes.reserveCapacity(entries.count)
    for entry in entries where problems.count < limits.errorCount { nodes.append(node(entry)) }
    return nodes
  }

  private mutating func node(_ entry: AttributeEntry) -> NodeDescription {
    var node = NodeDescription(entry.key, operation: "", at: entry.keyPosition)
    if !isName(entry.key) {
      let reason =
        isName(entry.key, dotted: true)
        ? "a dot divides node and port"
        : "a name has 1 to 128 letters, digits, '-' and '_'"
      report("'\(escaped(entry.key))' cannot name a node: \(reason)", at: entry.keyPosition)
    }
    guard let attributes = entry.value.map else {
      report(
        "the node '\(escaped(entry.key))' must be a map such as { op: shard }, "
          + "found \(entry.value.phrase)", at: entry.value.position)
      return node
    }
    var hasOperation = false
    node.attributes.reserveCapacity(attributes.count)
    for attribute in attributes {
      switch attribute.key {
      case "op":
        hasOperation = true
        node.operationPosition = attribute.value.position
        if let name = attribute.value.text, isName(name, dotted: true) {
          node.operation = name
        } else {
          report(
            "the operation of '\(escaped(entry.key))' must be a name, "
              + "found \(attribute.value.phrase)", at: attribute.value.position)
        }
      case "nodes": node.body = nodes(attribute.value)
      default: node.attributes.append(attribute)
      }
    }
    if !hasOperation { reportNoOperation(entry, attributes) }
    return node
  }

  /// Points at the key that was surely meant, where one is.
  private mutating func reportNoOperation(_ node: AttributeEntry, _ attributes: [AttributeEntry]) {
    let message = "the node '\(escaped(node.key))' has no operation: "
    // 'of' is nearly 'op', and means what it says.
    let alike = attributes.filter {
      $0.key == "operation" || $0.key != "of" && closest(to: $0.key, among: ["op"]) != nil
    }
    guard alike.count == 1, let found = alike.first else {
      report(message + "it needs 'op'", at: node.keyPosition)
      return
    }
    report(
      message + "expected 'op', found '\(escaped(found.key))'", at: found.keyPosition,
      hint: "did you mean 'op'?")
  }

  private mutating func report(_ message: String, at position: SourcePosition?, hint: String? = nil)
  {
    guard problems.count < limits.errorCount, position == nil || !known.contains(position) else {
      return
    }
    problems.append(Diagnostic(message, at: position, hint: hint))
  }
}
