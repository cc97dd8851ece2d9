import GlissadeData
import GlissadeGraph
import GlissadeSystem
import GlissadeTensor

/// The files of a `shard` node: what they hold, found out before the run, and how they are read.
struct RowSource: Sendable {
  /// What the columns mean.
  let schema: DataSchema
  /// The rows that are selected.
  let rowCount: Int
  /// Text columns that go along.
  let kept: [String]
  private let featureType: ScalarType
  private let reader: Reader

  private enum Reader: Sendable {
    case csv(CSVRangeReader)
    case binary(features: BinaryRows, labels: BinaryRows?)
    case text
  }

  /// Looks at the files.
  ///
  /// - Parameter checksCells: Whether each cell of CSV files is looked at, too.
  /// - Throws: `Diagnostic` or `GraphError`, at places in the files, or at the attribute that names what is not there.
  init(_ node: borrowing NodeContext, _ catalog: DataCatalog, checksCells: Bool) throws {
    let sources = try RowSource.expand(node, "source", catalog)
    let like = try RowSource.likeSchema(node)
    if node.attributes.isGiven("context"), !node.attributes.isGiven("tokens") {
      throw node.error("'context' has no effect without 'tokens'", at: "context")
    }
    if node.attributes.isGiven("tokens") {
      try RowSource.refuse(
        ["label", "labels", "keep", "header", "delimiter", "target", "select"], of: node,
        for: "text that is read as tokens")
      let looked = try RowSource.lookAtText(node, sources[0], catalog)
      (schema, rowCount) = looked
      (kept, featureType, reader) = ([], .int32, .text)
      return
    }
    let format = try RowSource.located(node, "source") {
      try BinaryFile.format(of: sources[0], files: catalog.world.files)
    }
    if let format {
      try RowSource.refuse(
        ["label", "keep", "header", "delimiter", "target"], of: node,
        for: "\(format.rawValue) files")
      let looked = try RowSource.lookAtBinary(node, sources, catalog)
      schema = try RowSource.matched(looked.schema, to: like?.schema, node)
      (rowCount, kept) = (looked.features.rowCount, [])
      featureType = looked.features.parts[0].type
      reader = .binary(features: looked.features, labels: looked.labels)
    } else {
      if node.attributes.isGiven("labels") {
        throw node.error(
          "'labels' goes with IDX and NPY files, and '\(escaped(sources[0], limit: 4096))' is neither: "
            + "give the label column of CSV files with 'label'", at: "labels")
      }
      let looked = try RowSource.lookAtCSV(node, sources, like, catalog, checksCells: checksCells)
      (schema, reader) = (looked.schema, .csv(looked.reader))
      (rowCount, kept, featureType) = (looked.reader.rowCount, looked.kept, .float32)
    }
  }

  /// The spec of some of the rows.
  func spec(rows: Int, facts: RowFacts?) -> ValueSpec {
    let targets: TensorSpec =
      switch schema.target {
      case .none: TensorSpec("targets", .float32, Shape(0))
      case .number: TensorSpec("targets", .float32, Shape(rows))
      case .classes: TensorSpec("targets", .int32, Shape(rows))
      case .tokens: TensorSpec("targets", .int32, Shape(rows))
      }
    return ValueSpec(
      .rows,
      [TensorSpec("features", featureType, Shape(rows, schema.featureCount)), targets],
      rows: rows, facts: facts)
  }

  /// Reads some of the selected rows into a value that has the shapes of their spec.
  ///
  /// - Parameter keepsTexts: Whether texts go along, for which nobody has reserved memory.
  /// - Throws: `KernelError`: the files have changed since they were looked at, or cannot be read.
  func read(_ rows: Range<Int>, into value: inout Value, keepsTexts: Bool = true) throws {
    let (features, targets) = (value.tensors[0], value.tensors[1])
    do throws(DataError) {
      switch reader {
      case .csv(let reader):
        let kept = try reader.read(
          rows, features: features, targets: targets, keepsTexts: keepsTexts)
        value.attachment =
          kept.isEmpty ? nil : KeptColumns(columns: kept.map { ($0.name, $0.values[...]) })
      case .binary(let reader, let labels):
        let bytes = UnsafeMutableRawBufferPointer(
          start: features.unsafeBase, count: features.byteCount)
        try reader.read(rows, into: bytes)
        try labels?.readLabels(rows, classCount: schema.classes.count, into: targets)
      case .text: throw DataError("", "text cannot be read as tokens by this version")
      }
    } catch {
      throw KernelError(error)
    }
    value.rows = rows.count
  }

  /// The texts that go along with some of the selected rows.
  ///
  /// - Throws: As `read`.
  func texts(of rows: Range<Int>) throws -> [KeptColumn] {
    guard case .csv(let reader) = reader else { return [] }
    do throws(DataError) {
      return try reader.texts(of: rows).map { ($0.name, $0.values[...]) }
    } catch { throw KernelError(error) }
  }

  /// Whether any rows can be read without those before them, for little more than their own bytes.
  var isReadableAnywhere: Bool {
    switch reader {
    case .csv, .text: false
    case .binary(let reader, let labels): !reader.isCompressed && !(labels?.isCompressed ?? false)
    }
  }

  /// The bytes of the files of text that the rows are in.
  var textByteCount: Int {
    if case .csv(let reader) = reader { reader.index.byteCount } else { 0 }
  }

  /// How the bytes of a block of rows lie in memory.
  var blockLayout: RowScratch.Layout {
    RowScratch.Layout(
      rows: EpochOrder.blockRows(features: schema.featureCount),
      featureBytes: schema.featureCount * featureType.byteCount,
      targetBytes: schema.target == .none ? 0 : 4)
  }

  /// What reading rows costs, in bytes of memory that would take as long.
  ///
  /// Measured on one core in release, where memory gives 10 GB a second: 124 to 233 MB of CSV text a second (pixels,
  /// decimal fractions), 98 MB of it from gzip, 151 MB of pixels from IDX in gzip. Ranges that come in another order than
  /// that of a compressed file cost more.
  func cost(rows: Int) -> Cost {
    let passes: Double
    let bytes: Double
    switch reader {
    case .csv(let reader):
      passes = reader.index.isCompressed ? 100 : 65
      bytes = Double(reader.index.byteCount) / Double(max(1, reader.rowCount))
    case .binary(let reader, _):
      passes = reader.isCompressed ? 66 : 4
      bytes = Double(reader.rowByteCount)
    case .text: (passes, bytes) = (4, Double(schema.featureCount * 4))
    }
    return Cost(bytes: passes * bytes * Double(rows))
  }

  /// The bytes of memory that reading rows takes besides those that it fills, where they can be read at any place.
  ///
  /// - Parameter rows: The most that are read together.
  func streamingWorkspace(rows: Int) -> Int {
    guard case .binary(let reader, let labels) = reader else { return 0 }
    let skipping = (reader.skipsRows ? 1 : 0) + (labels?.skipsRows ?? false ? 1 : 0)
    return skipping * BinaryRows.scratchByteCount + (labels?.labelScratchByteCount(rows: rows) ?? 0)
  }

  /// The bytes of memory that reading rows takes besides those that it fills, at most.
  func workspace(rows: Int) -> Int {
    switch reader {
    case .csv(let reader): reader.scratchByteCount(rows: rows)
    case .binary(let reader, let labels):
      BinaryRows.scratchByteCount
        * (1 + (labels == nil ? 0 : 1) + (reader.isCompressed ? 2 : 0))
    case .text: 0
    }
  }

  // MARK: Text

  /// Text as rows of `context` tokens, one at each position: known to `check` and `plan`.
  private static func lookAtText(
    _ node: borrowing NodeContext, _ path: String, _ catalog: DataCatalog
  ) throws -> (DataSchema, Int) {
    let context = node.attributes.integer("context") ?? 128
    let looked = try located(node, "source") {
      try catalog.remember([path], for: "characters") {
        let text = try CharacterTokens.read(path, files: catalog.world.files)
        return (text.vocabulary, text.tokens.count)
      }
    }
    let schema = DataSchema(
      inputShape: [context], columns: [], target: .tokens, label: nil, classes: looked.0)
    return (schema, max(0, looked.1 - context))
  }

  static func selection(_ node: borrowing NodeContext) throws -> RowSelection {
    guard let select = node.attributes.record("select") else { return RowSelection() }
    guard ["rows", "every", "offset"].contains(where: select.isGiven) else {
      throw node.error("'select' has no effect without 'rows' or 'every'", at: "select")
    }
    func error(_ message: String, at key: String) -> Diagnostic {
      Diagnostic(message, at: select.position(key) ?? node.attributes.position("select"))
    }
    var rows = RowSelection()
    if let range = select["rows"]?.list {
      let (first, end) = (range[0].integer ?? 0, range[1].integer ?? 0)
      guard first < end else {
        throw error(
          "'rows' of 'select' go from \(first) to before \(end), which is no row", at: "rows")
      }
      rows.range = first..<end
    }
    rows.every = select.integer("every") ?? 1
    rows.offset = select.integer("offset") ?? 0
    if let complaint = rows.complaint { throw error(complaint, at: "offset") }
    return rows
  }

  // MARK: Common

  static func expand(
    _ node: borrowing NodeContext, _ attribute: String, _ catalog: DataCatalog
  ) throws -> [String] {
    try located(node, attribute) {
      try SourcePattern.expand(
        node.attributes.text(attribute) ?? "", base: node.baseDirectory, files: catalog.world.files)
    }
  }

  /// Runs `body`; what it finds wrong in a file is reported at its place there, what has no place in the file at the
  /// attribute that names the file, and what an attribute asks for in vain at that attribute.
  static func located<Result>(
    _ node: borrowing NodeContext, _ attribute: String, _ body: () throws -> Result
  ) throws -> Result {
    do { return try body() } catch let error as DataError {
      var findings: [Diagnostic] = []
      for error in error.all {
        if let position = error.asker.flatMap({ RowSource.position(of: $0, node) }) {
          findings.append(Diagnostic(error.description, at: position))
        } else if error.line != nil {
          findings.append(error.finding.read(by: node.name, at: node.position))
        } else {
          findings.append(
            node.error(
              error.description, at: attribute,
              category: error.isMissing ? .missingInput : .content, file: error.path))
        }
      }
      throw GraphError(findings)
    }
  }

  /// Where the attribute stands that asks for something.
  private static func position(
    of asker: DataError.Asker, _ node: borrowing NodeContext
  ) -> SourcePosition? {
    switch asker {
    case .label: node.attributes.position("label")
    case .keep: node.attributes.position("keep")
    case .rows: node.attributes.record("select")?.position("rows")
    }
  }

  private static func refuse(_ names: [String], of node: borrowing NodeContext, for what: String)
    throws
  {
    for name in names where node.attributes.isGiven(name) {
      throw node.error("'\(name)' has no effect on \(what)", at: name)
    }
  }

  private static func likeSchema(_ node: borrowing NodeContext) throws -> (
    schema: DataSchema, isModel: Bool
  )? {
    guard let like = node.fact("like") else { return nil }
    if let facts = like.rowFacts { return (facts.schema, false) }
    if let facts = like.spec.facts as? ModelFacts { return (facts.schema, true) }
    throw node.error("'like' has neither data nor a model", at: "like")
  }
}
