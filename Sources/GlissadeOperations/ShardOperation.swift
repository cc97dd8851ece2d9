import GlissadeData
import GlissadeGraph
import GlissadeSystem
import GlissadeTensor

/// `shard`: rows of files, divided among places.
enum ShardOperation {
  static func spec(_ catalog: DataCatalog, checksCells: Bool = false) -> OperationSpec {
    OperationSpec(
      "shard",
      summary:
        "Reads rows from files (CSV, IDX, NPY; plain or gzip) and divides them among places.",
      example: "train: { op: shard, source: data/train.csv, label: class, count: 4 }",
      axisRule:
        "Makes the axes of 'axes', or with 'count' one of its own name; rows are divided among their places.",
      attributes: attributes,
      ports: [
        PortSpec("value", .rows, "All rows of the place."),
        PortSpec("train", .rows, "The rows that are not held out."),
        PortSpec("holdout", .rows, "The rows that are held out."),
        PortSpec("rows", .number, "The number of rows of the place."),
      ],
      findUnread: findUnread,
      infer: { node in try infer(node, catalog, checksCells: checksCells) })
  }

  private static let attributes: [AttributeSpec] = [
    AttributeSpec("source", .file, "A file, a directory or a pattern of files.", required: true),
    AttributeSpec(
      "labels", .file, "The IDX or NPY file of the labels, in as many parts as there are."),
    AttributeSpec(
      "label", .either([.text, .integer(0...65_535)]), "The label column, by name or number."),
    AttributeSpec(
      "target", .choice(["classes", "number"]),
      "Whether labels are classes or numbers; found out from the labels where it is left out."),
    AttributeSpec("header", .boolean, "Whether a CSV file begins with names.", default: true),
    AttributeSpec(
      "delimiter", .choice(["comma", "tab", "semicolon"]), "What divides the columns of CSV.",
      default: "comma"),
    AttributeSpec(
      "like", .reference(ReferenceSpec(.rows, .parameters, role: .facts)),
      "Takes columns, classes and encoding from another node's data."),
    AttributeSpec(
      "select",
      .record([
        AttributeSpec(
          "rows", .list(.integer(0...Int.max), 2...2), "From the first row to before the second."),
        AttributeSpec("every", .integer(1...Int.max), "Only every n-th row."),
        AttributeSpec("offset", .integer(0...Int.max), "The first of every n-th row.", default: 0),
      ]), "Which rows are read."),
    AttributeSpec("keep", .list(.text, 0...65_536), "Columns that go along as text, for output."),
    AttributeSpec(
      "shuffle", .boolean, "Permutes the rows by the seed before they are divided.", default: false),
    AttributeSpec(
      "holdout",
      .record([
        AttributeSpec("fraction", .number(.unit), "How many of the rows.", required: true),
        AttributeSpec("from", .choice(["start", "end"]), "Which of the rows.", default: "end"),
      ]), "Holds rows out, for the ports 'train' and 'holdout'."),
    AttributeSpec(
      "split",
      .variant([
        VariantSpec("contiguous", "Places take rows in order, as evenly as can be."),
        VariantSpec(
          "dirichlet", "Places have different mixes of classes.",
          [AttributeSpec("alpha", .number(.positive), "Smaller is more uneven.", required: true)],
          built: false),
      ]), "How rows are divided.", default: "contiguous"),
    AttributeSpec("tokens", .choice(["characters"]), "Reads text as tokens.", built: false),
    AttributeSpec("context", .integer(1...1_000_000), "Tokens in a row.", built: false),
    AttributeSpec(
      "place",
      .record([AttributeSpec("rows", .integer(1...Int.max), "Rows of a place.", required: true)]),
      "Makes places by their size."),
    CommonAttributes.count, CommonAttributes.axes,
  ]

  private static func infer(
    _ node: borrowing NodeContext, _ catalog: DataCatalog, checksCells: Bool
  ) throws -> NodeShape {
    let source = try RowSource(node, catalog, checksCells: checksCells)
    let axes = try placeAxes(node, rows: source.rowCount)
    let places = axes.placeCount
    let rowCount = source.rowCount
    let facts = RowFacts(
      schema: source.schema, totalRows: rowCount, starts: division(of: 0..<rowCount, into: places),
      axes: axes, scaledBy: nil, kept: source.kept, batchSize: nil)
    var notBuilt: [String] = []
    if source.schema.target == .tokens {
      notBuilt.append("text cannot be read as tokens by this version")
    }
    var reading = ShardReading(source, node, places: places, catalog)
    var stages = reading.wholeStages
    var ports: [NodeShape.Port] = []
    func add(_ name: String, _ facts: RowFacts, from first: Int = 0) {
      var facts = facts
      facts.origin = reading.origin(of: name, from: first)
      let specs = PlaceSpecs.each(
        (0..<places).map { reading.spec(rows: facts.rows(at: $0), facts: facts) })
      ports.append(NodeShape.Port(name, axes: axes, specs, from: (stages.count, 0)))
      stages.append(reading.stage(name, facts, specs, from: first))
    }
    add("value", facts)
    if let holdout = node.attributes.record("holdout") {
      let held = Int((Double(rowCount) * (holdout.number("fraction") ?? 0)).rounded())
      let atStart = holdout.text("from") == "start"
      let cut = atStart ? held : rowCount - held
      for (name, range) in [
        ("train", atStart ? cut..<rowCount : 0..<cut),
        ("holdout", atStart ? 0..<cut : cut..<rowCount),
      ] {
        var part = facts
        part.totalRows = range.count
        part.starts = division(of: 0..<range.count, into: places)
        add(name, part, from: range.lowerBound)
      }
    }
    ports.append(
      NodeShape.Port("rows", axes: axes, .uniform(countSpec), from: (stages.count, 0)))
    stages.append(countStage(facts))
    let target: AttributeEntry? =
      switch source.schema.target {
      case .classes: AttributeEntry("target", "classes")
      case .number: AttributeEntry("target", "number")
      case .none, .tokens: nil
      }
    return NodeShape(
      ports: ports, stages: stages, notBuilt: notBuilt, defaults: [target].compactMap { $0 })
  }

  private static func findUnread(_ index: Int, _ uses: GraphUses) -> [Diagnostic] {
    let node = uses.nodes[index]
    guard let holdout = node.description["holdout"], !uses.reads(["train", "holdout"], of: index)
    else { return [] }
    return [
      Diagnostic(
        "'holdout' has no effect: nothing reads \(node.name).train or \(node.name).holdout",
        at: holdout.position)
    ]
  }

  private static let countSpec = ValueSpec(.number, [TensorSpec("value", .float64, Shape(1))])

  private static func countStage(_ facts: RowFacts) -> Stage {
    Stage(
      "rows", inputs: [], axes: facts.axes, outputs: [.uniform(countSpec)], isRepeatable: true,
      kernel: { call in
        let rows = facts.rows(at: call.place)
        call.outputs[0].tensors[0].withMutableElements(of: Double.self) { $0[0] = Double(rows) }
        call.outputs[0].rows = rows
      })
  }

  /// The axis that divides the rows: `axes`, `count`, `place`, or a single place.
  private static func placeAxes(_ node: borrowing NodeContext, rows: Int) throws -> [Axis] {
    let given = ["count", "axes", "place"].filter { node.attributes.isGiven($0) }
    if given.count > 1 {
      throw node.error(
        "'\(given[0])' and '\(given[1])' both say how many places there are", at: given[1])
    }
    if node.name == blockAxis && !node.attributes.isGiven("axes")
      || node.ownAxes.contains(where: { $0.name == blockAxis })
    {
      throw node.error(
        "the axis '\(blockAxis)' splits parameters, and rows cannot have it: name it otherwise",
        at: given.first)
    }
    if let size = node.attributes.record("place")?.integer("rows") {
      return [Axis(node.name, size: max(1, (rows + size - 1) / size))]
    }
    return node.ownAxes.isEmpty ? [Axis(node.name, size: 1)] : node.ownAxes
  }

  /// The first row of each place and the end: places differ by at most one row.
  static func division(of range: Range<Int>, into places: Int) -> [Int] {
    (0...places).map {
      range.lowerBound + Int(range.count.multipliedFullWidth(by: $0, dividedBy: places))
    }
  }
}

extension Int {
  /// self · factor / divisor without overflow in between.
  fileprivate func multipliedFullWidth(by factor: Int, dividedBy divisor: Int) -> Int {
    divisor.dividingFullWidth(multipliedFullWidth(by: factor)).quotient
  }
}
