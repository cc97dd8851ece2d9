internal import CSystem
import Glibc

/// A private directory of this machine, reached through its descriptor.
final class LocalDirectory: PrivateDirectory {
  let path: String
  private let descriptor: Int32
  /// Its place among the directories that a second Ctrl-C removes, where it is one of them.
  private let removal = Lock<Int32?>(nil)

  init(_ path: String) throws(SystemError) {
    let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else {
      // Some systems say of a link that it is not a directory, others that there are too many links.
      let isLink = errno == ELOOP
      throw isLink
        ? SystemError(.open, path: path, words: "it is a link")
        : SystemError(.open, path: path, code: errno)
    }
    if let fault = LocalDirectory.fault(of: descriptor, permissions: 0o700) {
      close(descriptor)
      throw SystemError(.open, path: path, reason: .notPermitted, words: fault)
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit {
    // Where a signal's handler has the descriptor, it is about to end the process.
    let isOurs = removal.withLock { $0.map { glissade_cancel_removal($0, descriptor) != 0 } }
    if isOurs ?? true { close(descriptor) }
  }

  func removeAtSecondInterrupt() {
    removal.withLock { place in
      guard place == nil else { return }
      let noted = glissade_note_removal(descriptor, path)
      if noted >= 0 { place = noted }
    }
  }

  func create(_ name: String) throws(SystemError) -> any BlockFile {
    let file = glissade_open_blocks(descriptor, name, 1, 1)
    guard file >= 0 else { throw SystemError(.open, path: path(of: name), code: errno) }
    return LocalBlockFile(path(of: name), descriptor: file, byteCount: 0, isCached: false)
  }

  func open(_ name: String, cached: Bool) throws(SystemError) -> any BlockFile {
    let path = path(of: name)
    let file = glissade_open_blocks(descriptor, name, 0, cached ? 0 : 1)
    guard file >= 0 else {
      if errno == ELOOP { throw SystemError(.open, path: path, words: "it is a link") }
      throw SystemError(.open, path: path, code: errno)
    }
    var status = stat()
    let code = fstat(file, &status) == 0 ? 0 : errno
    var fault = LocalDirectory.fault(of: file, permissions: 0o600)
    if status.st_mode & S_IFMT != S_IFREG { fault = "it is not a plain file" }
    if status.st_nlink != 1 { fault = "it has another name elsewhere" }
    guard code == 0, fault == nil else {
      close(file)
      if let fault { throw SystemError(.open, path: path, reason: .notPermitted, words: fault) }
      throw SystemError(.open, path: path, code: code)
    }
    return LocalBlockFile(
      path, descriptor: file, byteCount: Int(status.st_size), isCached: cached)
  }

  func list() throws(SystemError) -> [String] {
    // A descriptor of its own: `closedir` closes it, and it has a cursor.
    let copy = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard copy >= 0, let stream = fdopendir(copy) else {
      throw SystemError(.list, path: path, code: errno)
    }
    defer { closedir(stream) }
    return LocalFileSystem.names(in: stream)
  }

  func remove(_ name: String) throws(SystemError) {
    guard unlinkat(descriptor, name, 0) == 0 else {
      throw SystemError(.remove, path: path(of: name), code: errno)
    }
  }

  func lock(_ name: String) throws(SystemError) -> (any FileLock)? {
    let file = openat(descriptor, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SystemError(.lock, path: path(of: name), code: errno) }
    let lock = LocalFileLock(descriptor: file)
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      if errno == EWOULDBLOCK { return nil }
      throw SystemError(.lock, path: path(of: name), code: errno)
    }
    // Whoever held it before may have removed it: then this is a lock on nothing.
    var status = stat()
    return fstat(file, &status) == 0 && status.st_nlink > 0 ? lock : nil
  }

  func freeBytes() -> Int? {
    var status = statvfs()
    guard fstatvfs(descriptor, &status) == 0 else { return nil }
    return Int(clamping: status.f_bavail.multipliedReportingOverflow(by: status.f_frsize).0)
  }

  private func path(of name: String) -> String { path + "/" + name }

  /// Why the owner or the mode of an open file is not good enough.
  private static func fault(of descriptor: Int32, permissions: mode_t) -> String? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return "its owner cannot be seen" }
    guard status.st_uid == geteuid() else { return "it belongs to another user" }
    let found = status.st_mode & 0o777
    guard found == permissions else {
      return
        "its mode is 0\(String(found, radix: 8)), and 0\(String(permissions, radix: 8)) is safe"
    }
    return nil
  }
}

private final class LocalFileLock: FileLock {
  private let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }
}

private final class LocalBlockFile: BlockFile {
  let path: String
  let byteCount: Int
  private let descriptor: Int32
  private let isCached: Bool

  init(_ path: String, descriptor: Int32, byteCount: Int, isCached: Bool) {
    self.path = path
    self.isCached = isCached
    self.byteCount = byteCount
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SystemError) {
    let done = glissade_write_blocks(
      descriptor, bytes.baseAddress, bytes.count, offset, isCached ? 1 : 0)
    if done < 0 { throw SystemError(.write, path: path, code: errno) }
  }

  func flush() throws(SystemError) {
    guard fdatasync(descriptor) == 0 else { throw SystemError(.write, path: path, code: errno) }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int {
    let done = glissade_read_blocks(
      descriptor, buffer.baseAddress, buffer.count, offset, isCached ? 1 : 0)
    if done < 0 { throw SystemError(.read, path: path, code: errno) }
    return done
  }
}
