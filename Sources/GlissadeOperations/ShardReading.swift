import GlissadeGraph
import GlissadeSystem
import GlissadeTensor

/// How the places of a shard come to their rows: each reads its own from the files, and may read them again.
///
/// Where rows are permuted before they are divided, those of a place lie anywhere in the files: then one task reads all
/// of them, and the places copy theirs out of it. Reading each row where it lies would unpack a compressed file once a
/// row.
struct ShardReading {
  private let source: RowSource
  private let permutation: KeyedPermutation?
  /// Where rows may stay on the disk, where they come from.
  private let origin: RowOrigin?
  /// What leaves the rows there; nil where they are values in memory.
  private var streamed: StreamedShard?

  init(
    _ source: RowSource, _ node: borrowing NodeContext, places: Int, _ catalog: DataCatalog
  ) {
    self.source = source
    let permutation =
      node.attributes.flag("shuffle")
      ? KeyedPermutation(count: source.rowCount, key: node.key.deriving("shuffle")) : nil
    self.permutation = permutation
    let name = node.name
    let origin = catalog.streaming.map {
      RowOrigin(
        source: source, first: 0, node: name, port: "", permutation: permutation, streaming: $0,
        files: catalog.world.files)
    }
    self.origin = origin
    streamed = origin.flatMap { origin in
      StreamedShard.isWanted(
        source, places: places, isPermuted: permutation != nil, origin.streaming)
        ? StreamedShard(origin, rows: (source.rowCount + places - 1) / places) : nil
    }
  }

  /// Where the rows of a port come from, which begin at row `first`; nil where they do not stay on the disk.
  func origin(of port: String, from first: Int) -> RowOrigin? {
    var origin = origin
    origin?.port = port
    origin?.first = first
    return origin
  }

  /// The spec of a place.
  func spec(rows: Int, facts: RowFacts) -> ValueSpec {
    streamed?.spec(rows: rows, facts: facts) ?? source.spec(rows: rows, facts: facts)
  }

  /// The stages in front of those of the places: none, or the one that reads all rows.
  var wholeStages: [Stage] {
    if let streamed { return [streamed.fileStage].compactMap { $0 } }
    guard permutation != nil else { return [] }
    let (source, rowCount) = (source, source.rowCount)
    let facts = RowFacts(
      schema: source.schema, totalRows: rowCount, starts: [0, rowCount], axes: [],
      scaledBy: nil, kept: source.kept, batchSize: nil)
    return [
      Stage(
        "read", inputs: [], axes: [],
        outputs: [.uniform(source.spec(rows: rowCount, facts: facts))],
        workspace: source.workspace(rows: rowCount), cost: source.cost(rows: rowCount),
        isRepeatable: true,
        kernel: { call in try source.read(0..<rowCount, into: &call.outputs[0]) })
    ]
  }

  /// The stage that gives each place its rows, which begin at row `first` of the source.
  mutating func stage(
    _ name: String, _ facts: RowFacts, _ specs: PlaceSpecs, from first: Int
  ) -> Stage {
    let starts = facts.starts.map { $0 + first }
    if let stage = streamed?.stage(name, facts.axes, specs, starts: starts) { return stage }
    let rows = (0..<starts.count - 1).reduce(0) { max($0, starts[$1 + 1] - starts[$1]) }
    let source = source
    guard let permutation else {
      return Stage(
        name, inputs: [], axes: facts.axes, outputs: [specs],
        workspace: source.workspace(rows: rows), cost: source.cost(rows: rows),
        isRepeatable: true,
        kernel: { call in
          let range = starts[call.place]..<starts[call.place + 1]
          try source.read(range, into: &call.outputs[0])
        })
    }
    return Stage(
      name, inputs: [.init(.stage(0, output: 0))], axes: facts.axes, outputs: [specs],
      cost: Cost(bytes: Double(2 * specs.first.byteCount)),
      kernel: { call in
        let range = starts[call.place]..<starts[call.place + 1]
        let numbers = range.lazy.map { permutation[$0] }
        call.outputs[0].copyRows(numbers, count: range.count, of: call.single(0))
      })
  }
}

extension Value {
  /// Takes rows of another value, by their numbers, into tensors that have room for them.
  fileprivate mutating func copyRows(
    _ numbers: some Sequence<Int>, count: Int, of other: Value
  ) {
    for (target, source) in zip(tensors, other.tensors) where target.count > 0 {
      let size = source.byteCount / source.shape[0]
      for (place, row) in numbers.enumerated() {
        (target.unsafeBase + place * size).copyMemory(
          from: source.unsafeBase + row * size, byteCount: size)
      }
    }
    rows = count
    guard let kept = other.attachment as? KeptColumns else { return }
    attachment = KeptColumns(
      columns: kept.columns.map { column in
        (column.name, numbers.map { column.values[$0] }[...])
      })
  }
}
