public import GlissadeFormat
public import GlissadeGraph
public import GlissadeOperations
public import GlissadeSystem
import GlissadeTensor

/// A graph file with what the command line changes in it: its bytes are read, nothing is parsed yet.
public struct GraphFile: Sendable {
  /// The path, as it was given.
  public let path: String
  /// Changes of single values, each `PATH=VALUE`.
  public let overrides: [String]
  private let bytes: [UInt8]

  /// Reads the bytes of a graph file.
  ///
  /// - Throws: `SystemError` where it cannot be read, `GraphError` where it is larger than graph files may be.
  public init(
    _ path: String, overrides: [String] = [], files: any FileSystem = LocalFileSystem(),
    limits: GraphLimits = .standard
  ) throws {
    let status = try files.status(path)
    // Refused before the bytes are read.
    if !status.isDirectory && status.byteCount > limits.byteCount {
      throw GraphError(
        Diagnostic(
          "the file has \(ByteCount(status.byteCount)), and the limit of graph files is "
            + "\(ByteCount(limits.byteCount))",
          at: SourcePosition(file: path, line: 1, column: 1)))
    }
    self.path = path
    self.overrides = overrides
    bytes = try files.readAll(path, limit: limits.byteCount)
  }

  /// The directory that relative names in the graph start from: that of the file.
  public var baseDirectory: String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// What the file says, changed as the overrides say.
  public func description() throws(GraphError) -> GraphDescription {
    var description = try GraphReader.read(bytes, file: path)
    try GraphOverride.apply(overrides, to: &description)
    return description
  }

  /// The checked graph.
  public func graph(_ operations: Operations = Operations()) throws(GraphError) -> Graph {
    try Graph(
      resolving: description(), registry: operations.registry, baseDirectory: baseDirectory)
  }

  /// The text that the positions of an error point into: the file's, or that of the overrides, one a line.
  public func text(of file: String) -> String? {
    if file == path { return String(decoding: bytes, as: UTF8.self) }
    return file == GraphOverride.positionFile ? GraphOverride.text(of: overrides) : nil
  }
}
