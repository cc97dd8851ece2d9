import GlissadeGraph
import GlissadeGraph
import GlissadeSystem
import GlissadeTensor

/// The blocks of rows that a batch keeps in memory while a run draws from it, and the thread that reads the next ones
/// ahead.
///
/// Its memory is a value of the engine, which keeps it in one place until the run ends.
final class RowWindow: MovingRows {
  /// The blocks that are kept.
  let slots: RowSlots
  private let thread: SystemThread?

  /// - Parameters:
  ///   - steps: The steps of the run: nothing is read ahead for later ones.
  init(_ slots: RowSlots, reader: RowReadAhead?) {
    self.slots = slots
    // Without a thread nothing is read ahead, and all is as right.
    thread = reader.flatMap { reader in
      try? SystemThread(name: "glissade rows") { reader.run(slots) }
    }
  }

  var traffic: any DiskTraffic { slots.blocks.traffic }

  deinit {
    slots.close()
    thread?.join()
  }
}

/// Reads the blocks of a batch in the order in which they will be drawn, as far ahead as there is room.
struct RowReadAhead: Sendable {
  /// How rows are drawn.
  let draw: BatchDraw
  /// The place, where each draws its own rows.
  let place: Int?
  /// The steps of the run: nothing is read ahead for later ones.
  let steps: Int

  /// Reads until all is read or the window is closed.
  ///
  /// What cannot be read is left to who needs it, and finds out why.
  func run(_ slots: RowSlots) {
    let blocks = slots.blocks
    guard steps > 0, blocks.count > 0 else { return }
    let last = draw.position(step: steps - 1, of: blocks.rowCount)
    let lastGroup = blocks.group(ofRowAt: min(last.start + draw.size, blocks.rowCount) - 1)
    var (epoch, index) = (0, 0)
    while epoch <= (slots.keepsAll ? 0 : last.epoch) {
      if !slots.keepsAll, epoch == last.epoch, blocks.group(ofBlockAt: index) > lastGroup { return }
      guard
        let block = draw.block(at: index, epoch: epoch, of: blocks.rowCount, place: place)
      else { return }
      let group = epoch * blocks.groupCount + blocks.group(ofBlockAt: index)
      switch slots.readAhead(block, epoch: epoch, group: group) {
      case .next: index += 1
      case .behind(let newest):
        epoch = newest / blocks.groupCount
        index = blocks.start(ofGroup: newest % blocks.groupCount)
      case .closed: return
      }
      if index == blocks.count { (epoch, index) = (epoch + 1, 0) }
    }
  }
}
