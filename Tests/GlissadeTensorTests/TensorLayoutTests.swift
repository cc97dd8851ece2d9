import GlissadeTensor
import Testing

/// ```
///   0         30 32  35        48          64
///   | weight    |.|bias|.......| empty (0) | scale …
/// ```
@Suite struct TensorLayoutTests {
  private static let layout: TensorLayout = {
    var layout = TensorLayout()
    layout.append("dense.0.weight", Shape(10, 3), role: .weight)
    layout.append("dense.0.bias", Shape(3), role: .bias)
    layout.append("empty", Shape(0, 4), role: .embedding)
    layout.append("scale", Shape(), role: .norm)
    layout.append("dense.1.weight", Shape(16, 2), role: .weight)
    return layout
  }()

  @Test func everyTensorBeginsAtAMultipleOfSixteen() {
    #expect(Self.layout.entries.map(\.offset) == [0, 32, 48, 48, 64])
    #expect(Self.layout.entries.map(\.range) == [0..<30, 32..<35, 48..<48, 48..<49, 64..<96])
    #expect(Self.layout.count == 96)
  }

  @Test func gapsAreNotParameters() {
    #expect(Self.layout.parameterCount == 30 + 3 + 0 + 1 + 32)
    #expect(TensorLayout().count == 0)
    #expect(TensorLayout().parameterCount == 0)
  }

  @Test func tensorsAreFoundByName() {
    #expect(Self.layout["dense.0.bias"]?.shape == Shape(3))
    #expect(Self.layout["dense.0.bias"]?.role == .bias)
    #expect(Self.layout["dense.2.bias"] == nil)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 100])
  func blocksTileTheBuffer(blocks: Int) {
    var end = 0
    var sizes: [Int] = []
    for index in 0..<blocks {
      let block = Self.layout.block(index, of: blocks)
      #expect(block.lowerBound == end)
      #expect(block.lowerBound % TensorLayout.alignment == 0)
      sizes.append(block.count)
      end = block.upperBound
    }
    #expect(end == Self.layout.count)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= TensorLayout.alignment)
  }

  /// A layout costs nothing, so a plan may ask for the blocks of a model that no machine can hold.
  @Test func blocksOfAHugeBufferDoNotOverflow() {
    var layout = TensorLayout()
    layout.append("table", Shape(1 << 29, 1 << 29), role: .embedding)
    let blocks = 1_000_000
    #expect(layout.block(0, of: blocks).lowerBound == 0)
    #expect(layout.block(blocks - 1, of: blocks).upperBound == 1 << 58)
  }
}
