import GlissadeTensor
import Testing

/// The known answers are those of Random123, the reference implementation by the authors of the paper.
///
/// Source: D. E. Shaw Research, file `kat_vectors`, `philox4x32` with 10 rounds.
@Suite struct PhiloxTests {
  struct KnownAnswer: Sendable {
    let counter: (high: UInt64, low: UInt64)
    let key: UInt64
    let words: [UInt32]
  }

  static let knownAnswers = [
    KnownAnswer(
      counter: (0, 0), key: 0,
      words: [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]),
    KnownAnswer(
      counter: (.max, .max), key: .max,
      words: [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]),
    // The digits of π.
    KnownAnswer(
      counter: (0x0370_7344_1319_8A2E, 0x85A3_08D3_243F_6A88), key: 0x299F_31D0_A409_3822,
      words: [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]),
  ]

  @Test(arguments: knownAnswers.indices)
  func givesTheKnownAnswers(index: Int) {
    let answer = Self.knownAnswers[index]
    let (w0, w1, w2, w3) = Philox(key: answer.key).words(answer.counter.high, answer.counter.low)
    #expect([w0, w1, w2, w3] == answer.words)
  }

  @Test func makesItsOtherNumbersOfTheWords() {
    let stream = Philox(key: 0)
    #expect(stream.bits(0, 0) == 0xE169_C58D_6627_E8D5)
    #expect(stream.uniform(0, 0) == Float(0x6627E8) / Float(1 << 24))
    #expect(stream.below(1000, 0, 0) == 880)
    #expect(stream.below(1, 3, 4) == 0)
  }

  @Test func uniformStaysBelowOne() {
    let stream = RandomKey(seed: testSeed).deriving("uniform").stream
    let draws = (0..<20_000).map { stream.uniform(1, $0) }
    #expect(draws.allSatisfy { $0 >= 0 && $0 < 1 }, "seed \(testSeed)")
    let mean = draws.reduce(0) { $0 + Double($1) } / Double(draws.count)
    // Five standard deviations of the mean of 20,000 uniform numbers: 5 · √(1/12 / 20,000).
    #expect(abs(mean - 0.5) < 0.0103, "seed \(testSeed)")
  }

  @Test(arguments: [2, 3, 10, 257])
  func belowFillsItsRangeEvenly(bound: Int) {
    let stream = RandomKey(seed: testSeed).deriving("below").stream
    var counts = [Int](repeating: 0, count: bound)
    for draw in 0..<UInt64(100 * bound) { counts[stream.below(bound, 7, draw)] += 1 }
    #expect(chiSquareIsPlausible(counts), "seed \(testSeed)")
  }
}
