import GlissadeGraph
import GlissadeKernels
import GlissadeModels
import GlissadeTensor

/// `evaluate`: metrics of a model, or of predictions, over rows; exact whatever divides the rows.
enum EvaluateOperation {
  static let spec = OperationSpec(
    "evaluate",
    summary: "Metrics of a model on rows: partial sums at each place, put together exactly.",
    example:
      "score: { op: evaluate, at: weights, data: test, metrics: [accuracy, loss], every: { epochs: 1 } }",
    axisRule:
      "Takes the axes of 'data' whole and keeps those of the model, or of the predictions, that are left; 'block' is taken whole.",
    attributes: [
      AttributeSpec("at", .reference(ReferenceSpec(.parameters)), "The parameters."),
      AttributeSpec(
        "of", .reference(ReferenceSpec(.predictions)), "Predictions, in the place of parameters."),
      AttributeSpec("data", .reference(ReferenceSpec(.rows)), "The rows.", required: true),
      AttributeSpec(
        "metrics", .list(.text, 1...32),
        "What is measured: " + Metric.words.joined(separator: ", ") + ".", required: true),
      AttributeSpec(
        "loss", .variant(GradientOperation.losses.filter(\.isBuilt)),
        "What 'loss' and 'objective' measure; by default what the model is for."),
      AttributeSpec(
        "most", .record([AttributeSpec("rows", .integer(1...Int.max), "Rows.", required: true)]),
        "Measures the first rows only.", built: false),
    ],
    ports: [
      PortSpec(
        "value", .metrics, "All metrics, in their order; each is a port of its own name too.")
    ], isReported: true, dataHint: ("at", "data"), infer: infer)

  private static func infer(_ node: borrowing NodeContext) throws -> NodeShape {
    guard let data = node.input("data"), let rows = data.rowFacts else {
      throw node.error("'data' gives no rows", at: "data")
    }
    guard node.attributes.isGiven("at") != node.attributes.isGiven("of") else {
      throw node.error("operation 'evaluate' needs either 'at' or 'of'")
    }
    let metrics = try metrics(node)
    if node.attributes.isGiven("loss") {
      if node.attributes.isGiven("of") {
        throw node.error("'loss' has no effect: predictions bring their own", at: "loss")
      }
      if !metrics.contains(where: { [.loss, .objective].contains($0) }) {
        throw node.error(
          "'loss' has no effect: 'metrics' names neither loss nor objective", at: "loss")
      }
    }
    if let of = node.input("of") {
      return try predictionShape(node, of, data, rows, metrics)
    }
    guard let at = node.input("at") else { throw node.error("'at' gives no parameters", at: "at") }
    let whole = WholeModel(at, index: node.inputIndex("at")!)
    let taken = data.axes.filter { axis in !whole.axes.contains { $0.name == axis.name } }
    let axes = try node.union(whole.axes, taken)
    let passes = try whole.facts.map { facts in
      try DataFit.check(facts, rows, node)
      let loss = try GradientOperation.loss(node.attributes, facts, node)
      return RowPass(facts: facts, rows: rows, loss: loss)
    }
    let accumulators = try passes.map {
      try accumulator(
        metrics, outputs: $0.facts.network.outputs, classes: $0.facts.classes, loss: $0.loss, node)
    }
    let places = max(1, taken.placeCount)
    let bound = data.greatestRows
    let part = Stage(
      "part", inputs: [.init(whole.source), .init(.input(node.inputIndex("data")!))], axes: axes,
      outputs: [
        .each((0..<axes.placeCount).map { partSpec(accumulators[$0 / places], rows: bound) })
      ],
      workspace: zip(passes, accumulators).map {
        max($0.workspace(rows: bound), PartBuffers.sortingBytes($1, rows: bound))
      }.max() ?? 0,
      cost: Cost(flops: Double(2 * bound * (passes.first?.facts.network.layout.count ?? 0))),
      kernel: { call in
        let pass = passes[call.place / places]
        var target = PartBuffers(call.outputs[0], accumulators[call.place / places])
        try pass.forward(call) { logits, targets, range in
          target.add(logits, targets, rows: range.count)
        }
        call.outputs[0] = target.value(sortedIn: call.workspace)
      })
    let finish = finishStage(
      metrics, axes: whole.axes, taking: taken, part: whole.stages.count,
      parameters: whole.source, accumulators,
      penalty: { place, tensor in
        let facts = passes[place].facts
        return facts.penalty?.value(tensor.floats, layout: facts.network.layout, range: facts.range)
          ?? 0
      })
    var shape = shape(
      metrics, axes: whole.axes, stages: whole.stages + [part, finish],
      notBuilt: passes.contains { !$0.facts.network.model.isBuilt }
        ? ["this model cannot be evaluated by this version"] : [])
    if metrics.contains(where: { [.loss, .objective].contains($0) }) {
      shape.defaults = GradientOperation.defaults(passes)
    }
    return shape
  }

  /// Metrics of predictions that are there already: their logarithms are logits.
  private static func predictionShape(
    _ node: borrowing NodeContext, _ of: NodeInput, _ data: NodeInput, _ rows: RowFacts,
    _ metrics: [Metric]
  ) throws -> NodeShape {
    guard let facts = of.spec.facts as? PredictionFacts else {
      throw node.error("'of' gives no predictions", at: "of")
    }
    let taken = data.axes
    for axis in taken where !of.axes.contains(axis) {
      throw node.error("'of' is \(of.axes.phrase), and 'data' is \(data.axes.phrase)", at: "of")
    }
    let axes = of.axes.filter { !taken.contains($0) }
    let loss = facts.isProbability ? (facts.width == 1 ? Loss.logistic : .crossEntropy) : .squared
    if metrics.contains(.objective) {
      throw node.error(
        "'objective' needs parameters: give 'at' in the place of 'of'", at: "metrics")
    }
    let accumulator = try accumulator(
      metrics, outputs: facts.width,
      classes: rows.schema.target == .number ? nil : rows.schema.classes.count, loss: loss, node)
    let bound = data.greatestRows
    let tileBytes = (min(bound, Rows.tileRows) * facts.width * 4 + 63) & ~63
    let part = Stage(
      "part",
      inputs: [.init(.input(node.inputIndex("of")!)), .init(.input(node.inputIndex("data")!))],
      axes: axes + taken, outputs: [.uniform(partSpec(accumulator, rows: bound))],
      workspace: max(
        tileBytes + (rows.chunks?.byteCount ?? 0),
        PartBuffers.sortingBytes(accumulator, rows: bound)),
      kernel: { call in
        let predicted = call.single(0).tensors[0].floats
        let logits = call.workspace.baseAddress!.assumingMemoryBound(to: Float.self)
        let chunks = UnsafeMutableRawBufferPointer(rebasing: call.workspace[tileBytes...])
        var target = PartBuffers(call.outputs[0], accumulator)
        try Rows(call.single(1)).forEachPart(in: chunks) { part, first in
          for range in tiles(of: part.count) {
            let own = predicted + (first + range.lowerBound) * facts.width
            for index in 0..<range.count * facts.width {
              logits[index] = facts.isProbability ? logarithm(own[index]) : own[index]
            }
            target.add(logits, part.targets(from: range.lowerBound), rows: range.count)
          }
        }
        call.outputs[0] = target.value(sortedIn: call.workspace)
      })
    let finish = finishStage(
      metrics, axes: axes, taking: taken, part: 0, parameters: nil,
      [MetricAccumulator](repeating: accumulator, count: axes.placeCount), penalty: { _, _ in 0 })
    return shape(metrics, axes: axes, stages: [part, finish], notBuilt: [])
  }

  private static func shape(_ metrics: [Metric], axes: [Axis], stages: [Stage], notBuilt: [String])
    -> NodeShape
  {
    let last = stages.count - 1
    var ports = [
      NodeShape.Port("value", axes: axes, stages[last].outputs[0], from: (last, 0))
    ]
    for (index, metric) in metrics.enumerated() {
      ports.append(
        NodeShape.Port(
          metric.description, axes: axes, stages[last].outputs[index + 1], from: (last, index + 1)))
    }
    return NodeShape(ports: ports, stages: stages, notBuilt: notBuilt)
  }

  private static func metrics(_ node: borrowing NodeContext) throws -> [Metric] {
    var result: [Metric] = []
    for item in node.attributes["metrics"]?.list ?? [] {
      do {
        let metric = try Metric(named: item.text ?? "")
        guard !result.contains(metric) else {
          throw Diagnostic("the metric '\(metric)' is there twice", at: item.position)
        }
        result.append(metric)
      } catch let error as ModelError {
        throw Diagnostic(
          error.description, at: item.position,
          hint: suggestion(for: item.text ?? "", among: Metric.words.filter { $0 != "top-K" }))
      }
    }
    return result
  }

  private static func accumulator(
    _ metrics: [Metric], outputs: Int, classes: Int?, loss: Loss, _ node: borrowing NodeContext
  ) throws -> MetricAccumulator {
    for (index, metric) in metrics.enumerated() {
      do { try metric.check(outputs: outputs, classes: classes) } catch {
        throw Diagnostic(
          error.description, at: node.attributes["metrics"]?.list?[index].position ?? node.position)
      }
    }
    return MetricAccumulator(metrics, outputs: outputs, loss: loss)
  }

  private static func partSpec(_ accumulator: MetricAccumulator, rows: Int) -> ValueSpec {
    var tensors = [TensorSpec("sums", .float64, Shape(accumulator.sumCount))]
    if accumulator.keepsScores {
      tensors.append(TensorSpec("scores", .int64, Shape(rows)))
    }
    return ValueSpec(.metrics, tensors, rows: rows)
  }

  private static func finishStage(
    _ metrics: [Metric], axes: [Axis], taking taken: [Axis], part: Int, parameters: Stage.Source?,
    _ accumulators: [MetricAccumulator], penalty: @escaping @Sendable (Int, Tensor) -> Double
  ) -> Stage {
    let number = ValueSpec(.number, [TensorSpec("value", .float64, Shape(2))])
    let all = ValueSpec(.metrics, [TensorSpec("metrics", .float64, Shape(metrics.count))])
    var inputs: [Stage.Input] = [
      .init(.stage(part, output: 0), taking: taken.map(\.name).reversed())
    ]
    if let parameters, metrics.contains(.objective) { inputs.append(.init(parameters)) }
    return Stage(
      "value", inputs: inputs, axes: axes,
      outputs: [.uniform(all)] + metrics.map { _ in .uniform(number) },
      kernel: { call in
        let accumulator = accumulators[call.place]
        let parts = call.input(0)
        var sums = [Double](repeating: 0, count: accumulator.sumCount)
        var scores: [UnsafeBufferPointer<ScoredRow>] = []
        for part in parts {
          part.tensors[0].withElements(of: Double.self) {
            accumulator.merge($0.baseAddress!, into: &sums)
          }
          guard accumulator.keepsScores else { continue }
          scores.append(UnsafeBufferPointer(PartBuffers.scores(part.tensors[1])))
        }
        let extra = call.inputCount > 1 ? penalty(call.place, call.single(1).tensors[0]) : 0
        let values = accumulator.finish(&sums, scores: scores, penalty: extra)
        let rows = parts.reduce(0) { $0 + $1.rows }
        call.outputs[0] = Value([Tensor(values)], rows: rows)
        for (index, value) in values.enumerated() {
          call.outputs[index + 1] = Value([Tensor([value, Double(call.step + 1)])], rows: rows)
        }
      })
  }
}

/// The output of a partial evaluation while it is filled.
private struct PartBuffers {
  private let tensors: [Tensor]
  private let accumulator: MetricAccumulator
  private var rows = 0

  init(_ value: Value, _ accumulator: MetricAccumulator) {
    tensors = value.tensors
    self.accumulator = accumulator
    sums.update(repeating: 0, count: accumulator.sumCount)
  }

  private var sums: UnsafeMutablePointer<Double> {
    tensors[0].unsafeBase.assumingMemoryBound(to: Double.self)
  }

  mutating func add(_ logits: UnsafePointer<Float>, _ targets: Targets, rows count: Int) {
    accumulator.accumulate(
      logits, targets, rows: count, into: sums,
      scores: accumulator.keepsScores
        ? PartBuffers.scores(tensors[1]).baseAddress.map { $0 + rows } : nil)
    rows += count
  }

  /// The value, its scores sorted.
  ///
  /// - Parameter scratch: Room for as many scores, where there are any.
  func value(sortedIn scratch: UnsafeMutableRawBufferPointer) -> Value {
    guard accumulator.keepsScores else { return Value(tensors, rows: rows) }
    let scores = tensors[1].rows(0..<rows)
    if let base = scratch.baseAddress {
      ScoredRow.sort(
        PartBuffers.scores(scores), scratch: base.assumingMemoryBound(to: ScoredRow.self))
    }
    return Value([tensors[0], scores], rows: rows)
  }

  /// A tensor of Int64 as what it holds.
  static func scores(_ tensor: Tensor) -> UnsafeMutableBufferPointer<ScoredRow> {
    UnsafeMutableBufferPointer(
      start: tensor.unsafeBase.assumingMemoryBound(to: ScoredRow.self), count: tensor.count)
  }

  /// Bytes of scratch memory to sort the scores of so many rows.
  static func sortingBytes(_ accumulator: MetricAccumulator, rows: Int) -> Int {
    accumulator.keepsScores ? rows * MemoryLayout<ScoredRow>.stride : 0
  }
}
