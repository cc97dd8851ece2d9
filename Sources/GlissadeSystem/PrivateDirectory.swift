/// A file that is written and read in blocks, by several threads at any places, around the page cache where the file
/// system lets it.
///
/// Memory, places and counts must be multiples of `BlockFileAlignment.bytes`, unless it was opened to go through the cache. Closed when let go.
public protocol BlockFile: Sendable {
  /// Bytes in the file when it was opened.
  var byteCount: Int { get }

  /// Writes all of `bytes` at `offset`.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError)

  /// Brings what was written to the disk.
  func flush() throws(SystemError)

  /// Fills `buffer` from `offset` on; gives the count that was read, less than asked only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int
}

/// What block files ask of memory and places.
public enum BlockFileAlignment {
  /// A page, which no disk passes.
  public static let bytes = 4096

  /// The next multiple of a block.
  public static func roundedUp(_ byteCount: Int) -> Int { (byteCount + bytes - 1) & ~(bytes - 1) }
}

/// A lock on a file, shared with nobody, given back when let go or when the process ends, however it ends.
public protocol FileLock: AnyObject, Sendable {}

/// A directory of this user that nobody else may enter, held open: its files are reached through it and not through a
/// path, so whatever is done to the path, no other file is touched.
///
/// Names hold no slash. A link in the place of a file is refused, never followed.
public protocol PrivateDirectory: Sendable {
  /// Where it was when it was opened.
  var path: String { get }

  /// Makes a new file that only this user may read; refused where the name is taken.
  func create(_ name: String) throws(SystemError) -> any BlockFile

  /// Opens a file for reading; refused where it is not a plain file of this user, under this name alone.
  ///
  /// - Parameter cached: Whether it is read, and may be written, too, through the page cache, in small parts that lie anywhere.
  func open(_ name: String, cached: Bool) throws(SystemError) -> any BlockFile

  /// The names inside, sorted, without `.` and `..`.
  func list() throws(SystemError) -> [String]

  /// Removes a file or a link, not what the link leads to.
  func remove(_ name: String) throws(SystemError)

  /// Locks a file, made where there is none; nil where somebody else holds the lock or has removed the file.
  func lock(_ name: String) throws(SystemError) -> (any FileLock)?

  /// The bytes that this user may still write; nil where the system does not say.
  func freeBytes() -> Int?

  /// From now on a second Ctrl-C removes the directory with all its files before it ends the process.
  func removeAtSecondInterrupt()
}

extension PrivateDirectory {
  /// Opens a file for reading in blocks, around the page cache.
  public func open(_ name: String) throws(SystemError) -> any BlockFile {
    try open(name, cached: false)
  }

  /// Does nothing: what is not a directory of this machine is of no concern to signals.
  public func removeAtSecondInterrupt() {}
}

extension FileSystem {
  /// Refused: a file system has no private directories unless it says so.
  public func makePrivateDirectory(_ path: String) throws(SystemError) -> any PrivateDirectory {
    throw SystemError(.makeDirectory, path: path, words: "these files have no owners")
  }

  /// Refused: a file system has no private directories unless it says so.
  public func openPrivateDirectory(_ path: String) throws(SystemError) -> any PrivateDirectory {
    throw SystemError(.open, path: path, words: "these files have no owners")
  }

  /// Refused: a file system has no private directories unless it says so.
  public func removeDirectory(_ path: String) throws(SystemError) {
    throw SystemError(.remove, path: path, words: "these files have no owners")
  }
}
