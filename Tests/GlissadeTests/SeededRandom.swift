/// Random choices that a seed repeats (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number of a range.
  mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  /// Whether something of a probability happens.
  mutating func happens(_ probability: Double = 0.5) -> Bool {
    Double.random(in: 0..<1, using: &self) < probability
  }

  /// One of some choices; there must be one.
  mutating func one<Choice>(of choices: [Choice]) -> Choice {
    choices[number(0...choices.count - 1)]
  }

  /// A text with probability one half, otherwise none.
  mutating func maybe(_ text: String, _ probability: Double = 0.5) -> String {
    happens(probability) ? text : ""
  }
}
