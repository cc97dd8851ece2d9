/// A graph as its author wrote it: nothing is resolved or checked yet beyond its outline.
///
/// Files and the DSL both end in this; `Graph.init(resolving:…)` checks it. Two descriptions are equal if they say the
/// same, wherever it stands in a text.
public struct GraphDescription: Sendable, Hashable {
  /// The version of the graph language: 1.
  public static let languageVersion = 1

  /// The name of the graph.
  public var name: String
  /// What every random number depends on.
  public var seed: UInt64
  /// Registered operations that the graph needs, with their versions.
  public var needs: [AttributeEntry]
  /// The nodes in the order of the text.
  public var nodes: [NodeDescription]
  /// How long it runs, when it stops, what it saves on the way: the entries of `run`.
  public var run: [AttributeEntry]
  /// What is written at the end: a reference as key, a file name or a map as value.
  public var outputs: [AttributeEntry]

  /// A description from its parts.
  public init(
    name: String, seed: UInt64 = 0, needs: [AttributeEntry] = [], nodes: [NodeDescription] = [],
    run: [AttributeEntry] = [], outputs: [AttributeEntry] = []
  ) {
    self.name = name
    self.seed = seed
    self.needs = needs
    self.nodes = nodes
    self.run = run
    self.outputs = outputs
  }
}

/// A node as its author wrote it.
public struct NodeDescription: Sendable, Hashable {
  /// The name, unique in its graph or body.
  public var name: String
  /// The operation.
  public var operation: String
  /// The attributes in the order of the text, without `op` and `nodes`.
  public var attributes: [AttributeEntry]
  /// The nodes of the body, for operations that have one (`repeat`).
  public var body: [NodeDescription]?
  /// Where the name stands, if it came from a text.
  public var position: SourcePosition?
  /// Where the operation's name stands, if it came from a text.
  public var operationPosition: SourcePosition?

  /// A node from its parts.
  public init(
    _ name: String, operation: String, attributes: [AttributeEntry] = [],
    body: [NodeDescription]? = nil, at position: SourcePosition? = nil,
    operationAt operationPosition: SourcePosition? = nil
  ) {
    self.name = name
    self.operation = operation
    self.attributes = attributes
    self.body = body
    self.position = position
    self.operationPosition = operationPosition
  }

  /// Whether both say the same, wherever they stand.
  public static func == (left: NodeDescription, right: NodeDescription) -> Bool {
    left.name == right.name && left.operation == right.operation
      && left.attributes == right.attributes && left.body == right.body
  }

  /// Hashes what is said, not where it stands.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(operation)
    hasher.combine(attributes)
    hasher.combine(body)
  }

  /// The value of an attribute, if it is given. O(attributes).
  public subscript(attribute: String) -> AttributeValue? { attributes.value(of: attribute) }
}

/// Whether a text may name a node, an axis or a graph: `[A-Za-z0-9_-]{1,128}`, and dots only where `dotted` allows
/// them (a dot divides node and port).
public func isName(_ text: String, dotted: Bool = false) -> Bool {
  let bytes = text.utf8
  guard (1...128).contains(bytes.count) else { return false }
  return bytes.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    case UInt8(ascii: "."): dotted
    default: false
    }
  }
}
