import Glibc

/// A file without a name: it is gone when the process is, however that ends.
///
/// `/proc` lends it a path for as long as this object lives.
final class NamelessFile: Sendable {
  /// The open descriptor, for reading and writing; closed in child processes.
  let descriptor: Int32
  /// The directory that it lies in, for errors.
  let directory: String

  /// The directory for temporary files: `TMPDIR`, or the system's.
  static var temporaryDirectory: String {
    let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    return named.isEmpty ? "/tmp" : named
  }

  /// Makes an empty file in a directory.
  init(in directory: String = NamelessFile.temporaryDirectory) throws(SystemError) {
    var name = Array((directory + "/.glissade-XXXXXX").utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw SystemError(.open, path: directory, code: errno) }
    unlink(name)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    self.descriptor = descriptor
    self.directory = directory
  }

  deinit { close(descriptor) }

  /// A path that leads to the file.
  var path: String { "/proc/self/fd/\(descriptor)" }

  /// Appends bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let put = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
      if put < 0 && errno == EINTR { continue }
      guard put > 0 else { throw SystemError(.write, path: directory, code: errno) }
      done += put
    }
  }

  /// Goes back to the start.
  func rewind() { lseek(descriptor, 0, SEEK_SET) }

  /// All that it holds, at most `limit` bytes of it.
  func contents(limit: Int) throws(SystemError) -> [UInt8] {
    let count = min(limit, max(0, Int(lseek(descriptor, 0, SEEK_END))))
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let got = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress! + done, count - done, off_t(done))
      }
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw SystemError(.read, path: directory, code: errno) }
      if got == 0 { break }
      done += got
    }
    bytes.removeLast(count - done)
    return bytes
  }
}
