import GlissadeTensor
import Testing

@Suite struct ShapeTests {
  @Test(arguments: [
    ([], 1), ([7], 7), ([60_000, 784], 47_040_000), ([3, 0, 5], 0), ([1, 1, 1, 1, 1, 1, 1, 2], 2),
  ])
  func countsItsElements(dimensions: [Int], count: Int) {
    let shape = Shape(checking: dimensions)
    #expect(shape?.elementCount == count)
    #expect(shape?.dimensions == dimensions)
    #expect(shape?.rank == dimensions.count)
  }

  @Test func refusesNegativeSizes() {
    #expect(Shape(checking: [-1]) == nil)
    #expect(Shape(checking: [0, -3]) == nil)
    #expect(Shape(checking: [Int.min, 2]) == nil)
  }

  @Test func refusesMoreThanEightDimensions() {
    #expect(Shape(checking: Array(repeating: 1, count: Shape.maximumRank)) != nil)
    #expect(Shape(checking: Array(repeating: 1, count: Shape.maximumRank + 1)) == nil)
  }

  /// The bytes of the widest scalar must be countable too, so the last shape that passes is well below `Int.max`.
  @Test func refusesProductsWhoseBytesOverflow() {
    #expect(Shape(checking: [Int.max]) == nil)
    #expect(Shape(checking: [1 << 32, 1 << 32]) == nil)
    #expect(Shape(checking: [Int.max / 16])?.elementCount == Int.max / 16)
    #expect(Shape(checking: [Int.max / 16 + 1]) == nil)
    #expect(Shape(checking: [1 << 30, 1 << 29]) == nil)
  }

  /// A size of zero hides no overflow, wherever it stands: the rows of an empty tensor have a size as well.
  @Test func refusesOverflowBesideZero() {
    #expect(Shape(checking: [0, 1 << 40, 1 << 40]) == nil)
    #expect(Shape(checking: [1 << 40, 1 << 40, 0]) == nil)
    #expect(Shape(checking: [1 << 40, 0, 1 << 40]) == nil)
    #expect(Shape(checking: [0, 1 << 40])?.elementCount == 0)
  }

  @Test func trapsWhereTheCallerVouchedForAWrongShape() async {
    await #expect(processExitsWith: .failure) { _ = Shape(3, -1) }
  }

  @Test func readsAsNumPyWritesIt() {
    #expect(Shape(60_000, 784).description == "[60000, 784]")
    #expect(Shape().description == "[]")
    #expect(Shape(4, 9)[1] == 9)
    #expect(Shape(2, 3) == Shape([2, 3]))
    #expect(Shape(2, 3) != Shape(3, 2))
  }
}
