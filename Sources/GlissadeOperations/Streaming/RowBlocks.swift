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
  let traffic: RowTraffic
  /// Where the rows are, if they had to be written out to be read at any place.
  private var scratch: RowScratch?
  /// The block of the scratch file that block 0 is.
  private let firstBlock: Int

  /// - Parameters:
  ///   - layout: The rows of a block, and how they lie; those of an epoch's order by default.
  ///   - file: A file that others use, too, from a block on; by default there will be one for these alone, if need be.
  init(
    _ origin: RowOrigin, first: Int, rowCount: Int, layout given: RowScratch.Layout? = nil,
    in file: (file: RowFile, block: Int)? = nil
  ) {
    traffic = file?.file.rowTraffic ?? RowTraffic()
    scratch = file?.file.scratch
    firstBlock = file?.block ?? 0
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
      try scratch.read(block: firstBlock + block, rows: numbers(rows), into: bytes(of: slot))
      traffic.read(rows.count * layout.rowBytes, fromScratch: true)
    } catch { throw KernelError(scratch: error) }
  }

  /// Reads neighbouring rows, of any blocks, into the first places of room for a block.
  ///
  /// - Throws: As `read`.
  func read(rows: Range<Int>, into slot: Rows) throws {
    if rows.isEmpty { return }
    let block = rows.lowerBound / blockRows
    if rows == self.rows(of: block) { return try read(block, into: slot) }
    try readParts(rows, into: slot)
  }

  /// Reads a single row into room for one.
  ///
  /// - Throws: As `read`.
  func read(row: Int, into room: Rows) throws { try readParts(row..<row + 1, into: room) }

  private func readParts(_ rows: Range<Int>, into room: Rows) throws {
    guard let scratch else {
      return try readSource(rows.lowerBound + first..<rows.upperBound + first, into: room)
    }
    func bytes(_ tensor: Tensor) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(start: tensor.unsafeBase, count: tensor.byteCount)
    }
    var row = rows.lowerBound
    while row < rows.upperBound {
      let block = row / blockRows
      let end = min(rows.upperBound, (block + 1) * blockRows)
      let part = room.slice(row - rows.lowerBound..<end - rows.lowerBound)
      do throws(DataError) {
        try scratch.read(
          rows: numbers(row..<end), at: row % blockRows, of: firstBlock + block,
          features: bytes(part.features), targets: bytes(part.targets))
      } catch { throw KernelError(scratch: error) }
      row = end
    }
    traffic.read(rows.count * layout.rowBytes, fromScratch: true)
  }

  private func readSource(_ rows: Range<Int>, into slot: Rows) throws {
    let room = slot.slice(0..<rows.count)
    var value = Value([room.features, room.targets])
    try origin.source.read(rows, into: &value, keepsTexts: false)
    traffic.read(rows.count * layout.rowBytes, fromScratch: false)
  }

  /// The texts that go along with neighbouring rows, which are read for them again.
  ///
  /// - Throws: As `read`.
  func texts(of rows: Range<Int>) throws -> [KeptColumn] {
    precondition(origin.permutation == nil, "texts of rows in another order")
    return try origin.source.texts(of: rows.lowerBound + first..<rows.upperBound + first)
  }

  /// The numbers of rows in the file that they were written to, which their checksums begin with.
  private func numbers(_ rows: Range<Int>) -> Range<Int> {
    let first = firstBlock * blockRows
    return first + rows.lowerBound..<first + rows.upperBound
  }

  /// Writes all rows out, in order, where the source cannot be read at any place, into a file of their own.
  ///
  /// - Parameter slot: Room for a block.
  /// - Throws: `KernelError` where the files have changed or cannot be read, or the directory takes nothing.
  mutating func makeReadable(through slot: Rows) throws {
    guard !origin.isReadable, rowCount > 0 else { return }
    let file = try RowFile(origin, layout, traffic)
    try write(to: file, through: slot)
    scratch = file.scratch
  }

  /// Writes all rows to a file, in order.
  ///
  /// - Throws: As `makeReadable`.
  func write(to file: RowFile, through slot: Rows) throws {
    var source = self
    source.scratch = nil
    do {
      if let permutation = origin.permutation {
        try source.write(to: file.scratch, in: permutation, through: slot)
      } else {
        for block in 0..<count {
          try source.read(block, into: slot)
          try file.scratch.write(
            block: firstBlock + block, rows: numbers(rows(of: block)), bytes(of: slot))
        }
      }
      traffic.wrote(rowCount * layout.rowBytes, as: count * layout.byteCount)
    } catch let error as DataError {
      throw KernelError(writing: error, to: origin.streaming.directory, count * layout.byteCount)
    }
  }

  /// Reads the source from its first row to its last, and writes each row that is wanted where it belongs.
  private func write(
    to made: RowScratch, in permutation: KeyedPermutation, through slot: Rows
  ) throws {
    precondition(firstBlock == 0, "rows in a new order have a file of their own")
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
    try made.flush()
  }

  private func bytes(of slot: Rows) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: slot.features.unsafeBase, count: layout.byteCount)
  }
}

/// A file that rows were written to, to be read again at any place, and what is moved there and back.
final class RowFile: MovingRows {
  let scratch: RowScratch
  fileprivate let rowTraffic: RowTraffic

  /// An empty file.
  ///
  /// - Throws: `KernelError` where the directory takes none.
  init(
    _ origin: RowOrigin, _ layout: RowScratch.Layout, _ traffic: RowTraffic = RowTraffic()
  ) throws {
    do throws(DataError) {
      scratch = try RowScratch(in: origin.streaming.directory, layout, files: origin.files)
    } catch { throw KernelError(error) }
    rowTraffic = traffic
  }

  var traffic: any DiskTraffic { rowTraffic }
}

extension KernelError {
  /// What is wrong with rows that were written out: whatever it is, the data is not at fault.
  fileprivate init(scratch error: DataError) {
    self.init(error.description, isTransient: error.system != nil, reason: .unreadable)
  }

  /// What keeps rows from being written out.
  fileprivate init(writing error: DataError, to directory: String, _ byteCount: Int) {
    guard error.system?.reason == .full else {
      self.init(error)
      return
    }
    self.init(
      "no space is left on the disk for '\(escaped(directory, limit: 4096))': up to "
        + "\(ByteCount(byteCount)) are needed", reason: .noRoom)
  }
}
