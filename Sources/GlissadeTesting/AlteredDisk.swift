public import GlissadeSystem

/// The files of another file system, on a disk that does something at each reading and writing of the files of private
/// directories: it is slow, or what it gives back is not what was written.
public struct AlteredDisk: DiskLayer {
  /// Called with the path before a block is written.
  public typealias Writing = @Sendable (_ path: String) -> Void
  /// Called with the path and what was read, which it may change.
  public typealias Reading =
    @Sendable (_ path: String, _ bytes: UnsafeMutableRawBufferPointer) -> Void

  /// The files below.
  public let files: any FileSystem
  private let onWrite: Writing
  private let onRead: Reading

  /// The files of `files`, on such a disk.
  public init(
    _ files: any FileSystem = LocalFileSystem(), onWrite: @escaping Writing = { _ in },
    onRead: @escaping Reading = { _, _ in }
  ) {
    self.files = files
    self.onWrite = onWrite
    self.onRead = onRead
  }

  /// A private directory whose files are altered.
  public func wrapped(_ directory: any PrivateDirectory) -> any PrivateDirectory {
    AlteredDirectory(directory: directory, onWrite: onWrite, onRead: onRead)
  }
}

private struct AlteredDirectory: PrivateDirectory {
  let directory: any PrivateDirectory
  let onWrite: AlteredDisk.Writing
  let onRead: AlteredDisk.Reading

  var path: String { directory.path }

  func create(_ name: String) throws(SystemError) -> any BlockFile {
    AlteredFile(
      file: try directory.create(name), path: path + "/" + name, onWrite: onWrite, onRead: onRead)
  }

  func open(_ name: String, cached: Bool) throws(SystemError) -> any BlockFile {
    AlteredFile(
      file: try directory.open(name, cached: cached), path: path + "/" + name, onWrite: onWrite,
      onRead: onRead)
  }

  func list() throws(SystemError) -> [String] { try directory.list() }

  func remove(_ name: String) throws(SystemError) { try directory.remove(name) }

  func lock(_ name: String) throws(SystemError) -> (any FileLock)? { try directory.lock(name) }

  func freeBytes() -> Int? { directory.freeBytes() }
}

private struct AlteredFile: BlockFile {
  let file: any BlockFile
  let path: String
  let onWrite: AlteredDisk.Writing
  let onRead: AlteredDisk.Reading

  var byteCount: Int { file.byteCount }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
    onWrite(path)
    try file.write(bytes, at: offset)
  }

  func flush() throws(SystemError) { try file.flush() }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
    let count = try file.read(into: buffer, at: offset)
    onRead(path, UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(count)))
    return count
  }
}
