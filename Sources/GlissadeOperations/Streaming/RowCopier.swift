import GlissadeGraph
import GlissadeTensor

/// Copies drawn rows, scaled, for one task of a batch: from the blocks of a window, or where they have no room there from
/// their files.
struct RowCopier {
  private let slots: RowSlots
  private let multiplier: Tensor
  private let offset: Tensor
  private let epoch: Int
  /// Room for a block that has no slot; nil where such rows are read one by one.
  private let transfer: Rows?
  private var group = 0
  /// By block, those that this group's rows have met.
  private var met: [Int: Met] = [:]
  private var order: [Met] = []
  /// Room for a row that is read alone, made when the first one is.
  private var single: Rows?

  /// A class, since a copy of its rows would count eight references a row, which threads share.
  private final class Met {
    let block: Int
    /// Nil where it has no slot.
    let slot: Int?
    let rows: Rows
    /// The rows that were copied.
    var count = 0
    /// Rows that wait for the block to be read for them alone, and where they go.
    var waiting: [(row: Int, index: Int)] = []

    init(_ block: Int, slot: Int?, _ rows: Rows) {
      self.block = block
      self.slot = slot
      self.rows = rows
    }
  }

  /// - Parameters:
  ///   - scaling: A multiplier and an offset; nil where rows stay as they are.
  ///   - transfer: Room for a block that has no slot; nil where such rows are read one by one.
  init(_ slots: RowSlots, epoch: Int, scaling: Value?, transfer: Rows?) {
    self.slots = slots
    self.epoch = epoch
    self.transfer = transfer
    multiplier = scaling?.tensors[0] ?? Rows.none
    offset = scaling?.tensors[1] ?? Rows.none
  }

  /// Copies a row into row `index` of gathered rows.
  ///
  /// - Parameter position: Its place in the order of the epoch.
  /// - Throws: `KernelError` where it cannot be read.
  mutating func copy(
    _ row: Int, at position: Int, to features: Tensor, _ targets: Tensor, _ index: Int
  ) throws {
    let now = slots.group(ofRowAt: position, in: epoch)
    if now != group {
      try copyWaiting(to: features, targets)
      finish()
      group = now
    }
    let block = row / slots.blocks.blockRows
    let its = try met[block] ?? meet(block)
    its.count += 1
    if its.slot != nil {
      return its.rows.copyRow(row % slots.blocks.blockRows, to: features, targets, at: index)
    }
    if transfer != nil { return its.waiting.append((row, index)) }
    try copyAlone(row, to: features, targets, index)
  }

  /// Copies the rows that wait for their blocks; to be called behind the last row.
  ///
  /// - Throws: As `copy`.
  mutating func copyWaiting(to features: Tensor, _ targets: Tensor) throws {
    guard let transfer else { return }
    for its in order where !its.waiting.isEmpty {
      if 32 * its.waiting.count < slots.blocks.rows(of: its.block).count {
        for (row, index) in its.waiting { try copyAlone(row, to: features, targets, index) }
      } else {
        try slots.blocks.traffic.waiting { try slots.blocks.read(its.block, into: transfer) }
        let rows = scaled(transfer)
        for (row, index) in its.waiting {
          rows.copyRow(row % slots.blocks.blockRows, to: features, targets, at: index)
        }
      }
      its.waiting = []
    }
  }

  private mutating func copyAlone(
    _ row: Int, to features: Tensor, _ targets: Tensor, _ index: Int
  ) throws {
    let room = single ?? scaled(slots.blocks.makeRow())
    single = room
    try slots.blocks.traffic.waiting { try slots.blocks.read(row: row, into: room) }
    room.copyRow(0, to: features, targets, at: index)
  }

  /// Holds a block that was not met yet, where it has a slot.
  private mutating func meet(_ block: Int) throws -> Met {
    let found = try slots.hold(block, epoch: epoch, group: group)
    let none = Rows(features: Rows.none, targets: Rows.none)
    let its = Met(block, slot: found?.slot, found.map { scaled($0.rows) } ?? none)
    met[block] = its
    order.append(its)
    return its
  }

  /// Gives back all blocks; to be called at the end, however it comes.
  mutating func finish() {
    if order.isEmpty { return }
    slots.release(
      order.map { (block: $0.block, slot: $0.slot, rows: $0.count) }, epoch: epoch, group: group)
    met.removeAll(keepingCapacity: true)
    order.removeAll(keepingCapacity: true)
  }

  private func scaled(_ rows: Rows) -> Rows {
    Rows(
      features: rows.features, targets: rows.targets, multiplier: multiplier, offset: offset)
  }
}
