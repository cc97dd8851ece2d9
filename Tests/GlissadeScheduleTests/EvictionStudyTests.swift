import GlissadeSchedule
import Testing

/// What a bound of moved bytes can be.
@Suite struct EvictionStudyTests {
  @Test(arguments: [
    ([4], 1, 4), ([4], 4, 4), ([4], 9, 12), ([3, 5], 4, 5), ([3, 5], 7, 8), ([3, 5], 0, 0),
    ([], 7, 7), ([0, 6], 7, 12),
  ])
  func wholeValuesAddUp(sizes: [Int], bound: Int, expected: Int) {
    #expect(EvictionStudy.leastSum(of: sizes, from: bound) == expected)
  }

  @Test func manySumsLeaveTheBound() {
    #expect(EvictionStudy.leastSum(of: [7, 11, 13], from: 1 << 40) == 1 << 40)
  }
}
