public import GlissadeSystem

/// The files of another file system, on a disk of so many bytes: the files of its private directories share them, and
/// a write that would pass them is refused as a full disk refuses it, with nothing of it written.
///
/// Copies share the disk. Whatever is not in a private directory costs nothing.
public struct SmallDisk: DiskLayer {
  /// The files below.
  public let files: any FileSystem
  private let space: DiskSpace

  /// The files of `files`, on a disk of `byteCount` bytes.
  public init(_ files: any FileSystem = LocalFileSystem(), byteCount: Int) {
    self.files = files
    space = DiskSpace(byteCount: byteCount)
  }

  /// The bytes that files hold now.
  public var usedBytes: Int { space.used }

  /// A private directory whose files share the disk.
  public func wrapped(_ directory: any PrivateDirectory) -> any PrivateDirectory {
    SmallDiskDirectory(directory: directory, space: space)
  }
}

/// Which bytes of a small disk are taken, by path.
private final class DiskSpace: Sendable {
  private let byteCount: Int
  private let ends: Lock<[String: Int]> = Lock([:])

  init(byteCount: Int) { self.byteCount = byteCount }

  var used: Int { ends.withLock { $0.values.reduce(0, +) } }

  var free: Int { byteCount - used }

  /// Lets a file reach to `end`, or refuses.
  func extend(_ path: String, to end: Int) throws(SystemError) {
    let fits = ends.withLock { ends -> Bool in
      let old = ends[path] ?? 0
      guard end > old else { return true }
      guard ends.values.reduce(0, +) + end - old <= byteCount else { return false }
      ends[path] = end
      return true
    }
    if !fits { throw SystemError(.write, path: path, reason: .full) }
  }

  func forget(_ path: String) { ends.withLock { _ = $0.removeValue(forKey: path) } }
}

private struct SmallDiskDirectory: PrivateDirectory {
  let directory: any PrivateDirectory
  let space: DiskSpace

  var path: String { directory.path }

  func create(_ name: String) throws(SystemError) -> any BlockFile {
    SmallDiskFile(file: try directory.create(name), path: path + "/" + name, space: space)
  }

  func open(_ name: String, cached: Bool) throws(SystemError) -> any BlockFile {
    SmallDiskFile(
      file: try directory.open(name, cached: cached), path: path + "/" + name, space: space)
  }

  func list() throws(SystemError) -> [String] { try directory.list() }

  func remove(_ name: String) throws(SystemError) {
    try directory.remove(name)
    space.forget(path + "/" + name)
  }

  func lock(_ name: String) throws(SystemError) -> (any FileLock)? { try directory.lock(name) }

  func freeBytes() -> Int? { space.free }
}

private struct SmallDiskFile: BlockFile {
  let file: any BlockFile
  let path: String
  let space: DiskSpace

  var byteCount: Int { file.byteCount }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
    try space.extend(path, to: offset + bytes.count)
    try file.write(bytes, at: offset)
  }

  func flush() throws(SystemError) { try file.flush() }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
    try file.read(into: buffer, at: offset)
  }
}
