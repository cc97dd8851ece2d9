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

  /// - Parameter layout: The rows of a block, and how they lie; those of an epoch's order by default.
  init(
    _ origin: RowOrigin, first: Int, rowCount: Int, layout given: RowScratch.Layout? = nil
  ) {
    self.origin = origin
    self.first = first
    self.rowCount = rowCount
    layout = given ?? origin.source.blockLayout
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

  /// Rooms for blocks over memory that is lent for the time of a call.
  func slots(_ count: Int, over memory: UnsafeMutableRawBufferPointer) -> [Rows] {
    guard let base = memory.baseAddress, memory.count >= byteCount(ofSlots: count) else {
      preconditionFailure("\(count) blocks in \(memory.count) bytes")
    }
    let storage = TensorStorage(adopting: base, byteCount: memory.count) { _ in }
    return makeSlots(count, in: Tensor(.uint8, Shape(memory.count), storage: storage))
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
      return try readSource(rows.lowerBound + first..<rows.upperBound + first, into: slot)
    }
    do throws(DataError) {
      try scratch.read(block: block, rows: rows, into: bytes(of: slot))
      traffic.read(rows.count * layout.rowBytes, fromScratch: true)
    } catch { throw KernelError(scratch: error) }
  }

  /// Reads neighbouring rows, of any blocks, into the first places of room for a block.
  ///
  /// - Throws: As `read`.
  func read(rows: Range<Int>, into slot: Rows) throws {
    guard let scratch else {
      return try readSource(rows.lowerBound + first..<rows.upperBound + first, into: slot)
    }
    if rows.isEmpty { return }
    let block = rows.lowerBound / blockRows
    if rows == self.rows(of: block) { return try read(block, into: slot) }
    func bytes(_ tensor: Tensor) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(start: tensor.unsafeBase, count: tensor.byteCount)
    }
    var row = rows.lowerBound
    while row < rows.upperBound {
      let block = row / blockRows
      let end = min(rows.upperBound, (block + 1) * blockRows)
      let part = slot.slice(row - rows.lowerBound..<end - rows.lowerBound)
      do throws(DataError) {
        try scratch.read(
          rows: row..<end, at: row % blockRows, of: block, features: bytes(part.features),
          targets: bytes(part.targets))
      } catch { throw KernelError(scratch: error) }
      row = end
    }
    traffic.read(rows.count * layout.rowBytes, fromScratch: true)
  }

  private func readSource(_ rows: Range<Int>, into slot: Rows) throws {
    let room = slot.slice(0..<rows.count)
    var value = Value([room.features, room.targets])
    try origin.source.read(rows, into: &value)
    traffic.read(rows.count * layout.rowBytes, fromScratch: false)
  }

  /// The texts that go along with neighbouring rows, which are read for them again.
  ///
  /// - Throws: As `read`.
  func texts(of rows: Range<Int>) throws -> [KeptColumn] {
    precondition(origin.permutation == nil, "texts of rows in another order")
    let spec = origin.source.spec(rows: rows.count, facts: nil)
    var value = Value(spec.tensors.map { Tensor(uninitialized: $0.type, $0.shape) })
    try origin.source.read(rows.lowerBound + first..<rows.upperBound + first, into: &value)
    return try (value.attachment as? any KeptTexts)?.texts(of: 0..<rows.count) ?? []
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
        rows: row..<row + 1, at: row % blockRows, of: block,
        features: UnsafeMutableRawBufferPointer(
          start: room.features.unsafeBase, count: layout.featureBytes),
        targets: UnsafeMutableRawBufferPointer(
          start: room.targets.unsafeBase, count: layout.targetBytes))
      traffic.read(layout.rowBytes, fromScratch: true)
    } catch { throw KernelError(scratch: error) }
  }

  /// Writes all rows out, in order, where the source cannot be read at any place.
  ///
  /// - Parameter slot: Room for a block.
  /// - Throws: `KernelError` where the files have changed or cannot be read, or the directory takes nothing.
  mutating func makeReadable(through slot: Rows) throws {
    guard !origin.isReadable, rowCount > 0 else { return }
    do {
      let made = try RowScratch(in: origin.streaming.directory, layout, files: origin.files)
      if let permutation = origin.permutation {
        try write(to: made, in: permutation, through: slot)
      } else {
        for block in 0..<count {
          try read(block, into: slot)
          try made.write(block: block, rows: rows(of: block), bytes(of: slot))
        }
      }
      traffic.wrote(rowCount * layout.rowBytes, as: count * layout.byteCount)
      scratch = made
    } catch let error as DataError {
      guard error.system?.reason == .full else { throw KernelError(error) }
      throw KernelError(
        "no space is left on the disk for '\(escaped(origin.streaming.directory, limit: 4096))': up to "
          + "\(ByteCount(count * layout.byteCount)) are needed", reason: .noRoom)
    }
  }

  /// Reads the source from its first row to its last, and writes each row that is wanted where it belongs.
  private func write(
    to made: RowScratch, in permutation: KeyedPermutation, through slot: Rows
  ) throws {
    let wanted = first..<first + rowCount
    try made.extend(toBlocks: count)
    var start = 0
    while start < permutation.count {
      let source = start..<min(start + blockRows, permutation.count)
      try readSource(source, into: slot)
      for (index, row) in source.enumerated() {
        let place = permutation.position(of: row)
        guard wanted.contains(place) else { continue }
        let own = slot.slice(index..<index + 1)
        try made.write(
          row: place - first, at: (place - first) % blockRows, of: (place - first) / blockRows,
          features: UnsafeRawBufferPointer(
            start: own.features.unsafeBase, count: layout.featureBytes),
          target: UnsafeRawBufferPointer(start: own.targets.unsafeBase, count: layout.targetBytes))
      }
      start = source.upperBound
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
