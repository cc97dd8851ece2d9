/// How rows stay on the disk: what `Operations.streaming` is told.
public struct RowStreaming: Sendable, Hashable {
  /// The most bytes of rows that a batch keeps in memory.
  public var windowBytes: Int
  /// The most bytes of a place of a shard that is read as a value in memory; larger ones are read on demand, chunk by chunk.
  /// Nil where all are values.
  public var placeBytes: Int?
  /// The bytes of such a chunk; it has at least as many rows as a pass handles together.
  public var chunkBytes: Int
  /// Where rows of compressed files and of text are written once, to be read again at any place; it must be on a disk.
  public var directory: String

  /// What may be kept, and where; by default shards are values, whatever their size.
  public init(
    windowBytes: Int, placeBytes: Int? = nil, chunkBytes: Int = 1 << 20, directory: String
  ) {
    self.windowBytes = windowBytes
    self.placeBytes = placeBytes
    self.chunkBytes = chunkBytes
    self.directory = directory
  }
}
