import GlissadeData
import GlissadeGraph
import GlissadeSystem
import GlissadeTensor

/// Rows of a source in the blocks of their order, each of which can be read at any time.
struct RowBlocks: Sendable {
  /// Where the rows come from.
  let origin: RowOrigin
  /// The row of the source that row 0 of these is.
  let first: Int
  /// The rows.
  let rowCount: Int
  /// How the bytes of a block lie.
  let layout: RowScratch.Layout
  /// The blocks, the last of which may be short.
  let count: Int
  /// The groups of blocks within which an epoch permutes rows.
  let groupCount: Int
  /// What is moved.
  let traffic = RowTraffic()
  /// Where the rows are, if they had to be written out to be read at any place.
  private(set) var scratch: RowScratch?

  init(_ origin: RowOrigin, first: Int, rowCount: Int) {
    self.origin = origin
    self.first = first
    self.rowCount = rowCount
    layout = origin.source.blockLayout
    count = (rowCount + layout.rows - 1) / layout.rows
    groupCount = max(1, (rowCount / layout.rows + Self.groupBlocks - 1) / Self.groupBlocks)
  }

  /// The rows of a block.
  var blockRows: Int { layout.rows }

  /// The most blocks of a group: one more than usual, where the last one has the rows behind the last whole block.
  static var mostGroupBlocks: Int { groupBlocks + 1 }
  private static let groupBlocks = EpochOrder.groupBlocks

  /// The group of a place among the rows of an epoch.
  func group(ofRowAt position: Int) -> Int {
    min(position / (blockRows * Self.groupBlocks), groupCount - 1)
  }

  /// The group of a place among the blocks of an epoch.
  func group(ofBlockAt index: Int) -> Int { min(index / Self.groupBlocks, groupCount - 1) }

  /// Where a group begins among the blocks of an epoch.
  func start(ofGroup group: Int) -> Int { group * Self.groupBlocks }

  /// The rows of a block.
  func rows(of block: Int) -> Range<Int> {
    let start = block * blockRows
    return start..<min(start + blockRows, rowCount)
  }

  /// The bytes of memory for so many slots.
  func byteCount(ofSlots count: Int) -> Int {
    count == 0 ? 0 : count * layout.byteCount + BlockFileAlignment.bytes
  }

  /// Rooms for blocks over the bytes of a tensor, each of which begins at a page, for files that are read around the page
  /// cache.
  func makeSlots(_ count: Int, in memory: Tensor) -> [Rows] {
    let page = UInt(BlockFileAlignment.bytes)
    let skipped = Int((page - UInt(bitPattern: memory.unsafeBase) % page) % page)
    return (0..<count).map { number in
      room(
        rows: layout.rows, in: memory, at: skipped + number * layout.byteCount,
        target: layout.targetStart)
    }
  }

  /// Room for a block over memory that is lent for the time of a call.
  func slot(over memory: UnsafeMutableRawBufferPointer) -> Rows? {
    guard let base = memory.baseAddress, memory.count >= byteCount(ofSlots: 1) else { return nil }
    let storage = TensorStorage(adopting: base, byteCount: memory.count) { _ in }
    return makeSlots(1, in: Tensor(.uint8, Shape(memory.count), storage: storage))[0]
  }

  /// Room for a single row, in memory of its own.
  func makeRow() -> Rows {
    let target = (layout.featureBytes + 63) & ~63
    let memory = Tensor(uninitialized: .uint8, Shape(target + layout.targetBytes))
    return room(rows: 1, in: memory, at: 0, target: target)
  }

  private func room(rows: Int, in memory: Tensor, at offset: Int, target: Int) -> Rows {
    let spec = origin.source.spec(rows: rows, facts: nil)
    func part(_ tensor: TensorSpec, _ start: Int) -> Tensor {
      Tensor(tensor.type, tensor.shape, storage: memory.heldStorage, byteOffset: start)
    }
    return Rows(
      features: part(spec.tensors[0], offset),
      targets: layout.targetBytes == 0 ? Rows.none : part(spec.tensors[1], offset + target))
  }

  /// Reads a block into its room.
  ///
  /// - Throws: `KernelError` where the files have changed or cannot be read.
  func read(_ block: Int, into slot: Rows) throws {
    let rows = rows(of: block)
    guard let scratch else {
      var value = Value([
        slot.features.rows(0..<rows.count),
        slot.targets.count > 0 ? slot.targets.rows(0..<rows.count) : slot.targets,
      ])
      try origin.source.read(rows.lowerBound + first..<rows.upperBound + first, into: &value)
      return traffic.read(rows.count * layout.rowBytes, fromScratch: false)
    }
    do throws(DataError) {
      try scratch.read(block: block, rows: rows, into: bytes(of: slot))
      traffic.read(rows.count * layout.rowBytes, fromScratch: true)
    } catch { throw KernelError(scratch: error) }
  }

  /// Reads a single row into room for one.
  ///
  /// - Throws: As `read`.
  func read(row: Int, into room: Rows) throws {
    guard let scratch else {
      var value = Value([room.features, room.targets])
      try origin.source.read(row + first..<row + first + 1, into: &value)
      return traffic.read(layout.rowBytes, fromScratch: false)
    }
    let block = row / blockRows
    do throws(DataError) {
      try scratch.read(
        row: row, at: row % blockRows, of: block,
        features: UnsafeMutableRawBufferPointer(
          start: room.features.unsafeBase, count: layout.featureBytes),
        target: UnsafeMutableRawBufferPointer(
          start: room.targets.unsafeBase, count: layout.targetBytes))
      traffic.read(layout.rowBytes, fromScratch: true)
    } catch { throw KernelError(scratch: error) }
  }

  /// Writes all rows out, in order, where the source cannot be read at any place.
  ///
  /// - Parameter slot: Room for a block.
  /// - Throws: `KernelError` where the files have changed or cannot be read, or the directory takes nothing.
  mutating func makeReadable(through slot: Rows) throws {
    guard !origin.source.isReadableAnywhere, rowCount > 0 else { return }
    do {
      let made = try RowScratch(in: origin.streaming.directory, layout, files: origin.files)
      for block in 0..<count {
        try read(block, into: slot)
        let rows = rows(of: block)
        try made.write(block: block, rows: rows, bytes(of: slot))
        traffic.wrote(rows.count * layout.rowBytes, as: layout.byteCount)
      }
      scratch = made
    } catch let error as DataError {
      guard error.system?.reason == .full else { throw KernelError(error) }
      throw KernelError(
        "no space is left on the disk for '\(escaped(origin.streaming.directory, limit: 4096))': up to "
          + "\(ByteCount(count * layout.byteCount)) are needed", reason: .noRoom)
    }
  }

  private func bytes(of slot: Rows) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: slot.features.unsafeBase, count: layout.byteCount)
  }
}

extension KernelError {
  /// What is wrong with rows that were written out: whatever it is, the data is not at fault.
  fileprivate init(scratch error: DataError) {
    self.init(error.description, isTransient: error.system != nil, reason: .unreadable)
  }
}
