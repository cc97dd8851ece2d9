import GlissadeTensor
import Testing

@Suite struct KeyedPermutationTests {
  /// Around every power of four, where the cipher's domain grows, and in between.
  @Test(arguments: [
    0, 1, 2, 3, 4, 5, 6, 7, 15, 16, 17, 63, 64, 65, 100, 255, 256, 257, 1000, 1023, 1024, 1025,
    4095, 4096, 4097, 10_007, 60_000,
  ])
  func visitsEachNumberOnce(count: Int) {
    let key = RandomKey(seed: testSeed).deriving("permutation").deriving(count)
    let permutation = KeyedPermutation(count: count, key: key)
    var seen = [Bool](repeating: false, count: count)
    for position in 0..<count { seen[permutation[position]] = true }
    #expect(seen.allSatisfy { $0 }, "seed \(testSeed)")
    #expect(
      (0..<count).allSatisfy { permutation.position(of: permutation[$0]) == $0 },
      "seed \(testSeed)")
  }

  @Test func everySmallCountIsAPermutation() {
    for count in 0..<200 {
      let key = RandomKey(seed: testSeed).deriving(count)
      let permutation = KeyedPermutation(count: count, key: key)
      let order = (0..<count).map { permutation[$0] }
      #expect(order.sorted() == Array(0..<count), "count \(count), seed \(testSeed)")
    }
  }

  @Test func theKeyDecidesTheOrder() {
    let root = RandomKey(seed: 1)
    func order(_ key: RandomKey) -> [Int] {
      let permutation = KeyedPermutation(count: 50, key: key)
      return (0..<50).map { permutation[$0] }
    }
    #expect(order(root.deriving(0)) == order(root.deriving(0)))
    #expect(order(root.deriving(0)) != order(root.deriving(1)))
    #expect(order(root.deriving(0)) != Array(0..<50))
  }

  @Test func numbersOfBillionsStayInside() {
    let count = 3_000_000_001
    let permutation = KeyedPermutation(count: count, key: RandomKey(seed: testSeed))
    var seen: Set<Int> = []
    for position in 0..<1000 {
      let number = permutation[position * 2_999_999]
      #expect((0..<count).contains(number), "seed \(testSeed)")
      seen.insert(number)
    }
    #expect(seen.count == 1000, "seed \(testSeed)")
  }

  /// Over many keys each number comes to a position equally often.
  @Test(arguments: [(7, 0), (7, 6), (16, 3), (100, 0), (100, 57)])
  func aPositionGetsEachNumberEquallyOften(count: Int, position: Int) {
    let root = RandomKey(seed: testSeed).deriving("position")
    var counts = [Int](repeating: 0, count: count)
    for key in 0..<200 * count {
      counts[KeyedPermutation(count: count, key: root.deriving(key))[position]] += 1
    }
    #expect(chiSquareIsPlausible(counts), "seed \(testSeed)")
  }

  /// Two neighbours in a batch must not be neighbours in the file more often than chance has it: over many keys, each
  /// distance (second minus first, around the circle) between the numbers at positions 0 and 1 comes equally often.
  @Test func neighboursLandAtEveryDistance() {
    let count = 41
    let root = RandomKey(seed: testSeed).deriving("distance")
    var counts = [Int](repeating: 0, count: count - 1)
    for key in 0..<200 * count {
      let permutation = KeyedPermutation(count: count, key: root.deriving(key))
      counts[(permutation[1] - permutation[0] + count) % count - 1] += 1
    }
    #expect(chiSquareIsPlausible(counts), "seed \(testSeed)")
  }

  /// Few numbers need more rounds than many: the ways to begin an order come equally often even there.
  @Test(arguments: [(2, 1), (3, 3), (4, 4), (8, 3), (13, 2), (16, 2)])
  func everyBeginningComesEquallyOften(count: Int, length: Int) {
    let root = RandomKey(seed: testSeed).deriving("beginnings")
    let beginnings = (0..<length).reduce(1) { $0 * (count - $1) }
    var counts: [[Int]: Int] = [:]
    for key in 0..<100 * beginnings {
      let permutation = KeyedPermutation(count: count, key: root.deriving(key))
      counts[(0..<length).map { permutation[$0] }, default: 0] += 1
    }
    #expect(counts.count == beginnings, "seed \(testSeed)")
    #expect(chiSquareIsPlausible(Array(counts.values)), "seed \(testSeed)")
  }

  @Test func positionsOutsideTrap() async {
    await #expect(processExitsWith: .failure) {
      _ = KeyedPermutation(count: 3, key: RandomKey(seed: 1))[3]
    }
  }
}
