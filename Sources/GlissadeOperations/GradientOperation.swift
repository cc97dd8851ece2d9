import GlissadeGraph
import GlissadeKernels
import GlissadeModels
import GlissadeTensor

/// `gradient`: the sum over rows of the gradients of a loss.
enum GradientOperation {
  static let losses: [VariantSpec] = [
    VariantSpec("cross-entropy", "−log of the probability of the row's class."),
    VariantSpec("logistic", "−log of the probability of the row's label, of two."),
    VariantSpec("squared", "½ (ŷ − y)²"),
    VariantSpec("absolute", "|ŷ − y|"),
    VariantSpec(
      "huber", "Squared within delta, linear beyond.",
      [AttributeSpec("delta", .number(.positive), "Where it becomes linear.", default: 1)]),
    VariantSpec("hinge", "max(0, 1 − margin), for two classes."),
    VariantSpec(
      "kl", "The divergence from a teacher's predictions.",
      [
        AttributeSpec(
          "to", .reference(ReferenceSpec(.predictions)), "The teacher.", required: true),
        AttributeSpec("temperature", .number(.positive), "What divides logits.", default: 1),
        AttributeSpec("weight", .number(.nonNegative), "Its share.", default: 1),
        AttributeSpec("warmup", .duration(["steps", "epochs"]), "Steps in which it rises."),
      ], built: false),
  ]

  static let spec = OperationSpec(
    "gradient",
    summary: "The sum over rows of the gradients of a loss, with the loss and the row count.",
    example: "grad: { op: gradient, at: weights, data: batch, loss: cross-entropy }",
    axisRule:
      "Has the axes of 'at' and of 'data': equal names meet place by place, others in every pair. An axis 'block' of 'at' is taken whole, and the result is given per block.",
    attributes: [
      AttributeSpec(
        "at", .reference(ReferenceSpec(.parameters)), "The parameters.", required: true),
      AttributeSpec("data", .reference(ReferenceSpec(.rows)), "The rows.", required: true),
      AttributeSpec(
        "loss", .either([.variant(losses), .list(.variant(losses), 1...8)]),
        "What is minimized; by default what the model is for."),
      AttributeSpec(
        "accumulate", .integer(1...65_536), "Batches a step.", default: 1, built: false),
    ],
    ports: [
      PortSpec("value", .gradient, "The sum of the gradients."),
      PortSpec("loss", .number, "The mean loss of the rows."),
    ], dataHint: ("at", "data"), infer: infer)

  private static func infer(_ node: borrowing NodeContext) throws -> NodeShape {
    guard let at = node.input("at"), let data = node.input("data"), let rows = data.rowFacts else {
      throw node.error("'data' gives no rows", at: "data")
    }
    guard !data.axes.contains(where: { $0.name == blockAxis }) else {
      throw node.error(
        "the axis '\(blockAxis)' splits parameters, and rows cannot have it", at: "data")
    }
    let whole = WholeModel(at, index: node.inputIndex("at")!)
    let axes = try node.union(whole.axes, data.axes)
    // Where neither a label nor a model of its own sets a place apart, one pass serves all of them.
    let isUniform = whole.facts.count == 1 && axes.allSatisfy { $0.labels == nil }
    let passes = try (0..<(isUniform ? 1 : axes.placeCount)).map { place in
      let coordinates = axes.coordinates(of: place)
      let facts = whole.facts[
        whole.axes.indices.reduce(0) { $0 * whole.axes[$1].size + coordinates[$1] }]
      try DataFit.check(facts, rows, node)
      let loss = try loss(node.attributes(at: place, of: axes), facts, node)
      return RowPass(facts: facts, rows: rows, loss: loss)
    }
    let lossSpec = ValueSpec(.number, [TensorSpec("value", .float64, Shape(2))])
    let wholeSpecs =
      isUniform
      ? PlaceSpecs.uniform(passes[0].facts.gradientSpec)
      : .each(passes.map(\.facts.gradientSpec))
    let bound = data.greatestRows
    let value = Stage(
      "value",
      inputs: [.init(whole.source), .init(.input(node.inputIndex("data")!))], axes: axes,
      outputs: [wholeSpecs, .uniform(lossSpec)],
      workspace: passes.map { $0.workspace(rows: bound) }.max() ?? 0,
      cost: Cost(
        flops: Double(6 * bound * (passes.first?.facts.network.layout.count ?? 0)),
        bytes: Double(data.specs.first.byteCount)),
      kernel: { call in try passes[isUniform ? 0 : call.place].gradient(&call) })
    var stages = whole.stages + [value]
    let hasTeacher = node.attributes.variants("loss").contains { $0.kind == "kl" }
    var source = (stage: stages.count - 1, output: 0)
    let lossSource = (stage: stages.count - 1, output: 1)
    var portAxes = axes
    var specs = wholeSpecs
    if let block = at.axes.first(where: { $0.name == blockAxis }) {
      portAxes = axes + [block]
      specs = .each(
        (0..<portAxes.placeCount).map { place in
          var facts = passes[isUniform ? 0 : place / block.size].facts
          facts.range = facts.network.layout.block(place % block.size, of: block.size)
          var spec = facts.gradientSpec
          spec.aliasesInput = true
          return spec
        })
      stages.append(sliceStage(portAxes, specs, of: source))
      source = (stages.count - 1, 0)
    }
    return NodeShape(
      ports: [
        .init("value", axes: portAxes, specs, from: source),
        .init("loss", axes: axes, .uniform(lossSpec), from: lossSource),
      ], stages: stages,
      notBuilt: passes.contains { !$0.facts.network.model.isBuilt } || hasTeacher
        ? ["the gradient of this model or loss cannot be computed by this version"] : [],
      defaults: defaults(passes))
  }

  /// Gives each block its range of a whole gradient, over the same storage.
  private static func sliceStage(
    _ axes: [Axis], _ specs: PlaceSpecs, of source: (stage: Int, output: Int)
  ) -> Stage {
    Stage(
      "blocks", inputs: [.init(.stage(source.stage, output: source.output))], axes: axes,
      outputs: [specs],
      kernel: { call in
        let value = call.single(0)
        guard let facts = specs[call.place].facts as? ModelFacts else { return }
        call.outputs[0] = Value(
          [value.tensors[0].rows(facts.range), value.tensors[1]], rows: value.rows)
      })
  }

  /// What `loss` stands for where it is left out; empty where that is another one from place to place.
  static func defaults(_ passes: [RowPass]) -> [AttributeEntry] {
    guard let loss = passes.first?.loss,
      passes.allSatisfy({ $0.loss.description == loss.description })
    else { return [] }
    return [AttributeEntry("loss", AttributeValue(.text(loss.description)))]
  }

  /// The loss of a node, or the one that its model is for.
  static func loss(
    _ attributes: Attributes, _ facts: ModelFacts, _ node: borrowing NodeContext
  ) throws -> Loss {
    let losses = attributes.variants("loss").filter { $0.kind != "kl" }
    guard losses.count < 2 else {
      throw Diagnostic(
        "'\(losses[1].kind)' has no effect: a gradient has one loss besides 'kl', and has "
          + "'\(losses[0].kind)'", at: losses[1].position)
    }
    let chosen = losses.first
    do {
      guard let (kind, own, _) = chosen else {
        return facts.network.model.defaultLoss(classes: facts.classes)
      }
      let loss = try Loss(named: kind, delta: own.number("delta") ?? 1)
      try loss.check(outputs: facts.network.outputs, classes: facts.classes)
      return loss
    } catch {
      throw node.error(error.description, at: "loss")
    }
  }
}

/// Whether rows are what a model wants.
enum DataFit {
  static func check(
    _ model: ModelFacts, _ rows: RowFacts, _ node: borrowing NodeContext, needsTarget: Bool = true
  )
    throws
  {
    guard model.schema.featureCount == rows.schema.featureCount else {
      throw node.error(
        "the model takes \(model.schema.featureCount) features in a row, and the data has \(rows.schema.featureCount)",
        at: "data")
    }
    guard needsTarget else { return }
    guard rows.schema.target != .none else {
      throw node.error("the data has no label", at: "data")
    }
    guard (model.schema.target == .number) == (rows.schema.target == .number) else {
      throw node.error("the model was made for another kind of label", at: "data")
    }
    if let classes = model.classes, rows.schema.classes.count != classes {
      throw node.error(
        "the model tells \(classes) classes apart, and the data has \(rows.schema.classes.count)",
        at: "data")
    }
  }
}

/// A pass of one model over the rows of a place: what gradients, evaluations and predictions share.
struct RowPass: Sendable {
  let facts: ModelFacts
  let rows: RowFacts
  let loss: Loss

  /// Bytes for a tile of scaled features and one of logits.
  private func tileBytes(_ rows: Int) -> (features: Int, logits: Int) {
    let count = min(rows, Rows.tileRows)
    func rounded(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }
    return (
      rounded(count * facts.network.inputs * 4), rounded(count * facts.network.outputs * 4)
    )
  }

  /// Bytes in which rows are read that stay on the disk.
  private var chunkBytes: Int { rows.chunks?.byteCount ?? 0 }

  /// The workspace of a call: for chunks of rows, for a tile of features, for one of logits, and the network's.
  private func divided(_ workspace: UnsafeMutableRawBufferPointer, rows: Int) -> (
    chunks: UnsafeMutableRawBufferPointer, features: UnsafeMutablePointer<Float>,
    logits: UnsafeMutablePointer<Float>, rest: UnsafeMutableRawBufferPointer
  ) {
    let tile = tileBytes(rows)
    let base = workspace.baseAddress! + chunkBytes
    return (
      UnsafeMutableRawBufferPointer(rebasing: workspace[..<chunkBytes]),
      base.assumingMemoryBound(to: Float.self),
      (base + tile.features).assumingMemoryBound(to: Float.self),
      UnsafeMutableRawBufferPointer(
        rebasing: workspace[(chunkBytes + tile.features + tile.logits)...])
    )
  }

  /// The bytes of workspace that a pass over at most `rows` rows needs.
  func workspace(rows: Int) -> Int {
    guard facts.network.model.isBuilt else { return 0 }
    let tile = tileBytes(rows)
    let count = min(rows, Rows.tileRows)
    return chunkBytes + tile.features + tile.logits
      + max(
        facts.network.workspaceBytes(rows: count, for: .gradient),
        facts.network.workspaceBytes(rows: count, for: .forward))
  }

  private func isTaken(_ value: Rows) -> Rows {
    guard let scaling = facts.scaling, rows.scaledBy == nil else { return value }
    var scaled = value
    scaled.multiplier = Tensor(scaling.multiplier)
    scaled.offset = Tensor(scaling.offset)
    return scaled
  }

  /// The sum of gradients of the rows, with the loss.
  func gradient(_ call: inout KernelCall) throws {
    let parameters = call.single(0).tensors[0].floats
    let data = isTaken(Rows(call.single(1)))
    let sum = call.outputs[0].tensors[0].floats
    sum.update(repeating: 0, count: facts.range.count)
    let memory = divided(call.workspace, rows: data.count)
    var total = 0.0
    try data.forEachPart(in: memory.chunks) { part, _ in
      for range in tiles(of: part.count) {
        total += facts.network.gradient(
          parameters: parameters, x: part.tile(range, in: memory.features),
          targets: part.targets(from: range.lowerBound), rows: range.count, loss: loss, into: sum,
          workspace: memory.rest)
      }
    }
    guard total.isFinite else {
      throw KernelError(
        "the loss is \(total) over \(data.count) rows: a smaller rate or scaled data may help")
    }
    guard totalSquares(sum, count: facts.range.count).isFinite else {
      throw KernelError("the gradient is not finite: a smaller rate or scaled data may help")
    }
    Gradient.store(total, weight: Double(data.count), in: call.outputs[0].tensors[1])
    call.outputs[0].rows = data.count
    let mean = call.outputs[1].tensors[0].unsafeBase.assumingMemoryBound(to: Double.self)
    mean[0] = total / Double(data.count)
    mean[1] = Double(call.step + 1)
    call.outputs[1].rows = data.count
  }

  /// Runs the model forward and hands on each tile's logits and targets, with the numbers of its rows.
  ///
  /// - Throws: `KernelError` where rows that stay on the disk cannot be read.
  func forward(
    _ call: borrowing KernelCall,
    _ body: (_ logits: UnsafeMutablePointer<Float>, _ targets: Targets, _ rows: Range<Int>) -> Void
  ) throws {
    let parameters = call.single(0).tensors[0].floats
    let data = isTaken(Rows(call.single(1)))
    let memory = divided(call.workspace, rows: data.count)
    try data.forEachPart(in: memory.chunks) { part, first in
      for range in tiles(of: part.count) {
        facts.network.forward(
          parameters: parameters, x: part.tile(range, in: memory.features), rows: range.count,
          logits: memory.logits, workspace: memory.rest)
        body(
          memory.logits, part.targets(from: range.lowerBound),
          first + range.lowerBound..<first + range.upperBound)
      }
    }
  }
}

extension Rows {
  /// The targets from a row on.
  func targets(from row: Int) -> Targets {
    if targets.type == .int32 {
      return .codes(UnsafePointer(targets.unsafeBase.assumingMemoryBound(to: Int32.self) + row))
    }
    return .numbers(UnsafePointer(targets.floats + row))
  }
}
