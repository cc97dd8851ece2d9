import GlissadeGraph
import GlissadeModels
import GlissadeTensor

/// Operations whose axes and shapes this version knows, so that graphs with them can be checked, planned and drawn; their
/// arithmetic is not built, and `run` says so by name.
enum PlannedOperations {
  static let all = [mix, sample, repetition, margin, residual]

  static let mix = OperationSpec(
    "mix", summary: "Combines along an axis and keeps it: averaging, gossip, teachers.",
    example: "teacher: { op: mix, of: said, over: model, by: others }",
    axisRule: "Keeps the axes of 'of', and combines along 'over'.",
    attributes: [
      AttributeSpec(
        "of", .reference(ReferenceSpec(.parameters, .predictions, .gradient)), "The family.",
        required: true),
      AttributeSpec("over", .text, "The axis.", required: true),
      AttributeSpec(
        "by",
        .variant([
          VariantSpec("mean", "Every place gets the mean of all."),
          VariantSpec("ring", "Every place mixes with its neighbours."),
          VariantSpec("exponential", "Every place mixes with those 1, 2, 4, … further."),
          VariantSpec("random-pairs", "Pairs that the seed draws mix."),
          VariantSpec(
            "matrix", "Every place gets a row of a matrix.",
            [
              AttributeSpec(
                "rows", .list(.list(.number(.any), 1...65_536), 1...65_536), "The matrix.",
                required: true)
            ]),
          VariantSpec("others", "Every place gets the mean of the rest."),
        ]), "How.", default: "mean"),
    ],
    ports: [PortSpec("value", .parameters, "The family, mixed.")], isBuilt: false,
    infer: { node in
      guard let of = node.input("of"), let over = node.attributes.text("over") else {
        throw node.error("operation 'mix' needs 'of' and 'over'")
      }
      guard of.axes.contains(where: { $0.name == over }) else {
        throw node.error(
          "'\(of.nodeName)' has no axis '\(escaped(over))'; its axes are \(of.axes.phrase)",
          at: "over",
          hint: suggestion(for: over, among: of.axes.map(\.name)))
      }
      return family(of.axes, of.specs, [.init(.input(node.inputIndex("of")!), taking: [over])])
    })

  static let sample = OperationSpec(
    "sample",
    summary:
      "Draws places of an axis: an axis of a fixed size whose members depend on seed and clock.",
    example: "chosen: { op: sample, of: clients, over: client, fraction: 0.1 }",
    axisRule: "Keeps the axes of 'of', but 'over' becomes a smaller axis of the node's own name.",
    attributes: [
      AttributeSpec("of", .reference(ReferenceSpec(.rows)), "The family.", required: true),
      AttributeSpec("over", .text, "The axis.", required: true),
      AttributeSpec(
        "fraction", .number(NumberRange(0, 1, openBelow: true)), "The share of the places."),
      AttributeSpec("size", .integer(1...1_000_000), "The number of places."),
    ],
    ports: [
      PortSpec("value", .rows, "The places that were drawn."),
      PortSpec("rows", .number, "Their row counts."),
    ], isClocked: true, isBuilt: false,
    infer: { node in
      guard let of = node.input("of"), let over = node.attributes.text("over"),
        var facts = of.rowFacts
      else { throw node.error("operation 'sample' needs 'of' and 'over'") }
      guard let axis = of.axes.first(where: { $0.name == over }) else {
        throw node.error(
          "'\(of.nodeName)' has no axis '\(escaped(over))'; its axes are \(of.axes.phrase)",
          at: "over")
      }
      guard node.attributes.isGiven("size") != node.attributes.isGiven("fraction") else {
        throw node.error("operation 'sample' needs either 'size' or 'fraction'")
      }
      let share = node.attributes.number("fraction").map {
        max(1, Int((Double(axis.size) * $0).rounded()))
      }
      let size = node.attributes.integer("size") ?? share ?? 1
      guard size <= axis.size else {
        throw node.error("\(size) of \(axis.size) places cannot be drawn", at: "size")
      }
      let axes = of.axes.map { $0.name == over ? Axis(node.name, size: size) : $0 }
      let most = (0..<of.axes.placeCount).map { of.specs[$0].rows }.max() ?? 0
      facts.starts = (0...axes.placeCount).map { $0 * most }
      facts.axes = axes
      var spec = of.spec
      spec.rows = most
      spec.facts = facts
      spec.aliasesInput = true
      let specs = PlaceSpecs.uniform(spec)
      let stage = Stage(
        "value", inputs: [.init(.input(node.inputIndex("of")!), taking: [over])], axes: axes,
        outputs: [specs, .uniform(number)], kernel: nil)
      return NodeShape(
        ports: [
          .init("value", axes: axes, specs, from: (0, 0)),
          .init("rows", axes: axes, .uniform(number), from: (0, 1)),
        ], stages: [stage])
    })

  static let repetition = OperationSpec(
    "repeat", summary: "Runs its own nodes again and again, on a clock of their own.",
    example: "local: { op: repeat, until: { epochs: 5 }, nodes: { … }, yields: { weights: mine } }",
    axisRule: "Each port has the axes of what it yields.",
    attributes: [
      AttributeSpec(
        "until", .duration(["steps", "epochs"]), "How long, in steps or epochs of the body."),
      AttributeSpec("when", .text, "Goes on as long as a value of the body says.", built: false),
      AttributeSpec(
        "keep", .boolean, "Whether its state goes on from the last time.", default: false),
      AttributeSpec(
        "yields", .dictionary(.text), "Its ports: values of the body at its end.", required: true),
    ],
    ports: [PortSpec("value", .parameters, "The first of what it yields.")], hasBody: true,
    isBuilt: false,
    infer: { node in
      guard let body = node.body else { throw node.error("operation 'repeat' needs 'nodes'") }
      var ports: [NodeShape.Port] = []
      var stages: [Stage] = []
      for entry in node.attributes["yields"]?.map ?? [] {
        guard let reference = entry.value.text, let found = body.port(reference),
          let port = body.nodes[found.node].port(found.port)
        else {
          throw Diagnostic(
            "'yields' refers to '\(escaped(entry.value.text ?? ""))', and no node of the body has that name",
            at: entry.value.position,
            hint: suggestion(for: entry.value.text ?? "", among: body.nodes.map(\.name)))
        }
        // The axes of what the body reads from outside stay; the trips of a place depend on nothing else.
        let inputs = node.inputs.enumerated().map { index, input in
          Stage.Input(
            .input(index),
            taking: input.axes.filter { axis in !port.axes.contains { $0.name == axis.name } }.map(
              \.name))
        }
        stages.append(
          Stage(entry.key, inputs: inputs, axes: port.axes, outputs: [port.specs], kernel: nil))
        ports.append(.init(entry.key, axes: port.axes, port.specs, from: (stages.count - 1, 0)))
      }
      guard !ports.isEmpty else { throw node.error("'yields' is empty", at: "yields") }
      return NodeShape(ports: ports, stages: stages)
    })

  static let margin = OperationSpec(
    "margin", summary: "Partial sums x · w of linear models whose features are split.",
    example: "partial: { op: margin, at: weights, data: batch }",
    axisRule: "Has the axes of 'data' and of 'at'.",
    attributes: [
      AttributeSpec(
        "at", .reference(ReferenceSpec(.parameters)), "The parameters.", required: true),
      AttributeSpec("data", .reference(ReferenceSpec(.rows)), "The rows.", required: true),
    ],
    ports: [PortSpec("value", .predictions, "A partial margin a row.")], dataHint: ("at", "data"),
    isBuilt: false,
    infer: { node in
      guard let at = node.input("at"), let data = node.input("data"), let model = at.modelFacts
      else {
        throw node.error("operation 'margin' needs 'at' and 'data'")
      }
      let spec = ValueSpec(
        .predictions,
        [TensorSpec("margin", .float32, Shape(data.specs.first.rows, model.network.outputs))],
        rows: data.specs.first.rows)
      return family(
        try node.union(data.axes, at.axes), .uniform(spec),
        [.init(.input(node.inputIndex("at")!)), .init(.input(node.inputIndex("data")!))])
    })

  static let residual = OperationSpec(
    "residual", summary: "The derivative of a loss by margins that are complete.",
    example: "wrong: { op: residual, of: margins, data: batch, loss: logistic }",
    axisRule: "Has the axes of 'of' and of 'data'.",
    attributes: [
      AttributeSpec("of", .reference(ReferenceSpec(.predictions)), "The margins.", required: true),
      AttributeSpec("data", .reference(ReferenceSpec(.rows)), "The rows.", required: true),
      AttributeSpec("loss", .variant(GradientOperation.losses), "The loss."),
    ],
    ports: [PortSpec("value", .predictions, "A derivative a row.")], isBuilt: false,
    infer: { node in
      guard let of = node.input("of"), let data = node.input("data") else {
        throw node.error("operation 'residual' needs 'of' and 'data'")
      }
      return family(
        try node.union(of.axes, data.axes), of.specs,
        [.init(.input(node.inputIndex("of")!)), .init(.input(node.inputIndex("data")!))])
    })

  private static let number = ValueSpec(.number, [TensorSpec("value", .float64, Shape(1))])

  private static func family(_ axes: [Axis], _ specs: PlaceSpecs, _ inputs: [Stage.Input])
    -> NodeShape
  {
    NodeShape(
      ports: [.init("value", axes: axes, specs, from: (0, 0))],
      stages: [Stage("value", inputs: inputs, axes: axes, outputs: [specs], kernel: nil)])
  }
}
