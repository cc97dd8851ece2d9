import Foundation
import GlissadeTensor
import Testing

import GlissadeModels

@Suite struct MetricTests {
  /// The values over rows that come in parts, merged in order.
  private func values(
    _ metrics: [Metric], outputs: Int, loss: Loss, logits: [Float], codes: [Int32]? = nil,
    targets: [Float] = [], parts: [Range<Int>], penalty: Double = 0
  ) -> [Double] {
    let accumulator = MetricAccumulator(metrics, outputs: outputs, loss: loss)
    var sums = [Double](repeating: 0, count: accumulator.sumCount)
    var scores: [[ScoredRow]] = []
    for part in parts {
      var own = [Double](repeating: 0, count: accumulator.sumCount)
      let nothing = ScoredRow(score: .nan, isPositive: false)
      var (partScores, scratch) = (
        [ScoredRow](repeating: nothing, count: part.count),
        [ScoredRow](repeating: nothing, count: part.count + 1)
      )
      let rows = Array(logits[part.lowerBound * outputs..<part.upperBound * outputs])
      func accumulate(_ targets: Targets) {
        accumulator.accumulate(
          rows, targets, rows: part.count, into: &own, scores: &partScores)
      }
      if let codes {
        codes.withUnsafeBufferPointer { accumulate(.codes($0.baseAddress! + part.lowerBound)) }
      } else {
        targets.withUnsafeBufferPointer {
          accumulate(.numbers($0.baseAddress! + part.lowerBound * outputs))
        }
      }
      accumulator.merge(own, into: &sums)
      if accumulator.keepsScores {
        partScores.withUnsafeMutableBufferPointer { ScoredRow.sort($0, scratch: &scratch) }
        scores.append(partScores)
      }
    }
    func finish(_ open: [UnsafeBufferPointer<ScoredRow>]) -> [Double] {
      guard open.count < scores.count else {
        return accumulator.finish(sums, scores: open, penalty: penalty)
      }
      return scores[open.count].withUnsafeBufferPointer { finish(open + [$0]) }
    }
    return finish([])
  }

  @Test func classMetricsHaveTheirHandValues() {
    // Right, second best, wrong with a tie that the first class wins, right with a tie.
    let logits: [Float] = [3, 1, 0, 2, 1, 0, 1, 1, 0, 1, 1, 0]
    let codes: [Int32] = [0, 1, 1, 0]
    let parts = [0..<1, 1..<1, 1..<4]
    let found = values(
      [.accuracy, .topK(2), .logLoss, .loss, .objective], outputs: 3, loss: .crossEntropy,
      logits: logits, codes: codes, parts: parts, penalty: 0.5)
    let (e, e2, e3) = (exp(1.0), exp(2.0), exp(3.0))
    let tied: Double = e / (2 * e + 1)
    let probabilities: [Double] = [e3 / (e3 + e + 1), e / (e2 + e + 1), tied, tied]
    let logLoss = -probabilities.map { log($0) }.reduce(0, +) / 4
    #expect(found[0] == 0.5)
    #expect(found[1] == 1)
    #expect(abs(found[2] - logLoss) < 1e-6)
    #expect(found[3] == found[2])
    #expect(found[4] == found[3] + 0.5)
  }

  @Test func aNaNNeverCountsAsRight() {
    let many = values(
      [.accuracy, .topK(2)], outputs: 2, loss: .crossEntropy, logits: [.nan, .nan], codes: [0],
      parts: [0..<1])
    #expect(many[0] == 0)
    let one = values(
      [.accuracy, .auc], outputs: 1, loss: .logistic, logits: [.nan, 1], codes: [0, 1],
      parts: [0..<2])
    #expect(one[0] == 0.5)
    #expect(one[1].isNaN)
  }

  @Test func numberMetricsHaveTheirHandValues() {
    let found = values(
      [.rmse, .mae, .r2, .loss], outputs: 1, loss: .squared, logits: [1, 2, 3, 6],
      targets: [1, 2, 5, 4], parts: [0..<3, 3..<4])
    #expect(abs(found[0] - 2.0.squareRoot()) < 1e-12)
    #expect(found[1] == 1)
    // The targets' mean is 3, their squares about it sum to 10.
    #expect(abs(found[2] - (1 - 8.0 / 10)) < 1e-12)
    #expect(found[3] == 1)
  }

  @Test func noRowsHaveNoMetric() {
    let found = values(
      [.accuracy, .loss], outputs: 2, loss: .crossEntropy, logits: [], codes: [0],
      parts: [0..<0])
    #expect(found.allSatisfy { $0.isNaN })
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func theAreaUnderTheCurveIsTheShareOfOrderedPairs(seed: UInt64) {
    let stream = RandomKey(seed: seed).stream
    // Few different scores, so that there are many ties, of all sizes and both signs, and both zeros.
    let scores = (0..<150).map { row -> Float in
      let number = Float(stream.below(20, 0, UInt64(row))) - 10
      return number == 0 && row % 2 == 0 ? -0.0 : number * number * number
    }
    let codes = (0..<150).map { Int32(stream.below(2, 1, UInt64($0))) }
    var wins = 0.0
    var pairs = 0.0
    for i in 0..<150 where codes[i] == 1 {
      for j in 0..<150 where codes[j] == 0 {
        pairs += 1
        wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
      }
    }
    let found = values(
      [.auc], outputs: 1, loss: .logistic, logits: scores, codes: codes,
      parts: [0..<60, 60..<150])
    #expect(found == [wins / pairs], "seed \(seed)")
    let swapped = values(
      [.auc], outputs: 1, loss: .logistic, logits: scores, codes: codes,
      parts: [60..<150, 0..<60])
    #expect(swapped == found)
    // Two logits are scored by their difference.
    let doubled = values(
      [.auc], outputs: 2, loss: .crossEntropy, logits: scores.flatMap { [Float(0), $0] },
      codes: codes, parts: [0..<150])
    #expect(doubled == found)
  }

  @Test func oneKindOfLabelHasNoArea() {
    let found = values(
      [.auc], outputs: 1, loss: .logistic, logits: [1, 2], codes: [1, 1], parts: [0..<2])
    #expect(found[0].isNaN)
  }

  @Test func wordsNameMetricsAndUnfitOnesAreRefused() throws {
    for word in Metric.words where word != "top-K" {
      #expect(try Metric(named: word).description == word)
    }
    #expect(try Metric(named: "top-5") == .topK(5))
    for word in ["top-0", "top-x", "top-K", "f1"] {
      #expect(throws: ModelError.self) { try Metric(named: word) }
    }
    #expect(throws: ModelError.self) { try Metric.topK(11).check(outputs: 10, classes: 10) }
    #expect(throws: ModelError.self) { try Metric.auc.check(outputs: 3, classes: 3) }
    #expect(throws: ModelError.self) { try Metric.accuracy.check(outputs: 1, classes: nil) }
    #expect(throws: ModelError.self) { try Metric.rmse.check(outputs: 3, classes: 3) }
    try Metric.r2.check(outputs: 2, classes: nil)
  }
}
