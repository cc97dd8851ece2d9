import GlissadeSystem

/// Readers of compressed files, which go forward only: one that stopped where a range begins, or
/// before, goes on from there.
///
/// So ranges that come in order cost one pass over a file. One thread reads at a time: two would
/// unpack the same bytes twice, each for itself.
final class ForwardCursors<Reader>: Sendable {
  private struct Cursor {
    let file: Int
    var row: Int
    let reader: Reader
  }

  /// Readers that wait: two, so that two neighbouring ranges in the wrong order cost no new start.
  private static var mostWaiting: Int { 2 }

  private let waiting = Lock<[Cursor]>([])

  /// Lends a reader that stands at or before the first of some rows of a file, and its row.
  ///
  /// `body` leaves it behind the last of them. A reader that fails, or that has read all `total`
  /// rows, is let go.
  func read(
    file: Int, rows: Range<Int>, of total: Int, opening: () throws(DataError) -> Reader,
    _ body: (Reader, Int) throws(DataError) -> Void
  ) throws(DataError) {
    try waiting.withLock { (waiting) throws(DataError) in
      let nearest = waiting.indices.filter {
        waiting[$0].file == file && waiting[$0].row <= rows.lowerBound
      }.max { waiting[$0].row < waiting[$1].row }
      var cursor: Cursor
      if let nearest {
        cursor = waiting.remove(at: nearest)
      } else {
        cursor = Cursor(file: file, row: 0, reader: try opening())
      }
      try body(cursor.reader, cursor.row)
      cursor.row = rows.upperBound
      guard cursor.row < total else { return }
      waiting.insert(cursor, at: 0)
      if waiting.count > Self.mostWaiting { waiting.removeLast() }
    }
  }
}
