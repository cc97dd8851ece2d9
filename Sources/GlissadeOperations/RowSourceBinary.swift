import GlissadeData
import GlissadeGraph
import GlissadeSystem
import GlissadeTensor

/// Rows of IDX and NPY files.
extension RowSource {
  /// Reads the headers, and the labels once, chunk by chunk.
  static func lookAtBinary(
    _ node: borrowing NodeContext, _ sources: [String], _ catalog: DataCatalog
  ) throws -> (schema: DataSchema, features: BinaryRows, labels: BinaryRows?) {
    let selection = try selection(node)
    let files = catalog.world.files
    let features = try located(node, "source") {
      try catalog.remember(sources, for: "binary") { try lookAtFeatures(sources, catalog) }
    }
    let total = features.reduce(0) { $0 + $1.rowCount }
    if let range = selection.range, range.upperBound > total {
      throw Diagnostic(
        "the rows \(range.lowerBound) to \(range.upperBound) are asked for, and the data has \(total)",
        at: node.attributes.record("select")?.position("rows"))
    }
    let dimensions = Array(features[0].shape.dimensions.dropFirst())
    var schema = DataSchema(
      inputShape: dimensions.count == 2 ? [1] + dimensions : dimensions.isEmpty ? [1] : dimensions,
      columns: [], target: .none, label: nil, classes: [])
    let rows = BinaryRows(features, selection, files: files)
    guard node.attributes.isGiven("labels") else { return (schema, rows, nil) }
    let paths = try expand(node, "labels", catalog)
    let labels = try located(node, "labels") {
      try catalog.remember(paths, for: "labels of \(total) rows") {
        try lookAtLabels(paths, of: total, catalog)
      }
    }
    (schema.target, schema.classes) = (labels.target, labels.classes)
    return (schema, rows, BinaryRows(labels.files, selection, files: files))
  }

  private static func lookAtFeatures(
    _ sources: [String], _ catalog: DataCatalog
  ) throws(DataError) -> [BinaryFile] {
    let features = try alike(sources, catalog)
    let (first, path) = (features[0], sources[0])
    guard first.type == .uint8 || first.type == .float32 else {
      throw DataError(
        path, "features of bytes or Float32 are expected, found \(first.type.rawValue)")
    }
    guard first.format == .idx || first.shape.rank > 1 else {
      throw DataError(path, "rows of features are expected, found \(first.shape)")
    }
    return features
  }

  private static func lookAtLabels(
    _ paths: [String], of total: Int, _ catalog: DataCatalog
  ) throws(DataError) -> (files: [BinaryFile], target: DataSchema.Target, classes: [String]) {
    let files = try alike(paths, catalog)
    let rows = BinaryRows(files, RowSelection(), files: catalog.world.files)
    try checkLabels(rows)
    guard rows.rowCount == total else {
      throw DataError(paths[0], "it has \(rows.rowCount) labels for \(total) rows")
    }
    guard !rows.areNumbers else { return (files, .number, []) }
    return (files, .classes, (0...(try rows.findGreatestCode())).map(String.init))
  }

  /// The headers of files whose rows must be of one type and shape.
  private static func alike(
    _ paths: [String], _ catalog: DataCatalog
  ) throws(DataError) -> [BinaryFile] {
    var found: [BinaryFile] = []
    for path in paths {
      let file = try BinaryFile(path, files: catalog.world.files)
      let first = found.first ?? file
      guard file.shape.dimensions.dropFirst() == first.shape.dimensions.dropFirst(),
        file.type == first.type
      else {
        throw DataError(
          path,
          "its rows are \(file.shape) of \(file.type.rawValue) and those of '\(paths[0])' are "
            + "\(first.shape) of \(first.type.rawValue)")
      }
      found.append(file)
    }
    return found
  }

  private static func checkLabels(_ rows: BinaryRows) throws(DataError) {
    for part in rows.parts where part.shape.rank != 1 {
      throw DataError(
        part.seen.path, "labels with one dimension are expected, found \(part.shape)")
    }
    for part in rows.parts where part.format == .idx && rows.areNumbers {
      throw DataError(
        part.seen.path, "labels of whole numbers are expected, found \(part.type.rawValue)")
    }
  }

  static func matched(
    _ schema: DataSchema, to like: DataSchema?, _ node: borrowing NodeContext
  ) throws -> DataSchema {
    guard let like else { return schema }
    guard like.featureCount == schema.featureCount else {
      throw node.error(
        "'like' has \(like.featureCount) features in a row, and the source has \(schema.featureCount)",
        at: "source")
    }
    var result = schema
    if schema.target != .none, like.target != .none, like.target != schema.target {
      func phrase(_ target: DataSchema.Target) -> String {
        target == .number ? "numbers" : "classes"
      }
      throw node.error(
        "the labels are \(phrase(schema.target)), and those of 'like' are \(phrase(like.target))",
        at: "labels")
    }
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
