import Glibc

/// The files of this machine.
public struct LocalFileSystem: FileSystem {
  /// The files of this machine.
  public init() {}

  /// What `stat` says of a path, links followed.
  public func status(_ path: String) throws(SystemError) -> FileStatus {
    var status = stat()
    guard stat(path, &status) == 0 else { throw SystemError(.open, path: path, code: errno) }
    return FileStatus(
      byteCount: Int(status.st_size), isDirectory: status.st_mode & S_IFMT == S_IFDIR,
      modified: LocalFileSystem.nanoseconds(status.st_mtim),
      changed: LocalFileSystem.nanoseconds(status.st_ctim), number: UInt64(status.st_ino))
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  /// Opens a file with `open`; a directory is refused, since reading it would fail later.
  public func openForReading(_ path: String) throws(SystemError) -> any ReadableFile {
    let status = try status(path)
    if status.isDirectory { throw SystemError(.open, path: path, code: EISDIR) }
    return try LocalFile(path, flags: O_RDONLY, byteCount: status.byteCount)
  }

  /// Opens a file with `O_CREAT` and either `O_EXCL` or `O_TRUNC`; the mode is 0666 less the umask.
  public func openForWriting(_ path: String, exclusive: Bool) throws(SystemError)
    -> any WritableFile
  {
    let flags = O_WRONLY | O_CREAT | (exclusive ? O_EXCL : O_TRUNC)
    return try LocalFile(path, flags: flags, byteCount: 0)
  }

  /// The names that `readdir` gives, sorted.
  public func list(_ directory: String) throws(SystemError) -> [String] {
    guard let stream = opendir(directory) else {
      throw SystemError(.list, path: directory, code: errno)
    }
    defer { closedir(stream) }
    return LocalFileSystem.names(in: stream)
  }

  /// What is left in an open directory, sorted.
  static func names(in stream: OpaquePointer) -> [String] {
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Makes each directory on the way with `mkdir`; the mode is 0777 less the umask.
  public func makeDirectory(_ path: String) throws(SystemError) {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/" + part
      if mkdir(made, 0o777) != 0 && errno != EEXIST {
        throw SystemError(.makeDirectory, path: path, code: errno)
      }
    }
    guard try status(path).isDirectory else {
      throw SystemError(.makeDirectory, path: path, code: ENOTDIR)
    }
  }

  /// Renames, then brings the directory of the new name to the disk with `fsync`.
  public func rename(_ from: String, to: String) throws(SystemError) {
    guard Glibc.rename(from, to) == 0 else { throw SystemError(.rename, path: to, code: errno) }
    let parent = to.lastIndex(of: "/").map { String(to[..<$0]) } ?? "."
    let descriptor = open(parent.isEmpty ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemError(.sync, path: parent, code: errno) }
    defer { close(descriptor) }
    // Some file systems have nothing to bring to the disk for a directory and say EINVAL.
    if fsync(descriptor) != 0 && errno != EINVAL {
      throw SystemError(.sync, path: parent, code: errno)
    }
  }

  /// Removes a file with `unlink`; a directory is refused.
  public func remove(_ path: String) throws(SystemError) {
    guard unlink(path) == 0 else { throw SystemError(.remove, path: path, code: errno) }
  }

  /// Makes a directory with `mkdir` and mode 0700, then opens it as `openPrivateDirectory` does.
  public func makePrivateDirectory(_ path: String) throws(SystemError) -> any PrivateDirectory {
    guard mkdir(path, 0o700) == 0 else {
      throw SystemError(.makeDirectory, path: path, code: errno)
    }
    return try LocalDirectory(path)
  }

  /// Opens with `O_DIRECTORY` and `O_NOFOLLOW`; the owner must be this user and the mode 0700.
  public func openPrivateDirectory(_ path: String) throws(SystemError) -> any PrivateDirectory {
    try LocalDirectory(path)
  }

  /// Removes an empty directory with `rmdir`.
  public func removeDirectory(_ path: String) throws(SystemError) {
    guard rmdir(path) == 0 else { throw SystemError(.remove, path: path, code: errno) }
  }
}

private final class LocalFile: ReadableFile, WritableFile {
  let path: String
  let byteCount: Int
  private let descriptor: Int32

  init(_ path: String, flags: Int32, byteCount: Int) throws(SystemError) {
    var descriptor: Int32
    repeat {
      descriptor = open(path, flags | O_CLOEXEC, 0o666)
    } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else { throw SystemError(.open, path: path, code: errno) }
    self.path = path
    self.byteCount = byteCount
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
    adviseLargePages(buffer)
    var done = 0
    while done < buffer.count {
      let got = pread(
        descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
      if got == 0 { break }
      if got < 0 {
        if errno == EINTR { continue }
        throw SystemError(.read, path: path, code: errno)
      }
      done += got
    }
    return done
  }

  /// Asks that memory which a large read touches first come in pages of 2 MiB: page by page of 4 KiB, that took most of
  /// the time of reading from the page cache. It is only a hint, so whether it is heard does not matter.
  private func adviseLargePages(_ buffer: UnsafeMutableRawBufferPointer) {
    let (page, least) = (2 << 20, 4 << 20)
    guard buffer.count >= least, let base = buffer.baseAddress else { return }
    let start = base.alignedUp(toMultipleOf: page)
    let end = (base + buffer.count).alignedDown(toMultipleOf: page)
    if end > start { _ = madvise(start, end - start, Int32(MADV_HUGEPAGE)) }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let put = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if put < 0 {
        if errno == EINTR { continue }
        throw SystemError(.write, path: path, code: errno)
      }
      done += put
    }
  }

  func sync() throws(SystemError) {
    guard fsync(descriptor) == 0 else { throw SystemError(.sync, path: path, code: errno) }
  }
}
