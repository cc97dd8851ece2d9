/// The chance that a row with label 1 has a higher score than one with another label, ties counted half: the
/// Mann–Whitney statistic by ranks.
///
/// NaN where one kind is missing or a score is NaN. O(n log n).
///
/// The order of the rows does not matter, so parts may come in any.
package func areaUnderCurve(
  scores: UnsafeBufferPointer<Float>, labels: UnsafeBufferPointer<Float>
) -> Double {
  precondition(scores.count == labels.count, "\(scores.count) scores, \(labels.count) labels")
  guard !scores.contains(where: \.isNaN) else { return .nan }
  let order = scores.indices.sorted { scores[$0] < scores[$1] }
  var positives = 0
  // Twice the number of pairs in the right order, so that halves are whole.
  var wins: Int64 = 0
  var negativesBelow = 0
  var start = 0
  while start < order.count {
    var end = start
    var tied = (positive: 0, negative: 0)
    while end < order.count, scores[order[end]] == scores[order[start]] {
      if labels[order[end]] == 1 { tied.positive += 1 } else { tied.negative += 1 }
      end += 1
    }
    wins += Int64(tied.positive) * Int64(2 * negativesBelow + tied.negative)
    positives += tied.positive
    negativesBelow += tied.negative
    start = end
  }
  guard positives > 0, negativesBelow > 0 else { return .nan }
  return Double(wins) / (2 * Double(positives) * Double(negativesBelow))
}
