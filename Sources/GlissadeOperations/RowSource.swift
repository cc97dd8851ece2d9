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
  private let format: Format
  private let files: any FileSystem

  private enum Format: Sendable {
    case csv(paths: [String], CSVOptions)
    case idx(features: [String], labels: [String], RowSelection)
    case text(path: String)
  }

  /// Looks at the files.
  ///
  /// - Throws: `Diagnostic` at the attribute that names what cannot be read.
  init(_ node: borrowing NodeContext, _ catalog: DataCatalog) throws {
    files = catalog.world.files
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
      (kept, featureType, format) = ([], .int32, .text(path: sources[0]))
      return
    }
    let isIDX = try RowSource.located(node, "source") {
      try node.attributes.isGiven("labels") || RowSource.isIDX(sources[0], catalog)
    }
    if isIDX {
      try RowSource.refuse(
        ["label", "keep", "header", "delimiter", "target"], of: node, for: "IDX files")
      let labels =
        try node.attributes.isGiven("labels") ? RowSource.expand(node, "labels", catalog) : []
      let rows = try RowSource.selection(node)
      let looked = try RowSource.located(node, "source") {
        try catalog.remember(sources + labels, for: "idx \(rows)") {
          try RowSource.lookAtIDX(sources, labels, rows, catalog)
        }
      }
      schema = try RowSource.matched(looked.schema, to: like?.schema, node)
      (rowCount, kept, featureType) = (looked.rows, [], looked.type)
      format = .idx(features: sources, labels: labels, rows)
    } else {
      let options = try RowSource.csvOptions(node, like)
      if node.attributes.isGiven("target") {
        if options.label == nil {
          throw node.error("'target' has no effect without 'label'", at: "target")
        }
        if let target = like?.schema.target, target != .none {
          throw node.error("'target' has no effect: 'like' tells", at: "target")
        }
      }
      let summary = try RowSource.located(node, "source") {
        try catalog.remember(sources, for: "csv \(options)") {
          try CSVReader.inspect(sources, options, files: catalog.world.files)
        }
      }
      schema = RowSource.schema(of: summary, options, like: like?.schema)
      (rowCount, kept, featureType) = (summary.rowCount, options.keep, .float32)
      format = .csv(paths: sources, options)
    }
  }

  /// The spec of some of the rows.
  func spec(rows: Int, facts: RowFacts) -> ValueSpec {
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

  /// Reads all selected rows.
  ///
  /// - Throws: `KernelError`: the files have changed since they were looked at, or cannot be read.
  func read() throws -> Value {
    do {
      let value: Value
      switch format {
      case .csv(let paths, var options):
        if !schema.classes.isEmpty { options.classes = schema.classes }
        let table = try CSVReader.read(paths, options, files: files)
        let kept = table.kept.map { ($0.name, $0.values[...]) }
        value = Rows(features: table.features, targets: table.target ?? Rows.none).value(
          attachment: kept.isEmpty ? nil : KeptColumns(columns: kept))
      case .idx(let features, let labels, let rows):
        value = try readIDX(features, labels, rows)
      case .text: throw KernelError("text cannot be read as tokens by this version")
      }
      guard value.rows == rowCount else {
        throw KernelError(
          "the data had \(rowCount) rows when the graph was checked, and has \(value.rows) now")
      }
      return value
    } catch let error as DataError {
      throw KernelError(error.description, isTransient: error.system != nil && !error.isMissing)
    }
  }

  // MARK: CSV

  private static func csvOptions(
    _ node: borrowing NodeContext, _ like: (schema: DataSchema, isModel: Bool)?
  ) throws -> CSVOptions {
    var options = CSVOptions()
    if let label = node.attributes["label"] {
      options.label = label.integer.map { .index($0) } ?? label.text.map { .name($0) }
    } else if let like, !like.isModel, let label = like.schema.label {
      options.label = .name(label)
    }
    if let target = node.attributes.text("target") {
      options.target = target == "number" ? .number : .classes
    }
    options.header = node.attributes["header"]?.boolean ?? true
    switch node.attributes.text("delimiter") {
    case "tab": options.delimiter = .tab
    case "semicolon": options.delimiter = .semicolon
    default: options.delimiter = .comma
    }
    options.keep = node.attributes.texts("keep")
    options.rows = try selection(node)
    if let schema = like?.schema {
      if !schema.columns.isEmpty { options.columns = schema.columns }
      if schema.target == .classes {
        options.target = .classes
        options.classes = schema.classes
      } else if schema.target == .number {
        options.target = .number
      }
    }
    return options
  }

  private static func schema(
    of summary: CSVSummary, _ options: CSVOptions, like: DataSchema?
  ) -> DataSchema {
    let target: DataSchema.Target =
      summary.label == nil ? .none : summary.classes == nil ? .number : .classes
    return DataSchema(
      inputShape: like?.inputShape ?? [summary.features.count], columns: summary.features,
      target: target, label: summary.label, classes: summary.classes ?? [])
  }

  private static func selection(_ node: borrowing NodeContext) throws -> RowSelection {
    guard let select = node.attributes.record("select") else { return RowSelection() }
    guard ["rows", "every", "offset"].contains(where: select.isGiven) else {
      throw node.error("'select' has no effect without 'rows' or 'every'", at: "select")
    }
    var rows = RowSelection()
    if let range = select["rows"]?.list {
      let (first, end) = (range[0].integer ?? 0, range[1].integer ?? 0)
      guard first < end else {
        throw node.error(
          "'rows' of 'select' go from \(first) to before \(end), which is no row", at: "select")
      }
      rows.range = first..<end
    }
    rows.every = select.integer("every") ?? 1
    rows.offset = select.integer("offset") ?? 0
    return rows
  }

  // MARK: IDX

  private static func isIDX(_ path: String, _ catalog: DataCatalog) throws -> Bool {
    let stream = try ByteStream(path, files: catalog.world.files, limit: .max)
    var first = [UInt8](repeating: 255, count: 4)
    var failure: DataError?
    let count = first.withUnsafeMutableBytes { buffer in
      do throws(DataError) { return try stream.read(into: buffer) } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
    return count == 4 && first[0] == 0 && first[1] == 0 && (0x08...0x0E).contains(first[2])
      && (1...4).contains(first[3])
  }

  private static func lookAtIDX(
    _ sources: [String], _ labels: [String], _ selection: RowSelection, _ catalog: DataCatalog
  ) throws -> (schema: DataSchema, rows: Int, type: ScalarType) {
    let files = catalog.world.files
    let headers = try sources.map { try IDX.inspect($0, files: files) }
    let first = headers[0]
    for (path, header) in zip(sources, headers)
    where header.shape.dimensions.dropFirst() != first.shape.dimensions.dropFirst()
      || header.type != first.type
    {
      throw DataError(
        path, "its rows are \(header.shape) and those of '\(sources[0])' are \(first.shape)")
    }
    guard first.type == .uint8 || first.type == .float32 else {
      throw DataError(
        sources[0], "features of bytes or Float32 are expected, found \(first.type.rawValue)")
    }
    let total = headers.reduce(0) { $0 + $1.shape[0] }
    var classes: [String] = []
    if !labels.isEmpty {
      let codes = try labels.flatMap { try labelCodes($0, files) }
      guard codes.count == total else {
        throw DataError(labels[0], "it has \(codes.count) labels for \(total) rows")
      }
      classes = (0...Int(codes.max() ?? 0)).map(String.init)
    }
    let dimensions = Array(first.shape.dimensions.dropFirst())
    let schema = DataSchema(
      inputShape: dimensions.count == 2 ? [1] + dimensions : dimensions.isEmpty ? [1] : dimensions,
      columns: [], target: labels.isEmpty ? .none : .classes, label: nil, classes: classes)
    return (schema, selection.rows(of: total).count, first.type)
  }

  private static func labelCodes(_ path: String, _ files: any FileSystem) throws -> [Int32] {
    let tensor = try IDX.read(path, files: files)
    guard tensor.shape.rank == 1 else {
      throw DataError(path, "labels with one dimension are expected, found \(tensor.shape)")
    }
    switch tensor.type {
    case .uint8: return tensor.elements(of: UInt8.self).map(Int32.init)
    case .int32:
      let codes = tensor.elements(of: Int32.self)
      if let wrong = codes.first(where: { $0 < 0 || $0 > 1_000_000 }) {
        throw DataError(path, "labels from 0 to 1000000 are expected, found \(wrong)")
      }
      return codes
    default:
      throw DataError(path, "labels of whole numbers are expected, found \(tensor.type.rawValue)")
    }
  }

  private func readIDX(_ features: [String], _ labels: [String], _ selection: RowSelection) throws
    -> Value
  {
    let parts = try features.map { try IDX.read($0, files: files) }
    let all = parts.count == 1 ? parts[0] : joined(parts)
    let rows = selection.rows(of: all.shape[0])
    let width = schema.featureCount
    let flat = all.reshaped(Shape(all.shape[0], width))
    let x: Tensor
    if case let range = rows.first.map({ $0..<rows.last! + 1 }), range?.count ?? 0 == rows.count {
      x = flat.rows(range ?? 0..<0)
    } else {
      x = Tensor(uninitialized: flat.type, Shape(rows.count, width))
      let bytes = width * flat.type.byteCount
      for (index, row) in rows.enumerated() {
        (x.unsafeBase + index * bytes).copyMemory(
          from: flat.unsafeBase + row * bytes, byteCount: bytes)
      }
    }
    guard schema.target == .classes, !labels.isEmpty else {
      return Rows(features: x, targets: Rows.none).value()
    }
    let codes = try labels.flatMap { try RowSource.labelCodes($0, files) }
    if let wrong = codes.first(where: { $0 >= schema.classes.count }) {
      throw KernelError(
        "label \(wrong) of '\(labels[0])' is none of the \(schema.classes.count) classes of the training data"
      )
    }
    return Rows(features: x, targets: Tensor(rows.map { codes[$0] })).value()
  }

  private func joined(_ parts: [Tensor]) -> Tensor {
    let rows = parts.reduce(0) { $0 + $1.shape[0] }
    let all = Tensor(
      uninitialized: parts[0].type, Shape([rows] + parts[0].shape.dimensions.dropFirst()))
    var offset = 0
    for part in parts {
      (all.unsafeBase + offset).copyMemory(from: part.unsafeBase, byteCount: part.byteCount)
      offset += part.byteCount
    }
    return all
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

  // MARK: Common

  private static func expand(
    _ node: borrowing NodeContext, _ attribute: String, _ catalog: DataCatalog
  ) throws -> [String] {
    try located(node, attribute) {
      try SourcePattern.expand(
        node.attributes.text(attribute) ?? "", base: node.baseDirectory, files: catalog.world.files)
    }
  }

  /// Runs `body`; what it finds wrong in a file is reported at the attribute that names the file.
  private static func located<Result>(
    _ node: borrowing NodeContext, _ attribute: String, _ body: () throws -> Result
  ) throws -> Result {
    do { return try body() } catch let error as DataError {
      // A graph that a verb makes has no text to point into: then the place is that in the data.
      if node.position == nil, let line = error.line {
        throw Diagnostic(
          error.message,
          at: SourcePosition(file: error.path, line: line, column: error.column ?? 1))
      }
      throw node.error(
        error.description, at: attribute, category: error.isMissing ? .missingInput : .content)
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

  private static func matched(
    _ schema: DataSchema, to like: DataSchema?, _ node: borrowing NodeContext
  ) throws -> DataSchema {
    guard let like else { return schema }
    guard like.featureCount == schema.featureCount else {
      throw node.error(
        "'like' has \(like.featureCount) features in a row, and the source has \(schema.featureCount)",
        at: "source")
    }
    var result = schema
    if schema.target == .classes {
      guard schema.classes.count <= like.classes.count else {
        throw node.error(
          "'like' has \(like.classes.count) classes, and the labels have \(schema.classes.count)",
          at: "labels")
      }
      result.classes = like.classes
    }
    return result
  }
}

extension RowSelection {
  /// The rows out of `total` that are selected, in order.
  fileprivate func rows(of total: Int) -> [Int] {
    let bounds = (range ?? 0..<total).clamped(to: 0..<total)
    if every == 1 && offset == 0 { return Array(bounds) }
    return stride(from: bounds.lowerBound + offset, to: bounds.upperBound, by: every).map { $0 }
  }
}
