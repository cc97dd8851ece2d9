import GlissadeGraph
import GlissadeTensor

/// `scale`: brings the columns of rows to a common scale; costs no copy, readers of the rows apply it.
enum ScaleOperation {
  static let spec = OperationSpec(
    "scale",
    summary:
      "Scales the columns of rows; statistics are taken over all rows and saved with the model.",
    example: "scaled: { op: scale, of: train, by: standard }",
    axisRule: "Keeps the axes of 'of'; statistics are taken over all of them, and are single.",
    attributes: [
      AttributeSpec("of", .reference(ReferenceSpec(.rows)), "The rows.", required: true),
      AttributeSpec(
        "by",
        .variant([
          VariantSpec("standard", "Mean 0 and variance 1 in each column."),
          VariantSpec(
            "min-max", "Each column from 0 to 1, or between other bounds.",
            [
              AttributeSpec("from", .number(.any), "The image of the least value.", default: 0),
              AttributeSpec("to", .number(.any), "The image of the greatest value.", default: 1),
            ]),
          VariantSpec(
            "constant", "Every value less an offset, divided by a number.",
            [
              AttributeSpec(
                "divisor", .number(.positive), "What values are divided by.", default: 1),
              AttributeSpec("offset", .number(.any), "What is subtracted before.", default: 0),
            ]),
        ]), "How columns are scaled."),
      AttributeSpec(
        "like", .reference(ReferenceSpec(.statistics, port: "statistics")),
        "Takes the statistics of another scale node."),
    ],
    ports: [
      PortSpec("value", .rows, "The rows, scaled."),
      PortSpec("statistics", .statistics, "The multiplier and the offset of each column."),
    ], infer: infer)

  private static func infer(_ node: borrowing NodeContext) throws -> NodeShape {
    guard let input = node.input("of"), let facts = input.rowFacts else {
      throw node.error("'of' gives no rows", at: "of")
    }
    guard facts.scaledBy == nil else {
      throw node.error("'of' is scaled already, by '\(facts.scaledBy ?? "")'", at: "of")
    }
    guard facts.batchSize == nil else {
      throw node.error("'of' is a batch: scale the rows that it draws from", at: "of")
    }
    let of = node.inputIndex("of")!
    var scaled = facts
    scaled.scaledBy = node.name
    scaled.origin = facts.origin?.passed(on: input, by: node.name)
    if let like = node.input("like") {
      guard !node.attributes.isGiven("by") else {
        throw node.error("'by' has no effect beside 'like'", at: "by")
      }
      guard let other = like.rowFacts, let name = other.scaledBy else {
        throw node.error("'like' is not scaled", at: "like")
      }
      guard other.schema.featureCount == facts.schema.featureCount else {
        throw node.error(
          "'like' has \(other.schema.featureCount) columns and 'of' has \(facts.schema.featureCount)",
          at: "like")
      }
      scaled.scaledBy = name
      // Of scaled rows only the scaling is wanted: to read `value` would bring their data along.
      let statistics = node.inputIndex("like")!
      var spec = like.spec
      spec.facts = scaled
      spec.aliasesInput = true
      return NodeShape(
        ports: [
          .init("value", axes: input.axes, specs(input, scaled), from: (0, 0)),
          .init("statistics", axes: [], .uniform(spec), from: (1, 0)),
        ],
        stages: [
          scaleStage(input, scaled, inputs: [.init(.input(of)), .init(.input(statistics))]),
          Stage(
            "statistics", inputs: [.init(.input(statistics))], axes: [], outputs: [.uniform(spec)],
            kernel: { call in call.outputs[0] = call.single(0) }),
        ])
    }
    guard let method = node.attributes.variant("by") else {
      throw node.error("operation 'scale' needs 'by' or 'like'")
    }
    let columns = facts.schema.featureCount
    let statistics = Statistics(kind: method.kind, attributes: method.attributes, columns: columns)
    var spec = statistics.spec
    spec.facts = scaled
    return NodeShape(
      ports: [
        .init("value", axes: input.axes, specs(input, scaled), from: (2, 0)),
        .init("statistics", axes: [], .uniform(spec), from: (1, 0)),
      ],
      stages: [
        Stage(
          "columns", inputs: statistics.readsRows ? [.init(.input(of))] : [], axes: input.axes,
          outputs: [.uniform(statistics.partialSpec)],
          workspace: statistics.readsRows ? facts.chunks?.byteCount ?? 0 : 0,
          cost: Cost(flops: statistics.readsRows ? Double(facts.totalRows * columns * 3) : 0),
          kernel: { call in
            guard statistics.readsRows else { return }
            try statistics.accumulate(
              Rows(call.single(0)), chunks: call.workspace, into: &call.outputs[0])
          }),
        Stage(
          "statistics",
          inputs: [.init(.stage(0, output: 0), taking: input.axes.map(\.name).reversed())],
          axes: [],
          outputs: [.uniform(spec)],
          kernel: { call in statistics.finish(call.input(0), into: &call.outputs[0]) }),
        scaleStage(input, scaled, inputs: [.init(.input(of)), .init(.stage(1, output: 0))]),
      ])
  }

  /// Rows with a multiplier and an offset, over the same storage.
  private static func scaleStage(
    _ input: NodeInput, _ facts: RowFacts, inputs: [Stage.Input]
  ) -> Stage {
    Stage(
      "value", inputs: inputs, axes: input.axes, outputs: [specs(input, facts)],
      kernel: { call in
        var rows = Rows(call.single(0))
        rows.multiplier = call.single(1).tensors[0]
        rows.offset = call.single(1).tensors[1]
        call.outputs[0] = rows.value(attachment: call.single(0).attachment)
      })
  }

  private static func specs(_ input: NodeInput, _ facts: RowFacts) -> PlaceSpecs {
    .each(
      (0..<input.axes.placeCount).map { place in
        var spec = input.specs[place]
        spec.facts = facts
        spec.aliasesInput = true
        return spec
      })
  }
}

/// Mean, variance and bounds of columns, merged place by place in order.
///
/// Variances by the pairwise update of T. F. Chan, G. H. Golub, R. J. LeVeque (1979), in Float64.
private struct Statistics: Sendable {
  let kind: String
  let columns: Int
  private let low: Double
  private let high: Double
  private let divisor: Double
  private let offset: Double

  init(kind: String, attributes: Attributes, columns: Int) {
    self.kind = kind
    self.columns = columns
    low = attributes.number("from") ?? 0
    high = attributes.number("to") ?? 1
    divisor = attributes.number("divisor") ?? 1
    offset = attributes.number("offset") ?? 0
  }

  /// Whether the scale depends on the rows.
  var readsRows: Bool { kind != "constant" }

  /// Mean, sum of squared deviations, least and greatest value of each column.
  var partialSpec: ValueSpec {
    ValueSpec(.statistics, [TensorSpec("moments", .float64, Shape(4, columns))])
  }

  var spec: ValueSpec {
    let count = kind == "constant" ? 1 : columns
    return ValueSpec(
      .statistics,
      [
        TensorSpec("multiplier", .float32, Shape(count)),
        TensorSpec("offset", .float32, Shape(count)),
      ])
  }

  /// - Parameter chunks: Room for rows that stay on the disk.
  func accumulate(
    _ rows: Rows, chunks: UnsafeMutableRawBufferPointer, into value: inout Value
  ) throws {
    let columns = columns
    value.rows = rows.count
    try value.tensors[0].withMutableElements(of: Double.self) { moments in
      moments.update(repeating: 0)
      guard rows.count > 0 else { return }
      for column in 0..<columns {
        moments[2 * columns + column] = .infinity
        moments[3 * columns + column] = -.infinity
      }
      var buffer = [Float](repeating: 0, count: columns)
      try buffer.withUnsafeMutableBufferPointer { buffer in
        guard let buffer = buffer.baseAddress else { return }
        try rows.forEachPart(in: chunks) { part, first in
          for row in 0..<part.count {
            let x = part.tile(row..<row + 1, in: buffer)
            let weight = 1 / Double(first + row + 1)
            for column in 0..<columns {
              let number = Double(x[column])
              let change = number - moments[column]
              moments[column] += change * weight
              moments[columns + column] += change * (number - moments[column])
              moments[2 * columns + column] = min(moments[2 * columns + column], number)
              moments[3 * columns + column] = max(moments[3 * columns + column], number)
            }
          }
        }
      }
    }
  }

  func finish(_ parts: KernelInputs, into value: inout Value) {
    var total = 0.0
    var moments = [Double](repeating: 0, count: 4 * columns)
    for part in parts where part.rows > 0 {
      let rows = Double(part.rows)
      part.tensors[0].withElements(of: Double.self) { other in
        for column in 0..<columns {
          let change = other[column] - moments[column]
          let least = moments[2 * columns + column]
          let greatest = moments[3 * columns + column]
          moments[column] += change * rows / (total + rows)
          moments[columns + column] +=
            other[columns + column] + change * change * total * rows / (total + rows)
          moments[2 * columns + column] =
            total == 0 ? other[2 * columns + column] : min(least, other[2 * columns + column])
          moments[3 * columns + column] =
            total == 0 ? other[3 * columns + column] : max(greatest, other[3 * columns + column])
        }
      }
      total += rows
    }
    var multipliers: [Float] = []
    var offsets: [Float] = []
    for column in 0..<(kind == "constant" ? 1 : columns) {
      let (multiplier, shift) = factors(
        mean: moments[column], squares: moments[columns + column], rows: total,
        least: moments[2 * columns + column], greatest: moments[3 * columns + column])
      multipliers.append(Float(multiplier))
      offsets.append(Float(shift))
    }
    value.tensors = [Tensor(multipliers), Tensor(offsets)]
    value.rows = Int(total)
  }

  /// The multiplier and the offset of a column. A constant column keeps its scale: it is only moved.
  private func factors(
    mean: Double, squares: Double, rows: Double, least: Double, greatest: Double
  ) -> (Double, Double) {
    switch kind {
    case "standard":
      let deviation = rows > 0 ? (squares / rows).squareRoot() : 0
      let multiplier = deviation > 0 ? 1 / deviation : 1
      return (multiplier, -mean * multiplier)
    case "min-max":
      let width = greatest - least
      let multiplier = width > 0 ? (high - low) / width : 1
      return (multiplier, low - least * multiplier)
    default: return (1 / divisor, -offset / divisor)
    }
  }
}
