internal import GlissadeGraph

/// The bytes of a graph file with the name they are known by: finds lines, columns and bytes that are no text.
///
/// A line ends at a line feed, a carriage return or both; columns count Unicode scalars from 1. A byte order mark at
/// the start belongs to no column.
struct SourceText {
  /// The name of the file, for positions.
  let file: SourceFile
  /// The content without a byte order mark.
  let bytes: [UInt8]
  /// How many lines stand before the content: those of other `--set`s.
  let linesBefore: Int
  /// How many columns stand before the content in its first line: the left side of `--set`.
  let columnsBefore: Int

  init(_ bytes: [UInt8], file: String, linesBefore: Int = 0, columnsBefore: Int = 0) {
    self.file = SourceFile(file)
    self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    self.linesBefore = linesBefore
    self.columnsBefore = columnsBefore
  }

  /// The position of a line and column that count from 0.
  ///
  /// O(1).
  func position(line: Int, column: Int, length: Int = 1) -> SourcePosition {
    SourcePosition(
      in: file, line: line + 1 + linesBefore,
      column: column + 1 + (line == 0 ? columnsBefore : 0),
      length: length)
  }

  /// The position of a byte.
  ///
  /// O(bytes before it), so only errors ask.
  func position(ofByte offset: Int) -> SourcePosition {
    var (line, column, previous) = (0, 0, UInt8(0))
    for byte in bytes[..<min(offset, bytes.count)] {
      if byte == 0x0A && previous == 0x0D {
        // The second half of a line end that was counted already.
      } else if byte == 0x0A || byte == 0x0D {
        (line, column) = (line + 1, 0)
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
      previous = byte
    }
    return position(line: line, column: column)
  }

  /// The position behind the last byte that is no blank.
  ///
  /// O(bytes), so only errors ask.
  var endPosition: SourcePosition {
    position(ofByte: 1 + (bytes.lastIndex { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } ?? -1))
  }

  /// The scalar at a line and column that count from 0, if there is one.
  ///
  /// O(bytes before it), so only errors ask.
  func scalar(line: Int, column: Int) -> Unicode.Scalar? {
    let lines = String(decoding: bytes, as: UTF8.self).unicodeScalars
    var (atLine, atColumn, previous) = (0, 0, Unicode.Scalar(0))
    for scalar in lines {
      if atLine == line && atColumn == column { return scalar }
      if scalar == "\n" && previous == "\r" {
        // The second half of a line end that was counted already.
      } else if scalar == "\n" || scalar == "\r" {
        (atLine, atColumn) = (atLine + 1, 0)
      } else {
        atColumn += 1
      }
      if atLine > line { return nil }
      previous = scalar
    }
    return nil
  }

  /// Refuses bytes that are not UTF-8.
  ///
  /// O(bytes).
  func checkEncoding() throws(GraphError) {
    do throws(UTF8.ValidationError) {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      throw GraphError(
        Diagnostic(
          "the bytes from here on are not UTF-8: a graph file is text in UTF-8",
          at: position(ofByte: error.byteOffsets.lowerBound)))
    }
  }

  /// Refuses what YAML text must escape: control characters, and the characters that some readers
  /// take for a line's end and some do not (U+0085, U+2028, U+2029).
  ///
  /// O(bytes); the bytes must be UTF-8.
  func checkCharacters() throws(GraphError) {
    for index in bytes.indices {
      let byte = bytes[index]
      if byte >= 0x20 && byte < 0x7F { continue }
      guard let scalar = refusedScalar(at: index) else { continue }
      let code = String(scalar, radix: 16, uppercase: true)
      let name = "U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code
      throw GraphError(
        Diagnostic(
          "the character \(name) cannot stand in YAML as it is: write it as an escape such as "
            + "\"\\u\(name.dropFirst(2))\" in double quotes",
          at: position(ofByte: index)))
    }
  }

  private func refusedScalar(at index: Int) -> UInt32? {
    switch bytes[index] {
    case 0x09, 0x0A, 0x0D: nil
    case 0..<0x20, 0x7F: UInt32(bytes[index])
    case 0xC2 where bytes[index + 1] < 0xA0: UInt32(bytes[index + 1])
    case 0xE2 where bytes[index + 1] == 0x80 && bytes[index + 2] & 0xFE == 0xA8:
      0x2000 + UInt32(bytes[index + 2] & 0x3F)
    case 0xEF where bytes[index + 1] == 0xBB && bytes[index + 2] == 0xBF: 0xFEFF
    case 0xEF where bytes[index + 1] == 0xBF && bytes[index + 2] >= 0xBE:
      0xFFC0 + UInt32(bytes[index + 2] & 0x3F)
    default: nil
    }
  }
}
