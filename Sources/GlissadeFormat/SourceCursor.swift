internal import GlissadeGraph

/// A place in a text that goes from one position to the next, so that many of them cost one pass. Lines end as
/// `SourceText` says.
struct SourceCursor {
  private let bytes: [UInt8]
  /// The byte at the cursor, its line from 1, and its column from 1 in scalars.
  private var (offset, line, column) = (0, 1, 1)

  init(_ text: String) {
    let all = Array(text.utf8)
    bytes = all.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(all.dropFirst(3)) : all
  }

  /// The line of a position; nil where there is none.
  ///
  /// O(bytes between the last position and this one), or those before it where the last one was behind it.
  mutating func line(around position: SourcePosition) -> DisplayLine? {
    if (position.line, position.column) < (line, column) { (offset, line, column) = (0, 1, 1) }
    while line < position.line, offset < bytes.count { advance() }
    guard line == position.line, !bytes.isEmpty else { return nil }
    while column < position.column, offset < bytes.count, !isLineEnd(bytes[offset]) { advance() }
    // Far more than is shown, whatever takes no column.
    let reach = 1_024
    var (start, end) = (offset, offset)
    var left = reach
    while start > 0, left > 0, !isLineEnd(bytes[start - 1]) {
      start -= 1
      if !isContinuation(bytes[start]) { left -= 1 }
    }
    left = reach
    while end < bytes.count, !isLineEnd(bytes[end]), left > 0 || isContinuation(bytes[end]) {
      if !isContinuation(bytes[end]) { left -= 1 }
      end += 1
    }
    return DisplayLine(
      before: String(decoding: bytes[start..<offset], as: UTF8.self),
      after: String(decoding: bytes[offset..<end], as: UTF8.self),
      isCutBefore: start > 0 && !isLineEnd(bytes[start - 1]),
      isCutAfter: end < bytes.count && !isLineEnd(bytes[end]))
  }

  /// Goes to the next scalar.
  private mutating func advance() {
    let byte = bytes[offset]
    offset += 1
    if isLineEnd(byte) {
      if byte == 0x0D, offset < bytes.count, bytes[offset] == 0x0A { offset += 1 }
      (line, column) = (line + 1, 1)
      return
    }
    while offset < bytes.count, isContinuation(bytes[offset]) { offset += 1 }
    column += 1
  }

  private func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  private func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
