internal import GlissadeGraph

/// A line of a source as a terminal shows it, with the columns that each character takes, so that carets stand under
/// what they mean.
struct DisplayLine {
  private struct Cell {
    let text: String
    let width: Int
  }

  private let cells: [Cell]

  /// A line without its end.
  ///
  /// Tabs become two spaces, what a terminal would not show or obey becomes an escape.
  init(_ line: some Sequence<Unicode.Scalar>) {
    cells = line.map { scalar in
      if scalar == "\t" { return Cell(text: "  ", width: 2) }
      let text = escaped(String(scalar))
      guard text.unicodeScalars.count == 1 else {
        return Cell(text: text, width: text.unicodeScalars.count)
      }
      return Cell(text: text, width: Self.width(of: scalar))
    }
  }

  /// The line and the carets under a token (column from 1, in scalars), cut to about `width` columns around the token.
  func marked(column: Int, length: Int, width: Int) -> (line: String, blanks: Int, carets: Int) {
    let start = min(column - 1, cells.count)
    let end = min(start + length, cells.count)
    var (first, last) = (0, cells.count)
    if columns(0..<cells.count) > width {
      // Room for a third before the token and the rest behind it, an ellipsis at each end.
      first = start
      var room = (width - 2) / 3
      while first > 0, cells[first - 1].width <= room {
        first -= 1
        room -= cells[first].width
      }
      last = first
      room = width - 2
      while last < cells.count, cells[last].width <= room {
        room -= cells[last].width
        last += 1
      }
    }
    let line =
      (first > 0 ? "…" : "") + cells[first..<last].map(\.text).joined()
      + (last < cells.count ? "…" : "")
    let blanks = (first > 0 ? 1 : 0) + columns(first..<start)
    return (line, blanks, max(1, columns(start..<max(start, min(end, last)))))
  }

  private func columns(_ range: Range<Int>) -> Int {
    cells[range].reduce(0) { $0 + $1.width }
  }

  /// Columns of a character on a terminal: none for combining marks, two for East Asian wide ones and emoji
  /// (Unicode Standard Annex 11).
  private static func width(of scalar: Unicode.Scalar) -> Int {
    let properties = scalar.properties
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    if properties.isEmojiPresentation { return 2 }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF,
      0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60,
      0xFFE0...0xFFE6, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
