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
    let bytes = source.rowCount.multipliedReportingOverflow(by: source.blockLayout.rowBytes).0
    return bytes / places > streaming.placeBytes
      || (isPermuted || !source.kept.isEmpty) && bytes > min(streaming.placeBytes, smallBytes)
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

  /// Writes all rows in their new order.
  var wholeStage: Stage {
    let rowCount = origin.source.rowCount
    let spec = spec(rows: rowCount, facts: nil)
    return Stage(
      "read", inputs: [], axes: [], outputs: [.uniform(spec)], workspace: workspace,
      cost: origin.source.cost(rows: rowCount), isResident: true,
      diskBytes: diskBytes(rows: rowCount),
      kernel: { [self] call in
        call.outputs[0] = try stream(0..<rowCount, &call).value(spec)
      })
  }

  /// Gives each place its rows: `starts` are their first ones and the end.
  func stage(_ name: String, _ axes: [Axis], _ specs: PlaceSpecs, starts: [Int]) -> Stage {
    if origin.permutation != nil {
      return Stage(
        name, inputs: [.init(.stage(0, output: 0))], axes: axes, outputs: [specs],
        isResident: true,
        kernel: { call in
          guard let all = call.single(0).attachment as? RowStream else {
            throw KernelError("the rows that were written out are gone")
          }
          call.outputs[0] = all.part(starts[call.place]..<starts[call.place + 1])
            .value(specs[call.place])
        })
    }
    let longest = (0..<axes.placeCount).reduce(0) { max($0, starts[$1 + 1] - starts[$1]) }
    return Stage(
      name, inputs: [], axes: axes, outputs: [specs], workspace: workspace,
      cost: origin.isReadable ? Cost() : origin.source.cost(rows: longest), isResident: true,
      diskBytes: (0..<axes.placeCount).reduce(0) {
        $0 + diskBytes(rows: starts[$1 + 1] - starts[$1])
      },
      kernel: { [self] call in
        let range = starts[call.place]..<starts[call.place + 1]
        call.outputs[0] = try stream(range, &call).value(specs[call.place])
      })
  }

  /// What it takes to write rows out: room for a chunk, and what the reading takes.
  private var workspace: Int {
    origin.isReadable
      ? 0
      : RowBlocks(origin, first: 0, rowCount: 0, layout: chunks.layout).byteCount(ofSlots: 1)
        + origin.source.workspace(rows: chunks.layout.rows)
  }

  private func diskBytes(rows: Int) -> Int {
    if origin.isReadable { return 0 }
    return (rows + chunks.layout.rows - 1) / chunks.layout.rows * chunks.layout.byteCount
  }

  private func stream(_ range: Range<Int>, _ call: inout KernelCall) throws -> RowStream {
    var blocks = RowBlocks(
      origin, first: range.lowerBound, rowCount: range.count, layout: chunks.layout)
    if !origin.isReadable {
      try blocks.makeReadable(through: blocks.slots(1, over: call.workspace)[0])
    }
    return RowStream(blocks, 0..<range.count, chunks)
  }
}
