import Foundation
import GlissadeKernels
import Testing

@Suite struct LossKernelTests {
  @Test(arguments: [1, 2, 3, 10, 15, 16, 17, 33, 100])
  func softmaxCrossEntropyAgreesWithFloat64(columns: Int) {
    // More rows than share one logarithm.
    let rows = 37
    let logits = numbers(rows * columns, seed: 1).map { $0 * 5 }
    let labels = (0..<rows).map { Int32($0 * 7 % columns) }
    var expectedLoss = 0.0
    var expected: [Double] = []
    for row in 0..<rows {
      let own = logits[row * columns..<(row + 1) * columns].map(Double.init)
      let total = own.map { exp($0) }.reduce(0, +)
      expectedLoss += log(total) - own[Int(labels[row])]
      expected += own.indices.map { exp(own[$0]) / total - ($0 == Int(labels[row]) ? 1 : 0) }
    }
    var loss = 0.0
    let residual = output(logits.count) {
      loss = softmaxCrossEntropy(
        logits, labels: labels, rows: rows, columns: columns, residual: $0)
    }
    #expect(abs(loss - expectedLoss) <= 1e-6 * max(1, expectedLoss))
    #expect(agree(residual, expected))
    let alone = softmaxCrossEntropy(
      logits, labels: labels, rows: rows, columns: columns, residual: nil)
    #expect(alone == loss)
    // In place of the logits.
    let inPlace = output(logits) {
      _ = softmaxCrossEntropy($0, labels: labels, rows: rows, columns: columns, residual: $0)
    }
    #expect(bits(inPlace) == bits(residual))
  }

  @Test func softmaxCrossEntropyIsStableAtGreatMargins() throws {
    let logits: [Float] = [1e4, -1e4, 0, -1e4, 1e4, 0]
    var loss = 0.0
    let residual = try #require(
      output(6) {
        loss = softmaxCrossEntropy(logits, labels: [0, 0], rows: 2, columns: 3, residual: $0)
      })
    #expect(loss == 20_000)
    #expect(residual == [0, 0, 0, -1, 1, 0])
  }

  @Test func aLabelOutsideOrANaNMakesTheLossNaN() {
    let logits: [Float] = [1, 2, 3]
    for label in [Int32(-1), 3, .max] {
      #expect(
        softmaxCrossEntropy(logits, labels: [label], rows: 1, columns: 3, residual: nil).isNaN)
    }
    for bad in [Float.nan, .infinity] {
      let loss = softmaxCrossEntropy(
        [1, bad, 3], labels: [0], rows: 1, columns: 3, residual: nil)
      #expect(!loss.isFinite)
    }
  }

  @Test func softmaxDividesByTheTemperature() {
    let logits: [Float] = [0, 2, 4]
    let weights = [1, exp(1.0), exp(2.0)]
    let total = weights.reduce(0, +)
    #expect(
      agree(
        output(3) { softmax(logits, rows: 1, columns: 3, temperature: 2, into: $0) },
        weights.map { $0 / total }))
  }

  @Test(arguments: [0, 1, 3, 16, 17, 100])
  func elementLossesAgreeWithFloat64(count: Int) {
    let y = numbers(count, seed: 2).map { $0 * 3 }
    let t = numbers(count, seed: 3).map { $0 > 0 ? Float(1) : 0 }
    check(.squared, y, t) { y, t in (0.5 * (y - t) * (y - t), y - t) }
    check(.absolute, y, t) { y, t in (abs(y - t), y > t ? 1 : -1) }
    check(.huber(delta: 1.5), y, t) { y, t in
      let e = y - t
      return abs(e) <= 1.5
        ? (0.5 * e * e, e) : (1.5 * (abs(e) - 0.75), e > 0 ? 1.5 : -1.5)
    }
    check(.logistic, y, t) { y, t in (log(1 + exp(y)) - t * y, 1 / (1 + exp(-y)) - t) }
    check(.hinge, y, t) { y, t in
      let sign = 2 * t - 1
      return sign * y < 1 ? (1 - sign * y, -sign) : (0, 0)
    }
  }

  @Test func elementLossesAreStableAtGreatMargins() {
    let y: [Float] = [1e4, 1e4, -1e4, -1e4]
    let t: [Float] = [1, 0, 1, 0]
    var loss = 0.0
    let slopes = output(4) {
      loss = ElementLoss.logistic.sum(y, targets: t, count: 4, residual: $0)
    }
    #expect(loss == 20_000)
    #expect(slopes == [0, 1, -1, 0])
    #expect(ElementLoss.logistic.sum([.nan], targets: [1], count: 1, residual: nil).isNaN)
  }

  private func check(
    _ loss: ElementLoss, _ y: [Float], _ t: [Float],
    _ expected: (Double, Double) -> (loss: Double, slope: Double)
  ) {
    let pairs = zip(y, t).map { expected(Double($0), Double($1)) }
    var found = 0.0
    let slopes = output(y.count) {
      found = loss.sum(y, targets: t, count: y.count, residual: $0)
    }
    let total = pairs.reduce(0.0) { $0 + $1.loss }
    #expect(abs(found - total) <= 1e-6 * max(1, total), "\(loss): \(found) for \(total)")
    #expect(agree(slopes, pairs.map(\.slope)), "\(loss)")
  }
}
