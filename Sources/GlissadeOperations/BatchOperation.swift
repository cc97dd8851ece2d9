import GlissadeGraph
import GlissadeKernels
import GlissadeTensor

/// `batch`: draws the rows of a step once; all its readers see the same rows.
enum BatchOperation {
  static let spec = OperationSpec(
    "batch",
    summary: "Draws the rows of a step: shuffled epochs, draws with replacement, or all rows.",
    example: "batch: { op: batch, of: train, size: 64 }",
    axisRule: "Keeps the axes of 'of'.",
    attributes: [
      AttributeSpec("of", .reference(ReferenceSpec(.rows)), "The rows.", required: true),
      AttributeSpec(
        "size", .integer(1...Int(Int32.max)),
        "The rows of a step over all places; all rows where it is left out."),
      AttributeSpec(
        "per", .choice(["step", "place"]),
        "Whether a size counts the rows of the step or of each place.", default: "step"),
      AttributeSpec(
        "draw", .choice(["shuffled", "with-replacement", "in-order"]),
        "How rows are drawn.", default: "shuffled"),
    ],
    ports: [
      PortSpec("value", .rows, "The rows of the step, scaled, as Float32."),
      PortSpec("drawn", .rowNumbers, "The numbers of the rows that were drawn, in their order."),
    ],
    isClocked: true, infer: infer)

  private static func infer(_ node: borrowing NodeContext) throws -> NodeShape {
    guard let input = node.input("of"), let facts = input.rowFacts else {
      throw node.error("'of' gives no rows", at: "of")
    }
    guard facts.totalRows <= Int(Int32.max) else {
      throw node.error(
        "\(facts.totalRows) rows pass the limit of \(Int32.max) for a batch", at: "of")
    }
    guard facts.batchSize == nil else { throw node.error("'of' is a batch already", at: "of") }
    guard facts.totalRows > 0 else { throw node.error("there are no rows to draw from", at: "of") }
    let perPlace = node.attributes.text("per") == "place"
    guard let size = node.attributes.integer("size") else {
      for name in ["per", "draw"] where node.attributes.isGiven(name) {
        throw node.error(
          "'\(name)' has no effect without 'size': every step sees all rows", at: name)
      }
      return wholeShape(input, facts, node.inputIndex("of")!)
    }
    let draw = BatchDraw(
      kind: node.attributes.text("draw") ?? "shuffled", size: size,
      blockRows: EpochOrder.blockRows(features: facts.schema.featureCount), key: node.key)
    let starts = facts.starts
    let longest =
      perPlace ? (0..<starts.count - 1).map { facts.rows(at: $0) }.max()! : facts.totalRows
    var batch = facts
    batch.batchSize = perPlace ? size : min(size, facts.totalRows)
    (batch.origin, batch.chunks) = (nil, nil)
    let specs = (0..<input.axes.placeCount).map { place -> ValueSpec in
      let most = draw.kind == "with-replacement" ? size : min(size, facts.rows(at: place))
      return rowSpec(facts: batch, rows: most)
    }
    let number = node.inputIndex("of")!
    let streamed = StreamedBatch(input, number: number, facts, draw, perPlace: perPlace)
    let gathering =
      streamed?.stages(after: 0, specs) ?? [
        Stage(
          "value",
          inputs: [.init(.input(number)), .init(.stage(0, output: 0))], axes: input.axes,
          outputs: [.each(specs)],
          // Rows that stay on the disk are read one by one.
          workspace: facts.chunks.map { $0.rowBytes + 128 } ?? 0,
          cost: Cost(bytes: Double(2 * (specs.first?.byteCount ?? 0))),
          kernel: gatherKernel(starts: starts, perPlace: perPlace))
      ]
    let rows = TensorSpec("rows", .int32, Shape(min(size, max(longest, size))))
    return NodeShape(
      ports: [
        .init("value", axes: input.axes, .each(specs), from: (gathering.count, 0)),
        .init(
          "drawn", axes: perPlace ? input.axes : [],
          .uniform(ValueSpec(.rowNumbers, [rows], rows: size)), from: (0, 0)),
      ],
      stages: [
        Stage(
          "draw", inputs: [], axes: perPlace ? input.axes : [],
          outputs: [.uniform(ValueSpec(.rowNumbers, [rows], rows: size))],
          cost: Cost(flops: Double(size) * 200),
          kernel: drawKernel(draw, starts: perPlace ? starts : [0, facts.totalRows]))
      ] + gathering,
      epochSteps: max(1, (longest + size - 1) / size),
      notBuilt: facts.schema.target == .tokens
        ? ["batches of tokens cannot be drawn by this version"] : [])
  }

  /// The spec of rows that were gathered: Float32 features, scaled.
  static func rowSpec(facts: RowFacts, rows: Int) -> ValueSpec {
    let targets: TensorSpec =
      switch facts.schema.target {
      case .none: TensorSpec("targets", .float32, Shape(0))
      case .number: TensorSpec("targets", .float32, Shape(rows))
      case .classes: TensorSpec("targets", .int32, Shape(rows))
      case .tokens: TensorSpec("targets", .int32, Shape(rows, facts.schema.featureCount))
      }
    return ValueSpec(
      .rows,
      [TensorSpec("features", .float32, Shape(rows, facts.schema.featureCount)), targets],
      rows: rows, facts: facts)
  }

  /// Without a size every step sees all rows: the value is the shard's own.
  private static func wholeShape(_ input: NodeInput, _ facts: RowFacts, _ index: Int) -> NodeShape {
    let specs = (0..<input.axes.placeCount).map { place -> ValueSpec in
      var spec = input.specs[place]
      spec.aliasesInput = true
      return spec
    }
    return NodeShape(
      ports: [.init("value", axes: input.axes, .each(specs), from: (0, 0))],
      stages: [
        Stage(
          "value", inputs: [.init(.input(index))], axes: input.axes, outputs: [.each(specs)],
          kernel: { call in call.outputs[0] = call.single(0) })
      ], epochSteps: 1)
  }
}

private func drawKernel(_ draw: BatchDraw, starts: [Int]) -> Kernel {
  let perPlace = starts.count > 2
  return { call in
    let place = perPlace ? call.place : nil
    let count = starts[call.place + 1] - starts[call.place]
    let step = call.step
    let drawn = call.outputs[0].tensors[0].withMutableElements(of: Int32.self) { target in
      draw.rows(step: step, of: count, place: place, into: target)
    }
    call.outputs[0] = Value([call.outputs[0].tensors[0].rows(0..<drawn)], rows: drawn)
  }
}

/// Copies the drawn rows that lie in a place, in the order of the draw.
private func gatherKernel(starts: [Int], perPlace: Bool) -> Kernel {
  { call in
    let source = Rows(call.single(0))
    let drawn = call.single(1)
    let start = perPlace ? 0 : starts[call.place]
    let end = perPlace ? starts[call.place + 1] - starts[call.place] : starts[call.place + 1]
    let features = call.outputs[0].tensors[0]
    let targets = call.outputs[0].tensors[1]
    var count = 0
    var single = source.stream.map { $0.blocks.makeRow() }
    if single != nil { (single!.multiplier, single!.offset) = (source.multiplier, source.offset) }
    try drawn.tensors[0].withElements(of: Int32.self) { rows in
      for index in 0..<drawn.rows {
        let row = Int(rows[index])
        guard row >= start && row < end else { continue }
        if let stream = source.stream, let single {
          try stream.read(row: row - start, into: single)
          single.copyRow(0, to: features, targets, at: count)
        } else {
          source.copyRow(row - start, to: features, targets, at: count)
        }
        count += 1
      }
    }
    call.outputs[0] = Rows(
      features: features.rows(0..<count),
      targets: targets.count > 0 ? targets.rows(0..<count) : targets
    ).value()
  }
}
