import Glibc

/// What comes in on standard input, put into a file so that it can be read more than once and at any place.
///
/// The file loses its name as soon as it is made: it is gone when the process is, however that ends. `/proc` lends it a
/// path for as long as this object lives.
public final class StandardInput: Sendable {
  private let file: NamelessFile

  /// A path that leads to the file.
  public var path: String { file.path }

  /// Reads standard input to its end.
  ///
  /// - Parameter limit: The most bytes that are taken.
  /// - Throws: `SystemError` where it cannot be read, or the directory for temporary files has no room for it.
  public init(limit: Int) throws(SystemError) {
    file = try NamelessFile()
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
      let file = file
      try buffer.withUnsafeBytes { bytes in
        Result { () throws(SystemError) in try file.write(.init(rebasing: bytes[..<got])) }
      }.get()
    }
  }
}
