import GlissadeData
import GlissadeGraph
import GlissadeTensor

/// The stages of a shard whose rows stay on the disk, for places that memory has no room for: their values have no bytes, and
/// whoever reads them takes chunk by chunk.
///
/// Rows of files that cannot be read at any place are written out before the first step. Where rows are permuted, all of
/// them are, in their new order, so that passes read them one after another.
struct StreamedShard {
  private let origin: RowOrigin
  /// How the rows are read.
  let chunks: RowChunks
  /// The blocks of the file that have their rows.
  private var fileBlocks = 0

  /// - Parameter rows: The rows of the largest place.
  init(_ origin: RowOrigin, rows: Int) {
    self.origin = origin
    chunks = RowChunks(origin.source, rows: rows, chunkBytes: origin.streaming.chunkBytes)
  }

  /// Whether the rows of a shard are better left on the disk: those of a place are many, or they would have to be read
  /// together because they are permuted, or bring texts along.
  static func isWanted(
    _ source: RowSource, places: Int, isPermuted: Bool, _ streaming: RowStreaming
  ) -> Bool {
    guard let most = streaming.placeBytes else { return false }
    let bytes = source.rowCount.multipliedReportingOverflow(by: source.blockLayout.rowBytes).0
    return bytes / places > most || isPermuted && bytes > min(most, smallBytes)
      || !source.kept.isEmpty && source.textByteCount > min(most, smallBytes)
  }

  /// So many bytes are not worth a file.
  private static let smallBytes = 1 << 20

  /// The spec of rows without bytes.
  func spec(rows: Int, facts: RowFacts?) -> ValueSpec {
    var facts = facts
    facts?.chunks = chunks
    var spec = origin.source.spec(rows: rows, facts: facts)
    spec.aliasesInput = true
    return spec
  }

  /// Makes the file that rows are written to, and where they are permuted writes them; nil where they are read where they lie.
  var fileStage: Stage? {
    if origin.isReadable { return nil }
    let rowCount = origin.permutation == nil ? 0 : origin.source.rowCount
    return Stage(
      "read", inputs: [], axes: [],
      outputs: [.uniform(ValueSpec(ValueKind("a file of rows"), [], aliasesInput: true))],
      workspace: rowCount == 0 ? 0 : workspace, cost: origin.source.cost(rows: rowCount),
      isResident: true, diskBytes: blockCount(rows: rowCount) * chunks.layout.byteCount,
      kernel: { [self] call in
        let file = try RowFile(origin, chunks.layout)
        if rowCount > 0 {
          let blocks = blocks(0..<rowCount, in: (file, 0))
          try blocks.write(to: file, through: blocks.slots(1, over: call.workspace)[0])
        }
        call.outputs[0] = Value([], attachment: file)
      })
  }

  /// Gives each place its rows: `starts` are their first ones and the end.
  mutating func stage(_ name: String, _ axes: [Axis], _ specs: PlaceSpecs, starts: [Int]) -> Stage {
    let counts = (0..<axes.placeCount).map { blockCount(rows: starts[$0 + 1] - starts[$0]) }
    let firstBlocks = counts.reduce(into: [fileBlocks]) { $0.append($0[$0.count - 1] + $1) }
    fileBlocks = firstBlocks[counts.count]
    let longest = (0..<axes.placeCount).reduce(0) { max($0, starts[$1 + 1] - starts[$1]) }
    let isWritten = !origin.isReadable && origin.permutation == nil
    let shard = self
    return Stage(
      name, inputs: origin.isReadable ? [] : [.init(.stage(0, output: 0))], axes: axes,
      outputs: [specs], workspace: isWritten ? workspace : 0,
      cost: isWritten ? origin.source.cost(rows: longest) : Cost(), isResident: true,
      diskBytes: isWritten ? counts.reduce(0, +) * chunks.layout.byteCount : 0,
      kernel: { call in
        let range = starts[call.place]..<starts[call.place + 1]
        call.outputs[0] = try shard.stream(range, firstBlocks[call.place], call)
          .value(specs[call.place])
      })
  }

  private func stream(
    _ range: Range<Int>, _ firstBlock: Int, _ call: KernelCall
  ) throws -> RowStream {
    if origin.isReadable { return RowStream(blocks(range), 0..<range.count, chunks) }
    guard let file = call.single(0).attachment as? RowFile else {
      throw KernelError("the file for rows is gone")
    }
    if origin.permutation != nil {
      return RowStream(blocks(0..<origin.source.rowCount, in: (file, 0)), range, chunks)
    }
    let blocks = blocks(range, in: (file, firstBlock))
    try blocks.write(to: file, through: blocks.slots(1, over: call.workspace)[0])
    return RowStream(blocks, 0..<range.count, chunks)
  }

  private func blocks(_ range: Range<Int>, in file: (RowFile, Int)? = nil) -> RowBlocks {
    RowBlocks(
      origin, first: range.lowerBound, rowCount: range.count, layout: chunks.layout, in: file)
  }

  /// What it takes to write rows out: room for a chunk, and what the reading takes.
  private var workspace: Int {
    blocks(0..<0).byteCount(ofSlots: 1) + origin.source.workspace(rows: chunks.layout.rows)
  }

  private func blockCount(rows: Int) -> Int {
    (rows + chunks.layout.rows - 1) / chunks.layout.rows
  }
}
