import GlissadeTensor
import Testing

@Suite struct RandomKeyTests {
  @Test func theSameWayGivesTheSameKey() {
    func key() -> RandomKey {
      RandomKey(seed: 7).deriving("weights").deriving(3).deriving("epoch").deriving(12)
    }
    #expect(key() == key())
    #expect(key().stream.bits(0, 0) == key().stream.bits(0, 0))
  }

  /// A key fixes every weight and batch that was ever reported, so its numbers may not change with a release.
  @Test func theNumbersOfAKeyAreFixed() {
    let key = RandomKey(seed: 7).deriving("weights").deriving(3)
    #expect(key.stream.bits(0, 0) == 6_674_527_755_781_702_479)
    #expect(key.stream.bits(1, 2) == 16_409_236_233_272_913_533)
  }

  @Test func seedsNamesNumbersAndDepthsAllDiffer() {
    var keys: Set<RandomKey> = []
    var made = 0
    func add(_ key: RandomKey) {
      keys.insert(key)
      made += 1
    }
    for seed: UInt64 in [0, 1, 2, 7, 1 << 32, .max, .max - 1] {
      let root = RandomKey(seed: seed)
      add(root)
      for name in ["", "a", "b", "ab", "ba", "weights", "Weights", "weights "] {
        let named = root.deriving(name)
        add(named)
        for number in -3..<60 { add(named.deriving(number)) }
        for number in 0..<20 { add(named.deriving(number).deriving(0)) }
      }
      for number in 0..<500 { add(root.deriving(number)) }
    }
    #expect(keys.count == made)
  }

  @Test func theOrderOfDerivationCounts() {
    let root = RandomKey(seed: 5)
    #expect(root.deriving(1).deriving(2) != root.deriving(2).deriving(1))
    #expect(root.deriving("a").deriving("b") != root.deriving("ab"))
    #expect(root.deriving("1") != root.deriving(1))
  }

  /// Neighbours in place and step must look as unrelated as any two numbers: half of the bits differ.
  @Test func neighboursDifferInHalfTheirBits() {
    let root = RandomKey(seed: testSeed).deriving("neighbours")
    var differing = 0
    let pairs = 2000
    for place in 0..<pairs {
      let left = root.deriving(place).stream.bits(0, 0)
      let right = root.deriving(place + 1).stream.bits(0, 0)
      differing += (left ^ right).nonzeroBitCount
    }
    // 64 · 2000 fair coins: mean 64,000, standard deviation 179; five of them on each side.
    #expect(abs(differing - 32 * pairs) < 895, "seed \(testSeed)")
  }
}
