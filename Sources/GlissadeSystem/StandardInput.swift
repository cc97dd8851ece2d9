import Glibc

/// What comes in on standard input, put into a file so that it can be read more than once and at any place.
///
/// The file loses its name as soon as it is made: it is gone when the process is, however that ends. `/proc` lends it a
/// path for as long as this object lives.
public final class StandardInput: Sendable {
  /// A path that leads to the file.
  public let path: String
  private let descriptor: Int32

  /// Reads standard input to its end.
  ///
  /// - Parameter limit: The most bytes that are taken.
  /// - Throws: `SystemError` where it cannot be read, or the directory for temporary files has no room for it.
  public init(limit: Int) throws(SystemError) {
    let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    let directory = named.isEmpty ? "/tmp" : named
    var name = Array((directory + "/glissade-XXXXXX").utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw SystemError(.open, path: directory, code: errno) }
    unlink(name)
    self.descriptor = descriptor
    path = "/proc/self/fd/\(descriptor)"
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var total = 0
    while true {
      let got = read(0, &buffer, buffer.count)
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw SystemError(.read, path: "standard input", code: errno) }
      if got == 0 { return }
      total += got
      guard total <= limit else {
        throw SystemError(
          .read, path: "standard input", words: "it has more than \(limit) bytes, the limit")
      }
      var done = 0
      while done < got {
        let put = buffer.withUnsafeBytes { write(descriptor, $0.baseAddress! + done, got - done) }
        if put < 0 && errno == EINTR { continue }
        guard put > 0 else { throw SystemError(.write, path: directory, code: errno) }
        done += put
      }
    }
  }

  deinit { close(descriptor) }
}
