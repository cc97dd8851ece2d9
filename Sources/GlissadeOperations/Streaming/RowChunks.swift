import GlissadeData
import GlissadeGraph
import GlissadeSystem
import GlissadeTensor

/// How a pass reads rows that stay on the disk: from the first to the last, in chunks of whole tiles, two of which are in
/// memory.
struct RowChunks: Sendable {
  /// How the bytes of a chunk lie.
  let layout: RowScratch.Layout
  /// The chunks that a pass has room for: one where all rows are in one.
  let slotCount: Int
  /// What the reading takes besides.
  private let readingBytes: Int

  /// Chunks of so many bytes, of places of at most `rows` rows.
  init(_ source: RowSource, rows: Int, chunkBytes: Int) {
    let block = source.blockLayout
    func tiles(_ rows: Int) -> Int { (rows + Rows.tileRows - 1) / Rows.tileRows }
    let fitting = chunkBytes / max(1, block.rowBytes * Rows.tileRows)
    // A single chunk needs no whole tiles.
    let rowsOfChunk = min(
      min(max(1, fitting), max(1, tiles(rows))) * Rows.tileRows, max(1, rows))
    layout = RowScratch.Layout(
      rows: rowsOfChunk, featureBytes: block.featureBytes, targetBytes: block.targetBytes)
    slotCount = rows > rowsOfChunk ? 2 : 1
    // Of rows that were written out, some of a block may be read, and their checksums besides.
    readingBytes = max(source.streamingWorkspace(rows: rowsOfChunk), 4 * rowsOfChunk)
  }

  /// The bytes of a row.
  var rowBytes: Int { layout.rowBytes }

  /// The bytes that a pass takes of its workspace: for the chunks, and behind them for what reads.
  var byteCount: Int {
    (slotCount * layout.byteCount + BlockFileAlignment.bytes + readingBytes + 63) & ~63
  }
}

/// The rows of a place that stay on the disk: what their value has in the place of bytes.
final class RowStream: KeptTexts, MovingRows {
  /// The rows of which these are some.
  let blocks: RowBlocks
  private let range: Range<Int>
  private let chunks: RowChunks

  init(_ blocks: RowBlocks, _ range: Range<Int>, _ chunks: RowChunks) {
    self.blocks = blocks
    self.range = range
    self.chunks = chunks
  }

  var traffic: any DiskTraffic { blocks.traffic }

  /// The value of a place: tensors of these shapes without bytes.
  func value(_ spec: ValueSpec) -> Value {
    Value(
      spec.tensors.map { tensor in
        Tensor(tensor.type, tensor.shape, storage: TensorStorage(vacant: tensor.byteCount))
      }, rows: range.count, attachment: self)
  }

  /// Reads one row.
  ///
  /// - Parameter room: Room for it, from `blocks`.
  func read(row: Int, into room: Rows) throws {
    try blocks.traffic.waiting { try blocks.read(row: range.lowerBound + row, into: room) }
  }

  /// A megabyte of rows, whose texts may be as long.
  var rowsTogether: Int { max(1, min(4096, (1 << 20) / max(1, blocks.layout.rowBytes))) }

  func texts(of rows: Range<Int>) throws -> [KeptColumn] {
    try blocks.texts(of: range.lowerBound + rows.lowerBound..<range.lowerBound + rows.upperBound)
  }

  // MARK: Passes

  /// Hands on the rows chunk by chunk, in order, with the number of the first; the next chunk is read while one is used.
  ///
  /// - Parameter room: As many bytes as `RowChunks.byteCount` says.
  /// - Throws: `KernelError` where rows cannot be read, and what `body` throws.
  func forEachChunk(
    in room: UnsafeMutableRawBufferPointer, _ body: (Rows, Int) throws -> Void
  ) throws {
    let slots = blocks.slots(chunks.slotCount, over: room)
    let count = (range.count + chunks.layout.rows - 1) / chunks.layout.rows
    let ahead = count > 1 ? ReadingAhead(self, slots, count) : nil
    defer { ahead?.end() }
    for chunk in 0..<count {
      let slot = slots[chunk % slots.count]
      if let ahead {
        try blocks.traffic.waiting { try ahead.wait(for: chunk) }
      } else {
        try blocks.traffic.waiting { try read(chunk, into: slot) }
      }
      let rows = rows(of: chunk)
      try body(slot.slice(0..<rows.count), rows.lowerBound)
      ahead?.isDone(with: chunk)
    }
  }

  private func rows(of chunk: Int) -> Range<Int> {
    let start = chunk * chunks.layout.rows
    return start..<min(start + chunks.layout.rows, range.count)
  }

  /// Reads a chunk; a disk that does not answer is asked again, since a task that is tried again would begin with the first one.
  fileprivate func read(_ chunk: Int, into slot: Rows) throws {
    let rows = rows(of: chunk)
    for attempt in 1... {
      do {
        return try blocks.read(
          rows: range.lowerBound + rows.lowerBound..<range.lowerBound + rows.upperBound, into: slot)
      } catch let error as KernelError where error.isTransient && attempt < Self.attempts {}
    }
  }

  /// How often a chunk is read before a pass is given up.
  private static let attempts = 3
}

/// A thread that reads the chunks of one pass ahead of it, as far as there is room.
private final class ReadingAhead: Sendable {
  private struct State {
    var read = 0
    var done = 0
    var isOver = false
    var error: (any Error)?
  }

  private let gate = Gate(State())
  private let thread: SystemThread

  /// Nil where there is no thread to be had: then chunks are read when they are needed.
  init?(_ stream: RowStream, _ slots: [Rows], _ count: Int) {
    let gate = gate
    let thread = try? SystemThread(name: "glissade rows") {
      for chunk in 0..<count {
        let goesOn = gate.wait { state in
          state.isOver ? false : chunk < state.done + slots.count ? true : nil
        }
        guard goesOn == true else { return }
        do {
          try stream.read(chunk, into: slots[chunk % slots.count])
          gate.change { $0.read += 1 }
        } catch {
          return gate.change { $0.error = error }
        }
      }
    }
    guard let thread else { return nil }
    self.thread = thread
  }

  /// Waits until a chunk is there.
  func wait(for chunk: Int) throws {
    let error = gate.wait { state -> (any Error)?? in
      state.read > chunk ? .some(nil) : state.error.map { .some($0) }
    }
    if case .some(.some(let error)) = error { throw error }
  }

  /// The chunk's room may be taken for another one.
  func isDone(with chunk: Int) { gate.change { $0.done = chunk + 1 } }

  /// Ends the thread.
  func end() {
    gate.change { $0.isOver = true }
    thread.join()
  }
}
