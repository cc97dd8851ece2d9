import GlissadeTensor

/// The order in which the rows of an epoch are drawn: the same whatever divides the rows among places, and friendly to a
/// disk.
///
/// The rows are cut into blocks, the blocks are permuted by the key, and the rows are permuted within a group of 64
/// blocks; the rows behind the last whole block belong to the last group. A batch so touches one group or two, which take
/// a few MiB however wide the rows are. The order is computed place by place, in O(1).
struct EpochOrder {
  static let groupBlocks = 64

  /// The rows of a block: as many as have 65,536 numbers, rounded down to a power of two, and at most 512.
  static func blockRows(features: Int) -> Int {
    var rows = 512
    while rows > 1, rows * features > 65_536 { rows /= 2 }
    return rows
  }

  let rows: Int
  private let blockRows: Int
  private let key: RandomKey
  private let blocks: KeyedPermutation
  private let groupCount: Int

  init(rows: Int, blockRows: Int, key: RandomKey) {
    self.rows = rows
    self.blockRows = blockRows
    self.key = key
    let whole = rows / blockRows
    blocks = KeyedPermutation(count: whole, key: key.deriving("blocks"))
    groupCount = max(1, (whole + EpochOrder.groupBlocks - 1) / EpochOrder.groupBlocks)
  }

  /// The block at a place of the order; the rows behind the last whole block are the last one.
  func block(at index: Int) -> Int { index < blocks.count ? blocks[index] : index }

  /// The rows at some positions of the epoch, written to `target`.
  func rows(at positions: Range<Int>, into target: UnsafeMutableBufferPointer<Int32>) {
    let groupRows = blockRows * EpochOrder.groupBlocks
    var group = -1
    var within = KeyedPermutation(count: 0, key: key)
    var groupStart = 0
    var wholeRows = 0
    for (index, position) in positions.enumerated() {
      let here = min(position / groupRows, groupCount - 1)
      if here != group {
        group = here
        groupStart = group * groupRows
        let end = group == groupCount - 1 ? rows : groupStart + groupRows
        let blockEnd = min(blocks.count, (group + 1) * EpochOrder.groupBlocks)
        wholeRows = (blockEnd - group * EpochOrder.groupBlocks) * blockRows
        within = KeyedPermutation(
          count: end - groupStart, key: key.deriving("rows").deriving(group))
      }
      let place = within[position - groupStart]
      if place < wholeRows {
        let block = blocks[group * EpochOrder.groupBlocks + place / blockRows]
        target[index] = Int32(block * blockRows + place % blockRows)
      } else {
        target[index] = Int32(blocks.count * blockRows + place - wholeRows)
      }
    }
  }
}
