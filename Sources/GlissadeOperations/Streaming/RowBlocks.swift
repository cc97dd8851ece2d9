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
  /// Where the rows are, if they had to be written out to be read at any place.
  private(set) var scratch: RowScratch?

  init(_ origin: RowOrigin, first: Int, rowCount: Int) {
    self.origin = origin
    self.first = first
    self.rowCount = rowCount
  }

  /// How the bytes of a block lie.
  var layout: RowScratch.Layout { origin.source.blockLayout }

  /// The blocks, the last of which may be short.
  var count: Int { (rowCount + EpochOrder.blockRows - 1) / EpochOrder.blockRows }

  /// The groups of blocks within which an epoch permutes rows.
  var groupCount: Int {
    max(1, (rowCount / EpochOrder.blockRows + Self.groupBlocks - 1) / Self.groupBlocks)
  }

  /// The most blocks of a group: one more than usual, where the last one has the rows behind the last whole block.
  static var mostGroupBlocks: Int { groupBlocks + 1 }
  private static let groupBlocks = EpochOrder.groupBlocks

  /// The group of a place among the rows of an epoch.
  static func group(ofRowAt position: Int, of groupCount: Int) -> Int {
    min(position / (EpochOrder.blockRows * groupBlocks), groupCount - 1)
  }

  /// The group of a place among the blocks of an epoch.
  func group(ofBlockAt index: Int) -> Int { min(index / Self.groupBlocks, groupCount - 1) }

  /// Where a group begins among the blocks of an epoch.
  func start(ofGroup group: Int) -> Int { group * Self.groupBlocks }

  /// The rows of a block.
  func rows(of block: Int) -> Range<Int> {
    let start = block * EpochOrder.blockRows
    return start..<min(start + EpochOrder.blockRows, rowCount)
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
      return try origin.source.read(rows.lowerBound + first..<rows.upperBound + first, into: &value)
    }
    do throws(DataError) {
      try scratch.read(block: block, rows: rows, into: bytes(of: slot))
    } catch { throw KernelError(error) }
  }

  /// Reads a single row into room for one.
  ///
  /// - Throws: As `read`.
  func read(row: Int, into room: Rows) throws {
    guard let scratch else {
      var value = Value([room.features, room.targets])
      return try origin.source.read(row + first..<row + first + 1, into: &value)
    }
    let block = row / EpochOrder.blockRows
    do throws(DataError) {
      try scratch.read(
        row: row, at: row % EpochOrder.blockRows, of: block,
        features: UnsafeMutableRawBufferPointer(
          start: room.features.unsafeBase, count: layout.featureBytes),
        target: UnsafeMutableRawBufferPointer(
          start: room.targets.unsafeBase, count: layout.targetBytes))
    } catch { throw KernelError(error) }
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
        try made.write(block: block, rows: rows(of: block), bytes(of: slot))
      }
      scratch = made
    } catch let error as DataError {
      guard error.system?.reason == .full else { throw KernelError(error) }
      throw KernelError(
        "no space is left on the disk for '\(escaped(origin.streaming.directory, limit: 4096))': up to "
          + "\(ByteCount(count * layout.byteCount)) are needed", isOutOfRoom: true)
    }
  }

  private func bytes(of slot: Rows) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: slot.features.unsafeBase, count: layout.byteCount)
  }
}

extension DataError {
  /// The error at its place in the file, or about the file where it has none.
  var finding: Diagnostic {
    guard let line else {
      return Diagnostic(
        description, at: nil, category: isMissing ? .missingInput : .content, file: path)
    }
    return Diagnostic(
      message, at: SourcePosition(file: path, line: line, column: column ?? 1))
  }
}

extension KernelError {
  /// What is wrong with a file; what the system refused may go better the next time.
  init(_ error: DataError) {
    let isFull = error.system?.reason == .full
    self.init(
      error.description, isTransient: error.system != nil && !error.isMissing && !isFull,
      isOutOfRoom: isFull, findings: error.system == nil ? error.all.map(\.finding) : [])
  }
}
