import GlissadeData
import GlissadeGraph
import GlissadeSystem

/// Rows of CSV files.
extension RowSource {
  /// Looks at all rows once, in little memory.
  static func lookAtCSV(
    _ node: borrowing NodeContext, _ sources: [String],
    _ like: (schema: DataSchema, isModel: Bool)?, _ catalog: DataCatalog, checksCells: Bool
  ) throws -> (schema: DataSchema, kept: [String], reader: CSVRangeReader) {
    var options = try csvOptions(node, like)
    if node.attributes.isGiven("target") {
      if options.label == nil {
        throw node.error("'target' has no effect without 'label'", at: "target")
      }
      if let target = like?.schema.target, target != .none {
        throw node.error("'target' has no effect: 'like' tells", at: "target")
      }
    }
    let files = catalog.world.files
    let (summary, index) = try located(node, "source") {
      try catalog.remember(sources, for: "csv \(options)") {
        guard let directory = catalog.world.cacheDirectory else {
          return try CSVReader.index(sources, options, checksCells: checksCells, files: files)
        }
        return try CSVIndexCache(directory, files: files).index(
          sources, options, checksCells: checksCells)
      }
    }
    let schema = schema(of: summary, options, like: like?.schema)
    // What all rows tell together must hold for each range of them.
    if !schema.classes.isEmpty { options.classes = schema.classes }
    if schema.target == .number { options.target = .number }
    return (schema, options.keep, CSVRangeReader(index, options, files: files))
  }

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
}
