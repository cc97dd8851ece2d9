/// A row's score and label in one number, which is ordered as the scores are: so a part of an evaluation can be sorted where
/// it lies, and parts merged without memory of their own.
package struct ScoredRow: Sendable {
  /// The 32 bits of the score, turned so that greater scores have greater numbers, and behind them one for the label.
  fileprivate let bits: Int64

  /// - Parameter isPositive: Whether the label is 1.
  package init(score: Float, isPositive: Bool) {
    // Both zeros are one score, and what is no number comes last, whatever its sign.
    let pattern = score == 0 ? 0 : score.bitPattern
    let key = score.isNaN ? .max : pattern >> 31 == 1 ? ~pattern : pattern | 1 << 31
    bits = Int64(key) << 1 | (isPositive ? 1 : 0)
  }

  fileprivate var key: Int64 { bits >> 1 }
  fileprivate var isPositive: Bool { bits & 1 == 1 }
  fileprivate var isNaN: Bool { key == Int64(UInt32.max) }

  /// Sorts rows by their scores: three passes over 11 bits each.
  ///
  /// - Parameter scratch: Room for as many.
  /// - Complexity: O(n).
  package static func sort(
    _ rows: UnsafeMutableBufferPointer<ScoredRow>, scratch: UnsafeMutablePointer<ScoredRow>
  ) {
    guard let base = rows.baseAddress else { return }
    var (source, target) = (base, scratch)
    for shift in [0, 11, 22] as [Int64] {
      withUnsafeTemporaryAllocation(of: Int.self, capacity: 2049) { starts in
        starts.initialize(repeating: 0)
        for index in rows.indices { starts[Int(source[index].bits >> shift & 2047) + 1] += 1 }
        for digit in 0..<2048 { starts[digit + 1] += starts[digit] }
        for index in rows.indices {
          let digit = Int(source[index].bits >> shift & 2047)
          target[starts[digit]] = source[index]
          starts[digit] += 1
        }
      }
      swap(&source, &target)
    }
    base.update(from: source, count: rows.count)
  }
}

/// The chance that a row with label 1 has a higher score than one with another label, ties counting half: the
/// Mann–Whitney statistic by ranks, over parts each of which is sorted.
///
/// NaN where one kind is missing or a score is NaN. The order of the parts does not matter.
/// - Complexity: O(n log parts), with memory for the parts' places alone.
package func areaUnderCurve(_ parts: [UnsafeBufferPointer<ScoredRow>]) -> Double {
  guard !parts.contains(where: { $0.last?.isNaN ?? false }) else { return .nan }
  var merge = SortedMerge(parts)
  var positives = 0
  // Twice the number of pairs in the right order, so that halves are whole.
  var wins: Int64 = 0
  var negativesBelow = 0
  while let first = merge.first {
    var tied = (positive: 0, negative: 0)
    while let next = merge.first, next.key == first.key {
      if next.isPositive { tied.positive += 1 } else { tied.negative += 1 }
      merge.removeFirst()
    }
    wins += Int64(tied.positive) * Int64(2 * negativesBelow + tied.negative)
    positives += tied.positive
    negativesBelow += tied.negative
  }
  guard positives > 0, negativesBelow > 0 else { return .nan }
  return Double(wins) / (2 * Double(positives) * Double(negativesBelow))
}

/// Sorted parts, taken together in order: a binary heap of what is left of each.
private struct SortedMerge {
  private var heap: [Slice<UnsafeBufferPointer<ScoredRow>>]

  init(_ parts: [UnsafeBufferPointer<ScoredRow>]) {
    heap = parts.filter { !$0.isEmpty }.map { $0[...] }
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(index) }
  }

  /// The least row that is left.
  var first: ScoredRow? { heap.first?.first }

  mutating func removeFirst() {
    heap[0].removeFirst()
    if heap[0].isEmpty {
      heap.swapAt(0, heap.count - 1)
      heap.removeLast()
    }
    sink(0)
  }

  private mutating func sink(_ start: Int) {
    var index = start
    while 2 * index + 1 < heap.count {
      var child = 2 * index + 1
      if child + 1 < heap.count, least(child + 1) < least(child) { child += 1 }
      guard least(child) < least(index) else { return }
      heap.swapAt(child, index)
      index = child
    }
  }

  private func least(_ part: Int) -> Int64 { heap[part][heap[part].startIndex].bits }
}
