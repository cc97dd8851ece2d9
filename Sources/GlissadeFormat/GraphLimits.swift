/// How much a graph file may hold before it is refused; a file is held against it before a tree is built.
public struct GraphLimits: Sendable, Hashable {
  /// Bytes of the file.
  public var byteCount = 16 << 20
  /// Lists and maps inside one another.
  public var nesting = 64
  /// Scalars, lists and maps together: 40 for each of 100,000 nodes. A value takes about 80 bytes.
  public var valueCount = 4_000_000
  /// Nodes in one `nodes` map.
  public var nodeCount = 1_000_000
  /// Bytes of one text.
  public var textByteCount = 1 << 20
  /// Characters of a key, which is also the longest name.
  public var keyLength = 128
  /// Findings that are collected before reading ends.
  public var errorCount = 20

  /// The limits of graph files.
  public init() {}

  /// The limits of graph files.
  public static let standard = GraphLimits()
}
