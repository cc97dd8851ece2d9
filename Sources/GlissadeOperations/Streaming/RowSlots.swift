import GlissadeGraph
import GlissadeSystem
import GlissadeTensor

/// Blocks of rows in a fixed number of slots, shared by all that draw from them and by the thread that reads ahead.
///
/// Each row is drawn once an epoch, so a block is done with, and its slot free, when all its rows have been copied: what
/// is kept is what will be needed next, without guessing. Two groups have to be there, one of which is read while rows are
/// drawn from the other; where there are more slots, the first blocks have theirs for good and are read once. A block that
/// finds no slot is not waited for; its rows are read one by one. So whoever draws waits only for a block that is being
/// read, and what reads it waits for nobody.
final class RowSlots: Sendable {
  /// The blocks that can be read.
  let blocks: RowBlocks
  /// Whether each block that has a slot keeps it: there is room for all, or no order that tells which comes next.
  let keepsAll: Bool
  /// So many slots let nobody wait for the disk longer than it takes to read each block once.
  static let fullSpeed = 2 * RowBlocks.mostGroupBlocks
  /// The first blocks, which have the slots of their numbers for good.
  private let residents: Int
  private let slots: [Rows]
  private let groupCount: Int
  /// How many groups later than one that was begun rows may still be drawn from it, at most, before its blocks may go.
  private let patience: Int
  private let gate: Gate<State>

  private struct Slot {
    var key = -1
    var group = 0
    var isLoading = false
    /// Who copies from it now.
    var readers = 0
    /// Rows that have not been copied yet.
    var left = 0
  }

  private struct State {
    var slots: [Slot]
    var free: [Int]
    /// By block, its slot.
    var slotOf: [Int: Int] = [:]
    /// By block, the rows that were copied before it had a slot, and its group.
    var copied: [Int: (rows: Int, group: Int)] = [:]
    /// The last group that anybody has drawn from.
    var newest = 0
    var isClosed = false
  }

  /// Slots over the memory of a tensor.
  ///
  /// - Parameters:
  ///   - stepGroups: The groups of blocks that a step draws from, at most.
  init(_ blocks: RowBlocks, _ slots: [Rows], hasOrder: Bool, stepGroups: Int) {
    self.blocks = blocks
    self.slots = slots
    groupCount = blocks.groupCount
    keepsAll = !hasOrder || slots.count >= blocks.count
    residents =
      keepsAll ? min(slots.count, blocks.count) : max(0, slots.count - RowSlots.fullSpeed)
    patience = 1 + 4 * stepGroups
    gate = Gate(
      State(
        slots: Array(repeating: Slot(), count: slots.count),
        free: Array((residents..<slots.count).reversed())))
  }

  /// Lets nobody wait any longer.
  func close() { gate.change { $0.isClosed = true } }

  // MARK: Drawing

  /// The group, over all epochs, of a place among the rows of one.
  func group(ofRowAt position: Int, in epoch: Int) -> Int {
    epoch * groupCount + blocks.group(ofRowAt: position)
  }

  /// The rows of a block, held until `release`, and its slot; nil where there is no room for it.
  ///
  /// - Parameter group: The number of the group over all epochs.
  /// - Throws: `KernelError` where it cannot be read.
  func hold(_ block: Int, epoch: Int, group: Int) throws -> (slot: Int, rows: Rows)? {
    guard !slots.isEmpty else { return nil }
    let key = key(block, epoch)
    enum Found {
      case held(Int)
      case load(Int)
      case nowhere
    }
    func find(_ state: inout State) -> Found? {
      if group > state.newest { begin(group, &state) }
      if let slot = state.slotOf[key] {
        if state.slots[slot].isLoading { return nil }
        state.slots[slot].readers += 1
        return .held(slot)
      }
      guard let slot = take(for: key, block, group, &state) else { return .nowhere }
      return .load(slot)
    }
    let found =
      gate.change(waking: .none, find) ?? blocks.traffic.waiting { gate.wait(until: find) }
    switch found {
    case .held(let slot)?: return (slot, slots[slot])
    case .load(let slot)?:
      try blocks.traffic.waiting { try load(block, into: slot, readers: 1) }
      return (slot, slots[slot])
    case .nowhere?, nil: return nil
    }
  }

  /// Gives blocks back with the number of their rows that were copied; a block without a slot had them read one by one.
  func release(_ uses: [(block: Int, slot: Int?, rows: Int)], epoch: Int, group: Int) {
    gate.change { state in
      for use in uses {
        if let slot = use.slot { state.slots[slot].readers -= 1 }
        if isResident(use.block) { continue }
        let key = key(use.block, epoch)
        guard let slot = state.slotOf[key] else {
          state.copied[key, default: (0, group)].rows += use.rows
          continue
        }
        state.slots[slot].left -= use.rows
        clearIfDone(slot, &state)
      }
    }
  }

  // MARK: Reading ahead

  /// What has come of reading ahead.
  enum Ahead {
    /// The block is there, or not worth it: the next one.
    case next
    /// Its group is over, and this one has begun.
    case behind(newest: Int)
    /// Nobody draws any more.
    case closed
  }

  /// Reads a block as soon as there is room for it.
  func readAhead(_ block: Int, epoch: Int, group: Int) -> Ahead {
    guard !slots.isEmpty else { return .closed }
    let key = key(block, epoch)
    enum Found {
      case load(Int)
      case over(Ahead)
    }
    let found = gate.wait { (state: inout State) -> Found? in
      if state.isClosed { return .over(.closed) }
      if !self.keepsAll, group < state.newest { return .over(.behind(newest: state.newest)) }
      if state.slotOf[key] != nil || !self.isWorthIt(key, block, state) { return .over(.next) }
      return self.take(for: key, block, group, &state).map { .load($0) }
    }
    switch found {
    case .load(let slot)?:
      try? load(block, into: slot, readers: 0)
      return .next
    case .over(let ahead)?: return ahead
    case nil: return .closed
    }
  }

  // MARK: Slots

  private func isResident(_ block: Int) -> Bool { block < residents }

  private func key(_ block: Int, _ epoch: Int) -> Int {
    isResident(block) ? block : epoch * blocks.count + block
  }

  /// A new group has begun: what was counted for groups long over is forgotten.
  private func begin(_ group: Int, _ state: inout State) {
    state.newest = group
    let oldest = group - patience
    state.copied = state.copied.filter { $0.value.group >= oldest }
  }

  /// Whether enough rows of a block are still to be drawn that reading it whole is less work than reading them.
  private func isWorthIt(_ key: Int, _ block: Int, _ state: State) -> Bool {
    let rows = blocks.rows(of: block).count
    return 8 * (rows - (state.copied[key]?.rows ?? 0)) >= rows
  }

  /// A slot for a block that is now being read; nil where there is none.
  private func take(for key: Int, _ block: Int, _ group: Int, _ state: inout State) -> Int? {
    guard isWorthIt(key, block, state) else { return nil }
    if isResident(block) {
      state.slots[block] = Slot(key: key, group: group, isLoading: true)
      state.slotOf[key] = block
      return block
    }
    if state.free.isEmpty, !keepsAll {
      // Blocks whose rows were not all drawn after all: a step was given up, or a task tried again.
      let oldest = state.newest - patience
      for slot in residents..<slots.count
      where state.slots[slot].group < oldest && state.slots[slot].readers == 0
        && !state.slots[slot].isLoading
      { clear(slot, &state) }
    }
    guard let slot = state.free.popLast() else { return nil }
    let copied = state.copied.removeValue(forKey: key)?.rows ?? 0
    state.slots[slot] = Slot(
      key: key, group: group, isLoading: true, left: blocks.rows(of: block).count - copied)
    state.slotOf[key] = slot
    return slot
  }

  private func clearIfDone(_ slot: Int, _ state: inout State) {
    let its = state.slots[slot]
    if slot >= residents, its.left <= 0, its.readers == 0, !its.isLoading { clear(slot, &state) }
  }

  /// The block of a slot is done with.
  private func clear(_ slot: Int, _ state: inout State) {
    let key = state.slots[slot].key
    state.slotOf[key] = nil
    // Never to be read again.
    state.copied[key] = (blocks.blockRows, state.slots[slot].group)
    state.slots[slot] = Slot()
    state.free.append(slot)
  }

  private func load(_ block: Int, into slot: Int, readers: Int) throws {
    do {
      try blocks.read(block, into: slots[slot])
    } catch {
      gate.change { state in
        state.slotOf[state.slots[slot].key] = nil
        state.slots[slot] = Slot()
        if slot >= residents { state.free.append(slot) }
      }
      throw error
    }
    gate.change { state in
      state.slots[slot].isLoading = false
      state.slots[slot].readers = readers
      clearIfDone(slot, &state)
    }
  }
}
