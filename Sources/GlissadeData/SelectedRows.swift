/// Which rows of some data of a known length a selection takes: their numbers are arithmetic.
struct SelectedRows: Sendable {
  /// The distance between two of them.
  let every: Int
  /// How many they are.
  let count: Int
  private let first: Int

  /// The rows of `total` that a selection takes; a range that passes the end stops there.
  init(_ selection: RowSelection, of total: Int) {
    let bounds = (selection.range ?? 0..<total).clamped(to: 0..<total)
    every = selection.every
    first = bounds.lowerBound + selection.offset
    count = first < bounds.upperBound ? (bounds.upperBound - first - 1) / selection.every + 1 : 0
  }

  /// The number, in the data, of a selected row.
  subscript(index: Int) -> Int { first + index * every }

  /// The first selected row at or behind a row of the data, by its place among the selected ones.
  func firstIndex(from row: Int) -> Int {
    row <= first ? 0 : min(count, (row - first + every - 1) / every)
  }
}

extension [Int] {
  /// Of ascending starts: the last that is not behind a number, which lies before the last of all.
  ///
  /// O(log count).
  func last(before number: Int) -> Int {
    var (low, high) = (0, count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if self[middle] <= number { low = middle } else { high = middle }
    }
    return low
  }
}
