import GlissadeGraph

/// What may stand between the braces of a graph: nodes, settings of the run, outputs, needs, and types of one's own that
/// are made of them.
///
/// ```swift
/// struct Data: GraphPart {
///   @GraphBuilder var parts: GraphParts {
///     Shard("train", source: "train.csv", count: 4)
///     Shard("test", source: "test.csv", like: "train")
///   }
/// }
/// ```
public protocol GraphPart {
  /// What it is made of.
  @GraphBuilder var parts: GraphParts { get }
}

/// What may stand between the braces of a body: nodes, and what the body yields.
public protocol BodyPart {
  /// What it is made of.
  @BodyBuilder var bodyParts: BodyParts { get }
}

/// Parts of a graph in the order in which they were written.
public struct GraphParts: GraphPart, Sendable {
  let items: [GraphItem]

  /// Itself.
  public var parts: GraphParts { self }
}

/// Parts of a body in the order in which they were written.
public struct BodyParts: BodyPart, Sendable {
  let items: [GraphItem]

  /// Itself.
  public var bodyParts: BodyParts { self }
}

/// One thing that stands in a graph or a body.
enum GraphItem: Sendable {
  case node(Node)
  /// A line of a section, with the nodes that it refers to by handles.
  case entry(Section, AttributeEntry, [Node])

  enum Section: String, Sendable {
    case needs
    case run
    case outputs
    case yields
  }

  init(
    _ section: Section, _ key: String, _ setting: Setting, file: String, line: Int,
    mentions: [Node] = []
  ) {
    let position = SourcePosition(file: file, line: line, column: 1)
    self = .entry(
      section, AttributeEntry(key, setting.value).placed(at: position), mentions + setting.mentions)
  }
}

/// Puts the parts of a graph together: statements, `if`, `switch`, `for`, and functions that return parts.
@resultBuilder public enum GraphBuilder {
  /// One part.
  public static func buildExpression(_ part: some GraphPart) -> GraphParts { part.parts }
  /// Parts that are put together already.
  ///
  /// Apart from the above, since `GraphParts.parts` is built here itself.
  public static func buildExpression(_ parts: GraphParts) -> GraphParts { parts }
  /// Several nodes.
  public static func buildExpression(_ nodes: [any GraphNode]) -> GraphParts {
    GraphParts(items: nodes.map { .node($0.node) })
  }
  /// Parts after another.
  public static func buildBlock(_ parts: GraphParts...) -> GraphParts { buildArray(parts) }
  /// The parts of a loop.
  public static func buildArray(_ parts: [GraphParts]) -> GraphParts {
    GraphParts(items: parts.flatMap(\.items))
  }
  /// The parts of an `if` without `else`.
  public static func buildOptional(_ parts: GraphParts?) -> GraphParts {
    parts ?? GraphParts(items: [])
  }
  /// The parts of the first branch.
  public static func buildEither(first parts: GraphParts) -> GraphParts { parts }
  /// The parts of the other branch.
  public static func buildEither(second parts: GraphParts) -> GraphParts { parts }
}

/// Puts the parts of a body together, as `GraphBuilder` does for a graph.
@resultBuilder public enum BodyBuilder {
  /// One part.
  public static func buildExpression(_ part: some BodyPart) -> BodyParts { part.bodyParts }
  /// Parts that are put together already.
  ///
  /// Apart from the above, since `BodyParts.bodyParts` is built here itself.
  public static func buildExpression(_ parts: BodyParts) -> BodyParts { parts }
  /// Several nodes.
  public static func buildExpression(_ nodes: [any GraphNode]) -> BodyParts {
    BodyParts(items: nodes.map { .node($0.node) })
  }
  /// Parts after another.
  public static func buildBlock(_ parts: BodyParts...) -> BodyParts { buildArray(parts) }
  /// The parts of a loop.
  public static func buildArray(_ parts: [BodyParts]) -> BodyParts {
    BodyParts(items: parts.flatMap(\.items))
  }
  /// The parts of an `if` without `else`.
  public static func buildOptional(_ parts: BodyParts?) -> BodyParts {
    parts ?? BodyParts(items: [])
  }
  /// The parts of the first branch.
  public static func buildEither(first parts: BodyParts) -> BodyParts { parts }
  /// The parts of the other branch.
  public static func buildEither(second parts: BodyParts) -> BodyParts { parts }
}
