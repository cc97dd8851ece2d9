import GlissadeGraph
import GlissadeKernels
import GlissadeModels
import GlissadeTensor

/// `update`: the next version of parameters from a gradient.
enum UpdateOperation {
  static let spec = OperationSpec(
    "update",
    summary:
      "The next version of parameters: an optimizer's step, with clipping, penalty and schedule.",
    example:
      "step: { op: update, of: weights, with: mean, optimizer: { kind: adam, rate: 0.001 } }",
    axisRule:
      "Has the axes of 'of' and of 'with', without those of 'over'; its state has the same.",
    attributes: [
      AttributeSpec(
        "of", .reference(ReferenceSpec(.parameters)), "The parameters.", required: true),
      AttributeSpec("with", .reference(ReferenceSpec(.gradient)), "The gradient.", required: true),
      AttributeSpec(
        "optimizer", .variant(optimizers), "The rule and its numbers, as in torch.optim.",
        required: true),
      AttributeSpec(
        "schedule", .variant(ScheduleAttributes.variants), "How the rate changes with the steps.",
        default: "constant"),
      AttributeSpec(
        "clip",
        .record([
          AttributeSpec("norm", .number(.positive), "The greatest norm of the gradient."),
          AttributeSpec("value", .number(.positive), "The greatest magnitude of an element."),
          AttributeSpec(
            "of", .reference(ReferenceSpec(.number)), "The norm, where parameters are in blocks."),
        ]), "Bounds on the gradient."),
      AttributeSpec(
        "over", .either([.text, .list(.text, 1...8)]), "Folds contributions one by one.",
        built: false),
      AttributeSpec(
        "staleness", .integer(0...1_000_000), "How many steps apart contributions may be.",
        built: false),
      AttributeSpec(
        "reads", .choice(["fixed", "newest"]), "Which version a contribution reads.", built: false),
      AttributeSpec(
        "damping", .choice(["none", "by-age"]), "How late contributions count less.", built: false),
    ],
    ports: [
      PortSpec("value", .parameters, "The next version."),
      PortSpec("state", .state, "The optimizer's state."),
    ], infer: infer)

  private static let optimizers: [VariantSpec] = Optimizer.words.map { word in
    var attributes = [
      AttributeSpec("rate", .number(.positive), "The learning rate.", required: true)
    ]
    for number in Optimizer.numbers(of: word) {
      attributes.append(
        AttributeSpec(
          number.name, .number(range(number.domain)), summary(of: number.name, word),
          default: AttributeValue(.number(number.standard))))
    }
    if word == "adamw" {
      attributes.append(
        AttributeSpec(
          "decay-except", .list(.text, 0...64), "Patterns of tensors that do not decay."))
    }
    return VariantSpec(word, rules[word] ?? "A registered rule.", attributes)
  }

  private static let rules = [
    "sgd": "Against the gradient.",
    "momentum": "Against a decaying sum of gradients.",
    "nesterov": "Against the gradient and a decaying sum that looks ahead.",
    "adagrad": "Divided by the root of the sum of squares, for each parameter.",
    "rmsprop": "Divided by the root of a moving mean of squares.",
    "adam": "Moving means of gradients and of squares, both corrected for their start.",
    "adamw": "Adam with a decay of the parameters that stands apart from the gradient.",
  ]

  private static func summary(of number: String, _ word: String) -> String {
    switch number {
    case "momentum": "What is kept of the sum of earlier gradients."
    case "dampening": "What is left out of the new gradient in that sum."
    case "beta1": "What is kept of the mean of gradients."
    case "beta2": "What is kept of the mean of squares."
    case "epsilon": "What is added to the divisor."
    case "decay" where word == "adamw": "How much parameters shrink in a step, times the rate."
    case "decay": "What is kept of the mean of squares."
    default: "A number of the rule."
    }
  }

  private static func range(_ domain: Hyperparameter.Domain) -> NumberRange {
    switch domain {
    case .fraction: NumberRange(0, 1.0.nextDown)
    case .positive: .positive
    case .nonnegative: .nonNegative
    }
  }

  private static func infer(_ node: borrowing NodeContext) throws -> NodeShape {
    guard let of = node.input("of"), let with = node.input("with") else {
      throw node.error("operation 'update' needs 'of' and 'with'")
    }
    if with.axes.contains(where: { $0.name == blockAxis }),
      !of.axes.contains(where: { $0.name == blockAxis })
    {
      throw node.error(
        "'with' has the axis '\(blockAxis)', which splits parameters, and 'of' has it not",
        at: "with")
    }
    let folded = node.attributes.texts("over")
    let axes = try node.union(of.axes, with.axes).filter { !folded.contains($0.name) }
    let rules = try (0..<axes.placeCount).map { place in
      try UpdateRule(node, of: of, with: with, place: place, axes: axes)
    }
    try checkDecay(rules.map(\.optimizer), rules.map(\.facts.network.layout))
    let needsNorm = rules.contains { $0.clip?.norm != nil }
    let clipNorm = node.inputIndex("clip.of")
    if let clip = node.attributes.record("clip") {
      guard clip.isGiven("norm") || clip.isGiven("value") else {
        throw node.error("'clip' has no effect without 'norm' or 'value'", at: "clip")
      }
      if clipNorm != nil, !clip.isGiven("norm") {
        throw Diagnostic("'of' has no effect without 'norm'", at: clip.position("of"))
      }
    }
    if needsNorm, clipNorm == nil, axes.contains(where: { $0.name == blockAxis }) {
      throw node.error(
        "the norm of the whole gradient is a reduce over '\(blockAxis)' by norm: name it with 'of' in 'clip'",
        at: "clip")
    }
    let specs = PlaceSpecs.each(rules.map(\.facts.spec))
    let states = PlaceSpecs.each(rules.map(\.stateSpec))
    var inputs: [Stage.Input] = [
      .init(.input(node.inputIndex("of")!)),
      .init(.input(node.inputIndex("with")!), taking: folded),
      .init(.previous(stage: 1, output: 1)),
    ]
    if let clipNorm { inputs.append(.init(.input(clipNorm))) }
    if let metric = node.inputIndex("schedule.metric") { inputs.append(.init(.input(metric))) }
    let hasClip = clipNorm != nil
    return NodeShape(
      ports: [
        .init("value", axes: axes, specs, from: (1, 0)),
        .init("state", axes: axes, states, from: (1, 1)),
      ],
      stages: [
        Stage(
          "zero", inputs: [], axes: axes, outputs: [states], initialOf: (1, 1),
          kernel: { call in
            for tensor in call.outputs[0].tensors {
              tensor.unsafeBase.initializeMemory(
                as: UInt8.self, repeating: 0, count: tensor.byteCount)
            }
          }),
        Stage(
          "value", inputs: inputs, axes: axes, outputs: [specs, states],
          cost: Cost(bytes: Double((rules.first?.facts.range.count ?? 0) * 20)),
          inPlace: (output: 1, input: 2),
          kernel: { call in try rules[call.place].apply(&call, hasClipNorm: hasClip) }),
      ])
  }
}

extension UpdateOperation {
  /// Refuses patterns of tensors that do not decay where none does, and those that fit no tensor at any place.
  private static func checkDecay(_ optimizers: [Attributes], _ layouts: [TensorLayout]) throws {
    var unmatched: [AttributeValue] = []
    var matched: Set<String> = []
    for (own, layout) in zip(optimizers, layouts) where own.isGiven("decay-except") {
      if own.number("decay") == 0 {
        throw Diagnostic(
          "'decay-except' has no effect with a decay of 0", at: own.position("decay-except"))
      }
      for item in own["decay-except"]?.list ?? [] {
        guard let text = item.text, !matched.contains(text) else { continue }
        let pattern = NamePattern(text)
        if layout.entries.contains(where: { pattern.matches($0.name) }) {
          matched.insert(text)
        } else {
          unmatched.append(item)
        }
      }
    }
    guard let item = unmatched.first(where: { !matched.contains($0.text ?? "") }) else { return }
    throw Diagnostic(
      "'\(escaped(item.text ?? ""))' of 'decay-except' fits no tensor: there are "
        + listed(layouts.first?.entries.map(\.name) ?? []), at: item.position)
  }
}

/// The step of one place: an optimizer fitted to its range of the parameters.
private struct UpdateRule: Sendable {
  let facts: ModelFacts
  let clip: GradientClip?
  private let plan: UpdatePlan
  /// The attributes of the optimizer at the place.
  let optimizer: Attributes
  private let rate: Double
  private let schedule: ScheduleAttributes

  init(_ node: borrowing NodeContext, of: NodeInput, with: NodeInput, place: Int, axes: [Axis])
    throws
  {
    let coordinates = axes.coordinates(of: place)
    let source = of.axes.reduce(0) { sum, axis in
      sum * axis.size + (axes.firstIndex(of: axis).map { coordinates[$0] } ?? 0)
    }
    guard let facts = of.modelFacts(at: source) else {
      throw node.error("'of' gives no parameters", at: "of")
    }
    let gradientPlace = with.axes.reduce(0) { sum, axis in
      sum * axis.size + (axes.firstIndex(of: axis).map { coordinates[$0] } ?? 0)
    }
    guard with.specs[gradientPlace].tensors[0].shape == Shape(facts.range.count) else {
      throw node.error(
        "the parameters have the shape \(facts.spec.shapePhrase), and the gradient has \(with.specs[gradientPlace].shapePhrase)",
        at: "with")
    }
    self.facts = facts
    let attributes = node.attributes(at: place, of: axes)
    guard let (kind, own) = attributes.variant("optimizer") else {
      throw node.error("operation 'update' needs 'optimizer'")
    }
    optimizer = own
    rate = own.number("rate") ?? 0
    do {
      var numbers: [String: Double] = [:]
      for number in Optimizer.numbers(of: kind) {
        if let value = own.number(number.name) { numbers[number.name] = value }
      }
      let optimizer = try Optimizer(
        named: kind, numbers, decayExcept: own.texts("decay-except"))
      clip = try attributes.record("clip").map {
        try GradientClip(norm: $0.number("norm"), value: $0.number("value"))
      }
      plan = UpdatePlan(
        optimizer, penalty: facts.penalty, clip: clip, layout: facts.network.layout,
        range: facts.range)
    } catch let error as ModelError {
      throw node.error(error.description, at: "optimizer")
    }
    schedule = try ScheduleAttributes(attributes, node)
  }

  /// The optimizer's buffers, then the number of updates and what a plateau remembers.
  var stateSpec: ValueSpec {
    let buffers = plan.optimizer.stateBuffers.map {
      TensorSpec($0, .float32, Shape(facts.range.count))
    }
    let count = TensorSpec(
      "count", .float64, Shape(1 + (schedule.plateau == nil ? 0 : Plateau.memoryCount)))
    return ValueSpec(.state, buffers + [count], facts: facts)
  }

  func apply(_ call: inout KernelCall, hasClipNorm: Bool) throws {
    let old = call.single(0).tensors[0]
    let gradient = Gradient(call.single(1))
    let state = call.single(2).tensors
    let new = call.outputs[1].tensors
    let memory = state[state.count - 1].doubles()
    var remembered = memory
    remembered[0] += 1
    var rate = try schedule.rate(
      base: rate, step: call.step, steps: call.steps, epochSteps: call.epochSteps)
    if var plateau = schedule.plateau {
      plateau.restore(Array(memory.dropFirst()))
      let metric = call.inputs[call.inputs.count - 1]
      if let tensor = metric.tensors.first {
        let numbers = tensor.doubles()
        // What says nothing about when it was taken is taken anew in each step: a training loss, say.
        let isDated = numbers.count > 1
        plateau.observe(numbers[0], takenAt: isDated ? Int(numbers[1]) : call.step + 1)
      }
      rate = plateau.rate(rate)
      remembered.replaceSubrange(1..., with: plateau.memory)
    }
    var scale = gradient.weight > 0 ? 1 / gradient.weight : 0
    if let clip, clip.norm != nil {
      let norm: Double
      if hasClipNorm {
        norm = call.single(3).tensors[0].doubles()[0]
      } else {
        norm = totalSquares(gradient.sum.floats, count: gradient.sum.count).squareRoot() * scale
      }
      scale *= clip.factor(forNorm: norm)
    }
    let buffers = plan.optimizer.stateBuffers.count
    plan.apply(
      UpdatePlan.Step(rate: rate, count: Int(remembered[0]), gradientScale: scale),
      parameters: old.floats, gradient: gradient.sum.floats,
      state: state.prefix(buffers).map { UnsafePointer($0.floats) },
      newParameters: call.outputs[0].tensors[0].floats,
      newState: new.prefix(buffers).map(\.floats))
    let target = new[new.count - 1].unsafeBase.assumingMemoryBound(to: Double.self)
    for (index, number) in remembered.enumerated() { target[index] = number }
  }
}
