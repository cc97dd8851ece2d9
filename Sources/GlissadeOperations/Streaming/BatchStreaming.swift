/// How batches read rows that stay on the disk: what `Operations.streaming` is told.
public struct BatchStreaming: Sendable, Hashable {
  /// The most bytes of rows that a batch keeps in memory.
  public var bytes: Int
  /// Where rows of compressed files and of text are written once, to be read again at any place; it must be on a disk.
  public var directory: String

  /// What a batch may keep, and where.
  public init(bytes: Int, directory: String) {
    self.bytes = bytes
    self.directory = directory
  }
}
