/// What a path leads to.
public struct FileStatus: Sendable, Hashable {
  /// The bytes of the file.
  public let byteCount: Int
  /// Whether it is a directory.
  public let isDirectory: Bool
  /// The moment of the last change, in nanoseconds since 1970.
  public let modified: Int64
  /// The moment of the last change of any kind, which nobody can set: a file that was put in the place of another one, or
  /// written with its old moment given back, differs in it or in `number`.
  public let changed: Int64
  /// The number of the file on its disk.
  public let number: UInt64

  /// A status.
  public init(
    byteCount: Int, isDirectory: Bool, modified: Int64, changed: Int64 = 0, number: UInt64 = 0
  ) {
    self.byteCount = byteCount
    self.isDirectory = isDirectory
    self.modified = modified
    self.changed = changed
    self.number = number
  }
}

/// A file that is open for reading at any place.
///
/// Sendable: `pread` has no cursor that threads could fight over.
public protocol ReadableFile: Sendable {
  /// Bytes in the file when it was opened.
  var byteCount: Int { get }

  /// Fills `buffer` from `offset` on; gives the count that was read, less than asked only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int
}

/// A file that is being written from its start.
///
/// Closed when let go.
public protocol WritableFile: Sendable {
  /// Appends bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError)

  /// Brings what was written to the disk.
  func sync() throws(SystemError)
}

/// The files of the world, as one value that tests replace by a faulty or a simulated one.
public protocol FileSystem: Sendable {
  /// What a path leads to.
  func status(_ path: String) throws(SystemError) -> FileStatus

  /// Opens a file for reading.
  func openForReading(_ path: String) throws(SystemError) -> any ReadableFile

  /// Makes a new file, or empties the one that is there; `exclusive` refuses one that is there.
  func openForWriting(_ path: String, exclusive: Bool) throws(SystemError) -> any WritableFile

  /// The names in a directory, sorted, without `.` and `..`.
  func list(_ directory: String) throws(SystemError) -> [String]

  /// Makes a directory and the ones above it; one that is there already is fine.
  func makeDirectory(_ path: String) throws(SystemError)

  /// Puts a file in the place of another in one step, and brings the directory to the disk.
  func rename(_ from: String, to: String) throws(SystemError)

  /// Removes a file.
  func remove(_ path: String) throws(SystemError)

  /// Makes a directory that only this user may enter; refused where something is there already.
  func makePrivateDirectory(_ path: String) throws(SystemError) -> any PrivateDirectory

  /// Opens a directory; refused where it is a link, another user's, or open to others.
  func openPrivateDirectory(_ path: String) throws(SystemError) -> any PrivateDirectory

  /// Removes a directory that is empty.
  func removeDirectory(_ path: String) throws(SystemError)
}

extension FileSystem {
  /// Whether something is at a path.
  public func exists(_ path: String) -> Bool { (try? status(path)) != nil }

  /// The whole of a file, refused where it passes `limit` bytes.
  public func readAll(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
    let file = try openForReading(path)
    let count = file.byteCount
    guard count <= limit else {
      throw SystemError(
        .read, path: path, words: "it has \(count) bytes, and the limit is \(limit)")
    }
    var bytes = [UInt8](repeating: 0, count: count)
    var failure: SystemError?
    let got = bytes.withUnsafeMutableBytes { buffer in
      do throws(SystemError) { return try file.read(into: buffer, at: 0) } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
    bytes.removeLast(count - got)
    return bytes
  }

  /// Writes a file so that a reader sees the old content or the new, never a part: a new file, synced, then renamed.
  public func writeAtomically(_ path: String, _ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    let draft = path + ".part"
    do throws(SystemError) {
      let file = try openForWriting(draft, exclusive: false)
      try file.write(bytes)
      try file.sync()
      try rename(draft, to: path)
    } catch {
      try? remove(draft)
      throw error
    }
  }

  /// Writes a text so that a reader sees the old content or the new.
  public func writeAtomically(_ path: String, _ text: String) throws(SystemError) {
    var text = text
    var failure: SystemError?
    text.withUTF8 { bytes in
      do throws(SystemError) {
        try writeAtomically(path, UnsafeRawBufferPointer(bytes))
      } catch { failure = error }
    }
    if let failure { throw failure }
  }
}
