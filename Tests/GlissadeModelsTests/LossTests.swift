import Testing

import GlissadeModels

@Suite struct LossTests {
  @Test func lossesHaveTheirWords() throws {
    for word in Loss.words { #expect(try Loss(named: word).description == word) }
    let error = #expect(throws: ModelError.self) { try Loss(named: "mse") }
    #expect(
      error?.description
        == "unknown loss 'mse'; known are squared, absolute, huber, cross-entropy, logistic, hinge")
    #expect(throws: ModelError.self) { try Loss(named: "huber", delta: 0) }
    #expect(throws: ModelError.self) { try Loss.huber(delta: .infinity) }
  }

  @Test(arguments: [
    ("cross-entropy", 10, 10, true), ("cross-entropy", 1, 2, false),
    ("cross-entropy", 3, nil, false), ("logistic", 1, 2, true), ("logistic", 2, 2, false),
    ("logistic", 1, 3, false), ("hinge", 1, 2, true), ("squared", 1, nil, true),
    ("squared", 3, nil, true), ("squared", 1, 2, true), ("squared", 10, 10, false),
  ])
  func aLossFitsOutputsAndTargets(word: String, outputs: Int, classes: Int?, fits: Bool) throws {
    let loss = try Loss(named: word)
    if fits {
      try loss.check(outputs: outputs, classes: classes)
    } else {
      #expect(throws: ModelError.self) { try loss.check(outputs: outputs, classes: classes) }
    }
  }

  @Test func classCodesAndNumbersGiveTheSameLoss() {
    // More rows than are turned into numbers at a time.
    let rows = 300
    let logits = numbers(rows, seed: 1)
    let codes = (0..<rows).map { Int32($0 % 2) }
    var residuals = ([Float](repeating: 0, count: rows), [Float](repeating: 0, count: rows))
    let byCode = codes.withUnsafeBufferPointer {
      Loss.logistic.sum(
        logits, .codes($0.baseAddress!), rows: rows, outputs: 1, residual: &residuals.0)
    }
    let byNumber = codes.map(Float.init).withUnsafeBufferPointer {
      Loss.logistic.sum(
        logits, .numbers($0.baseAddress!), rows: rows, outputs: 1, residual: &residuals.1)
    }
    #expect(abs(byCode - byNumber) < 1e-10)
    #expect(residuals.0 == residuals.1)
    let wrong: [Int32] = [2]
    let sum = wrong.withUnsafeBufferPointer {
      Loss.logistic.sum([1], .codes($0.baseAddress!), rows: 1, outputs: 1, residual: nil)
    }
    #expect(sum.isNaN)
  }
}
