import Glibc

/// A stream of this process that text is written to.
public enum Terminal: Int32, Sendable {
  case standardOutput = 1
  case standardError = 2

  /// Whether a person sits at the other end.
  public var isInteractive: Bool { isatty(rawValue) == 1 }

  /// The columns of the terminal; 80 where there is none.
  public var columns: Int {
    var size = winsize()
    guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes a text as it is; a closed pipe is not an error, its reader has seen enough.
  public func write(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let put = Glibc.write(rawValue, bytes.baseAddress! + done, bytes.count - done)
        if put < 0 && errno == EINTR { continue }
        if put <= 0 { return }
        done += put
      }
    }
  }
}
