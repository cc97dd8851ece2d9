internal import GlissadeGraph

/// A line of a source around a token, as a terminal shows it, with the columns that each character takes, so that carets
/// stand under what they mean.
struct DisplayLine {
  private struct Cell {
    let text: String
    let width: Int
  }

  private let cells: [Cell]
  /// The cell at which the token begins.
  private let start: Int
  /// Whether the line goes on before its first cell, and behind its last.
  private let isCut: (before: Bool, after: Bool)

  /// What stands in a line before a token, and from its begin on, without the line's end; each may be cut.
  ///
  /// Tabs become two spaces, what a terminal would not show or obey becomes an escape.
  init(before: String, after: String, isCutBefore: Bool, isCutAfter: Bool) {
    start = before.unicodeScalars.count
    isCut = (isCutBefore, isCutAfter)
    cells = (before + after).unicodeScalars.map { scalar in
      if scalar == "\t" { return Cell(text: "  ", width: 2) }
      let text = escaped(String(scalar))
      guard text.unicodeScalars.count == 1 else {
        return Cell(text: text, width: text.unicodeScalars.count)
      }
      return Cell(text: text, width: Self.width(of: scalar))
    }
  }

  /// The line and the carets under the token, of `length` scalars, cut to about `width` columns around it.
  func marked(length: Int, width: Int) -> (line: String, blanks: Int, carets: Int) {
    let end = min(length, cells.count - start) + start
    var (first, last) = (0, cells.count)
    if isCut.before || isCut.after || columns(0..<cells.count) > width {
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
    let goesOn = (before: first > 0 || isCut.before, after: last < cells.count || isCut.after)
    let line =
      (goesOn.before ? "…" : "") + cells[first..<last].map(\.text).joined()
      + (goesOn.after ? "…" : "")
    let blanks = (goesOn.before ? 1 : 0) + columns(first..<start)
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
