public import GlissadeGraph
public import GlissadeFormat

/// What two graphs differ in, by meaning: the order of nodes and keys, defaults that are written out, and other spellings
/// of one thing do not count.
///
/// ```swift
/// let difference = GraphDifference(from: old.description, to: new.description, Operations().registry)
/// print(difference.isEmpty ? "the same" : difference.text)
/// ```
public struct GraphDifference: Sendable {
  /// One place in which they differ.
  public struct Change: Sendable, Hashable {
    /// Where, as `--set` takes it: `nodes.step.optimizer.rate`; of what is inferred, a name such as `mean.value axes`.
    public let path: String
    /// What the first graph says there; nil where it says nothing.
    public let old: AttributeValue?
    /// What the second graph says there; nil where it says nothing.
    public let new: AttributeValue?
    /// Whether the first graph leaves it out and has the default.
    public let isOldDefault: Bool
    /// Whether the second graph leaves it out and has the default.
    public let isNewDefault: Bool

    /// A difference.
    init(
      _ path: String, _ old: AttributeValue?, _ new: AttributeValue?, isOldDefault: Bool = false,
      isNewDefault: Bool = false
    ) {
      self.path = path
      self.old = old
      self.new = new
      self.isOldDefault = isOldDefault
      self.isNewDefault = isNewDefault
    }
  }

  /// What is written differently: name, seed and needs first, then nodes by name, then the run and the outputs.
  public let changes: [Change]
  /// What follows differently: steps, axes, shapes and clocks of nodes that both have; nil where a graph could not be
  /// resolved.
  public let inferred: [Change]?

  /// The difference of two descriptions.
  ///
  /// - Parameters:
  ///   - old: The first graph and, where it could be resolved, what was inferred of it.
  ///   - new: The second graph.
  ///   - registry: The operations, which know defaults and types; of an operation that is not there attributes are
  ///     compared as they are written.
  /// - Complexity: O(size · log size).
  public init(from old: Side, to new: Side, _ registry: OperationRegistry) {
    var comparison = DescriptionComparison(old, new, registry)
    comparison.compare()
    changes = comparison.changes
    if let first = old.graph, let second = new.graph {
      inferred = InferredComparison.changes(from: first, to: second)
    } else {
      inferred = nil
    }
  }

  /// One of the two graphs.
  public struct Side: Sendable {
    /// What its author wrote.
    public let description: GraphDescription
    /// The checked graph, if it could be had.
    public let graph: Graph?
    /// The directory that its file names start from.
    public let baseDirectory: String

    /// A graph to compare.
    public init(_ description: GraphDescription, graph: Graph?, baseDirectory: String = ".") {
      self.description = description
      self.graph = graph
      self.baseDirectory = baseDirectory
    }
  }

  /// Whether both mean the same.
  public var isEmpty: Bool { changes.isEmpty && inferred?.isEmpty ?? true }

  /// As lines for people, empty where both mean the same: `nodes.step.optimizer.rate: 0.1 → 0.05`; what is only in the
  /// second begins with `+`, what is only in the first with `-`, all else with `~`.
  public var text: String {
    var text = changes.map { Self.line($0, isPhrase: false) }.joined()
    if let inferred, !inferred.isEmpty {
      text +=
        (text.isEmpty ? "" : "\n") + "and so\n"
        + inferred.map { Self.line($0, isPhrase: true) }.joined()
    }
    return text
  }

  /// As JSON: `equal`, `changes`, and `inferred`, which is null where a graph could not be resolved.
  public var json: JSONText {
    [
      "equal": .boolean(isEmpty), "changes": .list(changes.map(Self.object)),
      "inferred": inferred.map { .list($0.map(Self.object)) } ?? nil,
    ]
  }

  private static func line(_ change: Change, isPhrase: Bool) -> String {
    let path = escaped(change.path, limit: 1024)
    func shown(_ value: AttributeValue?, _ isDefault: Bool) -> String {
      guard let value else { return "nothing" }
      // What is inferred is a phrase and no value of a file.
      if isPhrase, let text = value.text { return escaped(text, limit: 200) }
      return escaped(GraphWriter.flow(value), limit: 200) + (isDefault ? " (the default)" : "")
    }
    switch (change.old, change.new) {
    case (nil, let new): return "+ \(path): \(shown(new, change.isNewDefault))\n"
    case (let old, nil): return "- \(path): \(shown(old, change.isOldDefault))\n"
    case (let old, let new):
      return "~ \(path): \(shown(old, change.isOldDefault)) → \(shown(new, change.isNewDefault))\n"
    }
  }

  private static func object(_ change: Change) -> JSONText {
    let kind = change.old == nil ? "added" : change.new == nil ? "removed" : "changed"
    return [
      "kind": .text(kind), "path": .text(change.path),
      "old": change.old.map { JSONText($0) } ?? nil, "new": change.new.map { JSONText($0) } ?? nil,
      "old_is_default": .boolean(change.isOldDefault),
      "new_is_default": .boolean(change.isNewDefault),
    ]
  }
}
