#if canImport(Glibc)
  import Glibc
#endif
public import GlissadeGraph
import GlissadeKernels
import GlissadeModels
import GlissadeTensor

/// What is known of predictions before the run.
public struct PredictionFacts: ValueFacts {
  /// Numbers of a row: the classes, or 1.
  public var width: Int
  /// Whether they are probabilities of classes.
  public var isProbability: Bool
  /// The names of the classes.
  public var classes: [String]
  /// What is asked for: `class`, `probabilities`, `value`.
  public var gives: [String]

  /// In a few words.
  public var summary: String { isProbability ? "\(width) probabilities a row" : "a number a row" }
}

/// The natural logarithm, for probabilities that serve as logits.
func logarithm(_ value: Float) -> Float { logf(max(value, .leastNormalMagnitude)) }

/// `predict`: what a model says about rows.
enum PredictOperation {
  static let spec = OperationSpec(
    "predict",
    summary: "What a model says about rows: classes and probabilities, or numbers.",
    example: "said: { op: predict, at: weights, data: rows, gives: [class, probabilities] }",
    axisRule: "Has the axes of 'at' and of 'data'; an axis 'block' of 'at' is taken whole.",
    attributes: [
      AttributeSpec(
        "at", .reference(ReferenceSpec(.parameters)), "The parameters.", required: true),
      AttributeSpec("data", .reference(ReferenceSpec(.rows)), "The rows.", required: true),
      AttributeSpec(
        "gives",
        .either([
          .choice(["class", "probabilities", "value"]),
          .list(.choice(["class", "probabilities", "value"]), 1...3),
        ]),
        "What is written: by default classes with probabilities, or values."),
      AttributeSpec("temperature", .number(.positive), "What logits are divided by.", default: 1),
    ],
    ports: [PortSpec("value", .predictions, "Probabilities of classes, or numbers, a row.")],
    dataHint: ("at", "data"), findUnread: findUnread, infer: infer)

  /// The class alone, in a file, is the same at any temperature.
  private static func findUnread(_ index: Int, _ uses: GraphUses) -> [Diagnostic] {
    let node = uses.nodes[index]
    guard let temperature = node.description["temperature"], let gives = node.description["gives"],
      (gives.list ?? [gives]).allSatisfy({ $0.text == "class" }), uses.readers(of: index).isEmpty
    else { return [] }
    return [
      Diagnostic(
        "'temperature' has no effect: 'gives' asks for the class alone, which is the same at any temperature",
        at: temperature.position)
    ]
  }

  private static func infer(_ node: borrowing NodeContext) throws -> NodeShape {
    guard let at = node.input("at"), let data = node.input("data"), let rows = data.rowFacts else {
      throw node.error("'data' gives no rows", at: "data")
    }
    let whole = WholeModel(at, index: node.inputIndex("at")!)
    let axes = try node.union(whole.axes, data.axes)
    let others = max(1, axes.placeCount / max(1, whole.axes.placeCount))
    let passes = try whole.facts.map { facts in
      try DataFit.check(facts, rows, node, needsTarget: false)
      return RowPass(
        facts: facts, rows: rows, loss: facts.network.model.defaultLoss(classes: facts.classes))
    }
    try checkGives(node, passes)
    let specs = (0..<axes.placeCount).map { place -> ValueSpec in
      let facts = passes[place / others].facts
      let isProbability = facts.classes != nil
      let width = isProbability ? facts.network.probabilityCount : facts.network.outputs
      let coordinates = axes.coordinates(of: place)
      let source = data.axes.reduce(0) { sum, axis in
        sum * axis.size + (axes.firstIndex(of: axis).map { coordinates[$0] } ?? 0)
      }
      let bound = data.specs[source].rows
      return ValueSpec(
        .predictions, [TensorSpec("predictions", .float32, Shape(bound, width))], rows: bound,
        facts: PredictionFacts(
          width: width, isProbability: isProbability, classes: facts.schema.classes,
          gives: gives(node, isProbability)))
    }
    if node.attributes.isGiven("temperature"), passes.allSatisfy({ $0.facts.classes == nil }) {
      throw node.error(
        "'temperature' has no effect: the model gives numbers, and no probabilities",
        at: "temperature")
    }
    let temperature = Float(node.attributes.number("temperature") ?? 1)
    let bound = data.greatestRows
    let stage = Stage(
      "value", inputs: [.init(whole.source), .init(.input(node.inputIndex("data")!))], axes: axes,
      outputs: [.each(specs)], workspace: passes.map { $0.workspace(rows: bound) }.max() ?? 0,
      cost: Cost(flops: Double(2 * bound * (passes.first?.facts.network.layout.count ?? 0))),
      kernel: { call in
        let pass = passes[call.place / others]
        let target = call.outputs[0].tensors[0]
        let width = target.shape[1]
        let isProbability = pass.facts.classes != nil
        try pass.forward(call) { logits, _, range in
          let out = target.floats + range.lowerBound * width
          if isProbability {
            pass.facts.network.probabilities(
              logits, rows: range.count, temperature: temperature, into: out)
          } else {
            out.update(from: logits, count: range.count * width)
          }
        }
        let source = call.single(1)
        call.outputs[0] = Value(
          [target.rows(0..<source.rows)], rows: source.rows, attachment: source.attachment)
      })
    return NodeShape(
      ports: [.init("value", axes: axes, .each(specs), from: (whole.stages.count, 0))],
      stages: whole.stages + [stage],
      notBuilt: passes.contains { !$0.facts.network.model.isBuilt }
        ? ["this model cannot predict in this version"] : [], defaults: defaults(passes))
  }

  private static func checkGives(_ node: borrowing NodeContext, _ passes: [RowPass]) throws {
    guard let given = node.attributes["gives"] else { return }
    var seen: Set<String> = []
    for item in given.list ?? [given] {
      guard let word = item.text else { continue }
      guard seen.insert(word).inserted else {
        throw Diagnostic("'gives' names '\(word)' twice", at: item.position)
      }
      for pass in passes where (word == "value") == (pass.facts.classes != nil) {
        let kind = pass.facts.classes != nil ? "classes" : "numbers"
        throw Diagnostic(
          "'gives' asks for '\(word)', and the model predicts \(kind)",
          at: item.position ?? node.position)
      }
    }
  }

  private static func gives(_ node: borrowing NodeContext, _ isProbability: Bool) -> [String] {
    let given = node.attributes.texts("gives")
    return given.isEmpty ? usual(isProbability) : given
  }

  private static func usual(_ isProbability: Bool) -> [String] {
    isProbability ? ["class", "probabilities"] : ["value"]
  }

  private static func defaults(_ passes: [RowPass]) -> [AttributeEntry] {
    let kinds = Set(passes.map { $0.facts.classes != nil })
    guard kinds.count == 1, let isProbability = kinds.first else { return [] }
    return [AttributeEntry("gives", .texts(usual(isProbability)))]
  }
}
