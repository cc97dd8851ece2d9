import GlissadeData
import GlissadeGraph
import GlissadeKernels
import GlissadeModels
import GlissadeSystem
import GlissadeTensor

/// `parameters`: a model's state.
enum ParametersOperation {
  static func spec(_ catalog: DataCatalog) -> OperationSpec {
    OperationSpec(
      "parameters",
      summary:
        "The parameters of a model: begins by seed, from a file or from a value, and moves on with 'next'.",
      example:
        "weights: { op: parameters, model: { kind: mlp, hidden: [256] }, penalty: { kind: l2, weight: 0.001 } }",
      axisRule:
        "Has the axes of 'axes', those of 'initial', and those that its next version brings; an axis 'block' divides each model.",
      attributes: [
        AttributeSpec(
          "model", .variant(models), "Which model; a file that 'initial' names brings its own."),
        AttributeSpec(
          "initial", .referenceOrFile(ReferenceSpec(.parameters)),
          "A model file, or parameters that these begin as; random by the seed where it is left out."
        ),
        AttributeSpec(
          "next", .reference(ReferenceSpec(.parameters, role: .next)),
          "What gives the next version; by default the only update of the node."),
        AttributeSpec(
          "penalty", .variant(penalties),
          "What large parameters cost: counted once in the objective, applied by the update."),
        AttributeSpec(
          "inputs", .integer(1...Int(Int32.max)), "Features of a row, where no data tells."),
        AttributeSpec("classes", .integer(2...1_000_000), "Classes, where no data tells."),
        CommonAttributes.axes,
      ],
      ports: [PortSpec("value", .parameters, "The parameters.")],
      isState: true, findUnread: findUnread, infer: { node in try infer(node, catalog) })
  }

  /// A penalty acts in an update, and in an evaluation of the objective; both may read the parameters through others.
  private static func findUnread(_ index: Int, _ uses: GraphUses) -> [Diagnostic] {
    guard let penalty = uses.nodes[index].description["penalty"] else { return [] }
    var seen: Set<Int> = [index]
    var rest = [index]
    while let node = rest.popLast() {
      for reader in uses.readers(of: node) where seen.insert(reader.node).inserted {
        let other = uses.nodes[reader.node]
        switch other.operation.name {
        case "gradient", "predict": continue
        case "evaluate":
          if other.port(Metric.objective.description) != nil { return [] }
        case "parameters", "reduce": rest.append(reader.node)
        default: return []
        }
      }
    }
    return [
      Diagnostic(
        "'penalty' has no effect: nothing updates '\(uses.nodes[index].name)' or measures its objective",
        at: penalty.position)
    ]
  }

  private static let models: [VariantSpec] = [
    VariantSpec("linear", "Numbers from a weighted sum; least squares."),
    VariantSpec("logistic", "Two classes from a weighted sum."),
    VariantSpec("softmax", "Classes from a weighted sum each."),
    VariantSpec(
      "mlp", "A multilayer perceptron.",
      [
        AttributeSpec(
          "hidden", .list(.integer(1...65_536), 1...64), "The widths of the hidden layers.",
          required: true),
        AttributeSpec(
          "activation", .choice(Activation.allCases.map(\.rawValue).filter { $0 != "identity" }),
          "What each hidden layer applies.", default: "relu"),
      ]),
    VariantSpec("lenet", "LeNet-5, for images.", built: false),
    VariantSpec(
      "resnet", "A residual network, for images.",
      [AttributeSpec("depth", .integer(8...1202), "6 n + 2 layers.", required: true)], built: false),
    VariantSpec(
      "gpt", "A decoder-only transformer, for tokens.",
      [
        AttributeSpec("layers", .integer(1...1024), "Blocks.", required: true),
        AttributeSpec("heads", .integer(1...1024), "Heads of attention.", required: true),
        AttributeSpec("width", .integer(1...65_536), "Numbers of a token.", required: true),
        AttributeSpec(
          "dropout", .number(NumberRange(0, 0.999)), "What is dropped in training.", default: 0),
      ], built: false),
  ]

  private static let penaltyAttributes = [
    AttributeSpec("weight", .number(.nonNegative), "The factor.", required: true),
    AttributeSpec("biases", .boolean, "Whether biases count too.", default: false),
  ]

  private static let penalties: [VariantSpec] = [
    VariantSpec("l2", "weight / 2 · ‖w‖²", penaltyAttributes),
    VariantSpec("l1", "weight · ‖w‖₁", penaltyAttributes),
    VariantSpec(
      "elastic-net", "weight · (ratio · ‖w‖₁ + (1 − ratio) / 2 · ‖w‖²)",
      penaltyAttributes + [
        AttributeSpec("ratio", .number(.unit), "The share of ‖w‖₁.", default: 0.5)
      ]),
  ]

  private static func infer(_ node: borrowing NodeContext, _ catalog: DataCatalog) throws
    -> NodeShape
  {
    let initial = node.attributes.text("initial")
    let file = initial.flatMap { AttributeType.isFile($0) ? $0 : nil }
    var axes = node.ownAxes
    let source = node.input("initial")
    if let source { axes = try node.union(axes, source.axes) }
    axes = try node.union(axes, node.impliedAxes)
    let members = axes.filter { $0.name != blockAxis }
    let loaded = try file.map { try ModelFile($0, node, catalog) }
    var facts: [ModelFacts] = []
    for place in 0..<members.placeCount {
      facts.append(
        try modelFacts(
          node, at: place, of: members, loaded: loaded?.card, source: source?.modelFacts))
    }
    let blocks = axes.first { $0.name == blockAxis }?.size ?? 1
    let each = (0..<axes.placeCount).map { place -> ModelFacts in
      let coordinates = axes.coordinates(of: place)
      var result = facts[member(of: coordinates, axes, members)]
      if let index = axes.firstIndex(where: { $0.name == blockAxis }) {
        result.range = result.network.layout.block(coordinates[index], of: blocks)
      }
      return result
    }
    let specs = PlaceSpecs.each(each.map(\.spec))
    let stage: Stage
    if source != nil {
      stage = Stage(
        "initial", inputs: [.init(.input(node.inputIndex("initial")!))], axes: axes,
        outputs: [specs],
        kernel: { call in
          // A copy: two values over the same bytes could not be put away one by one.
          let from = call.single(0).tensors[0]
          let range = each[call.place].range
          // A block takes its range of a whole; a block of another node's is one already.
          let part = from.count == range.count ? from : from.rows(range)
          call.outputs[0].tensors[0].unsafeBase.copyMemory(
            from: part.unsafeBase, byteCount: part.byteCount)
        })
    } else {
      stage = Stage(
        "initial", inputs: [], axes: axes, outputs: [specs],
        workspace: (facts.map(\.network.layout.count).max() ?? 0) * 4,
        kernel: initialKernel(each, axes, members, key: node.key, loaded: loaded))
    }
    return NodeShape(
      ports: [.init("value", axes: axes, specs, from: (0, 0))], stages: [stage])
  }

  private static func member(of coordinates: [Int], _ axes: [Axis], _ members: [Axis]) -> Int {
    zip(axes, coordinates).reduce(0) { sum, pair in
      pair.0.name == blockAxis ? sum : sum * pair.0.size + pair.1
    }
  }

  private static func initialKernel(
    _ facts: [ModelFacts], _ axes: [Axis], _ members: [Axis], key: RandomKey, loaded: ModelFile?
  ) -> Kernel {
    { call in
      let own = facts[call.place]
      let layout = own.network.layout
      let buffer = UnsafeMutableBufferPointer(
        start: call.workspace.baseAddress!.assumingMemoryBound(to: Float.self), count: layout.count)
      if let loaded {
        try loaded.fill(buffer, layout)
      } else {
        // By the member alone, so that the number of blocks does not change the numbers.
        let place = member(of: axes.coordinates(of: call.place), axes, members)
        own.network.initialize(buffer, key: members.isEmpty ? key : key.deriving(place))
      }
      call.outputs[0].tensors[0].floats.update(
        from: buffer.baseAddress! + own.range.lowerBound, count: own.range.count)
    }
  }

  private static func modelFacts(
    _ node: borrowing NodeContext, at place: Int, of axes: [Axis], loaded: ModelCard?,
    source: ModelFacts?
  ) throws -> ModelFacts {
    let attributes = node.attributes(at: place, of: axes)
    let penalty = try penalty(attributes, node)
    let hints = node.hintedData.compactMap(\.rowFacts)
    if loaded != nil || source != nil || !hints.isEmpty {
      for name in ["inputs", "classes"] where attributes.isGiven(name) {
        let teller = hints.isEmpty ? "'initial'" : "the data"
        throw node.error("'\(name)' has no effect: \(teller) tells", at: name)
      }
    }
    if var facts = source?.whole {
      if attributes.isGiven("model") {
        throw node.error("'model' has no effect: 'initial' brings its own", at: "model")
      }
      facts.penalty = penalty ?? facts.penalty
      return facts
    }
    var schema =
      loaded?.schema ?? hints.first { $0.schema.target != .none }?.schema ?? hints.first?.schema
    if schema == nil, let inputs = attributes.integer("inputs") {
      let classes = attributes.integer("classes")
      schema = DataSchema(
        inputShape: [inputs], columns: [], target: classes == nil ? .number : .classes, label: nil,
        classes: (0..<(classes ?? 0)).map(String.init))
    }
    guard let schema else {
      throw node.error(
        "no data is combined with '\(node.name)', so its shape is not known: give 'inputs' and 'classes'"
      )
    }
    guard let description = try loaded?.model ?? description(attributes, node) else {
      throw node.error("operation 'parameters' needs 'model', or a model file as 'initial'")
    }
    if loaded != nil, attributes.isGiven("model"),
      let given = try self.description(attributes, node),
      given != loaded?.model
    {
      throw node.error(
        "'initial' holds a model of kind '\(loaded?.model.kind ?? "")', not this one", at: "model")
    }
    do {
      let classes =
        schema.target == .classes || schema.target == .tokens ? schema.classes.count : nil
      let outputs = try description.outputs(classes: classes)
      let network = try Network(description, inputShape: schema.inputShape, outputs: outputs)
      return ModelFacts(
        network: network, schema: schema, range: 0..<network.layout.count, penalty: penalty,
        scaledBy: hints.lazy.compactMap(\.scaledBy).first, scaling: loaded?.scaling)
    } catch {
      throw node.error(error.description, at: "model")
    }
  }

  static func description(_ attributes: Attributes, _ node: borrowing NodeContext) throws
    -> ModelDescription?
  {
    guard let (kind, own) = attributes.variant("model") else { return nil }
    switch kind {
    case "linear": return .linear
    case "logistic": return .logistic
    case "softmax": return .softmax
    case "lenet": return .lenet
    case "resnet": return .resnet(depth: own.integer("depth") ?? 8)
    case "gpt":
      return .gpt(
        layers: own.integer("layers") ?? 1, heads: own.integer("heads") ?? 1,
        width: own.integer("width") ?? 1, dropout: own.number("dropout") ?? 0)
    default:
      let hidden = (own["hidden"]?.list ?? []).compactMap(\.integer)
      return .mlp(
        hidden: hidden, activation: Activation(rawValue: own.text("activation") ?? "relu") ?? .relu)
    }
  }

  private static func penalty(_ attributes: Attributes, _ node: borrowing NodeContext) throws
    -> Penalty?
  {
    guard let (kind, own) = attributes.variant("penalty") else { return nil }
    do {
      return try Penalty(
        named: kind, weight: own.number("weight") ?? 0, ratio: own.number("ratio") ?? 0.5,
        includesBiases: own.flag("biases"))
    } catch { throw node.error(error.description, at: "penalty") }
  }
}

/// A model file that parameters begin from.
struct ModelFile: Sendable {
  let path: String
  let card: ModelCard
  private let tensors: [(name: String, tensor: Tensor)]

  init(_ file: String, _ node: borrowing NodeContext, _ catalog: DataCatalog) throws {
    path = SourcePattern.resolve(file, base: node.baseDirectory)
    do {
      let content = try SafeTensors.read(path, files: catalog.world.files)
      tensors = content.tensors.map { ($0.name, $0.tensor) }
      card = try ModelCard(metadata: content.metadata, tensors: tensors)
    } catch let error as DataError {
      throw node.error(
        error.description, at: "initial", category: error.isMissing ? .missingInput : .content,
        file: path)
    } catch let error as KernelError {
      throw node.error("\(path): \(error.description)", at: "initial", file: path)
    }
  }

  /// Puts the tensors where a layout wants them.
  func fill(_ buffer: UnsafeMutableBufferPointer<Float>, _ layout: TensorLayout) throws(KernelError)
  {
    buffer.update(repeating: 0)
    for entry in layout.entries {
      guard let tensor = tensors.first(where: { $0.name == entry.name })?.tensor else {
        throw KernelError("'\(path)' has no tensor '\(entry.name)'")
      }
      guard tensor.shape == entry.shape, tensor.type == .float32 else {
        throw KernelError(
          "the tensor '\(entry.name)' of '\(path)' is \(tensor.type.rawValue) \(tensor.shape), and float32 \(entry.shape) is expected"
        )
      }
      (buffer.baseAddress! + entry.offset).update(from: tensor.floats, count: tensor.count)
    }
  }
}
