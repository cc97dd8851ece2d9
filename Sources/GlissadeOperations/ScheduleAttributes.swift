import GlissadeGraph
import GlissadeModels

/// The attributes of a schedule, and the rate that they give at a step.
struct ScheduleAttributes: Sendable {
  private let kind: String
  private let attributes: Attributes
  let plateau: Plateau?

  private static let warmup = AttributeSpec(
    "warmup", .duration(["steps", "epochs"]), "Steps in which the rate rises to its base.")
  private static let common = [
    warmup,
    AttributeSpec("floor", .number(.nonNegative), "What the rate does not fall below.", default: 0),
  ]
  private static let until = AttributeSpec(
    "until", .duration(["steps", "epochs"]), "Where the curve ends; by default where the run does.")
  private static let decay = AttributeSpec(
    "decay", .number(.nonNegative), "How fast it falls.", required: true)
  private static let every = AttributeSpec(
    "every", .integer(1...1_000_000_000), "Steps of one fall.", default: 1)

  static let variants: [VariantSpec] = [
    VariantSpec("constant", "The same rate in every step.", [warmup]),
    VariantSpec(
      "step", "base · factor^⌊t / every⌋",
      common + [
        AttributeSpec("every", .integer(1...1_000_000_000), "Steps of a stair.", required: true),
        AttributeSpec("factor", .number(.nonNegative), "What a stair multiplies by.", default: 0.1),
      ]),
    VariantSpec("exponential", "base · decay^(t / every)", common + [decay, every]),
    VariantSpec("inverse-time", "base / (1 + decay · t)", common + [decay]),
    VariantSpec(
      "polynomial", "From base to floor along a power.",
      common + [until, AttributeSpec("power", .number(.nonNegative), "The power.", default: 1)]),
    VariantSpec("cosine", "From base to floor along half a cosine.", common + [until]),
    VariantSpec(
      "one-cycle", "Up to the base and down to the floor, both along half a cosine.",
      common + [
        until,
        AttributeSpec(
          "peak", .number(NumberRange(0.001, 0.999)), "Where the base is reached.", default: 0.3),
      ]),
    VariantSpec(
      "plateau",
      "Falls where a metric stops getting better; the metric of an evaluation counts from the next step on.",
      common + [
        AttributeSpec(
          "metric", .reference(ReferenceSpec(.number, orNothing: true)), "The metric.",
          required: true),
        AttributeSpec(
          "best", .choice(["least", "greatest"]), "Which way is better.", default: "least"),
        AttributeSpec(
          "factor", .number(NumberRange(0, 0.999_999, openBelow: true)),
          "What the rate is multiplied by.", default: 0.1),
        AttributeSpec(
          "patience", .integer(0...1_000_000), "Evaluations without a better one.", default: 10),
        AttributeSpec(
          "minimum-change", .number(.nonNegative), "By how much better counts.", default: 0.0001),
        AttributeSpec(
          "cooldown", .integer(0...1_000_000), "Evaluations that do not count after a fall.",
          default: 0),
      ]),
  ]

  init(_ attributes: Attributes, _ node: borrowing NodeContext) throws {
    guard let (kind, own) = attributes.variant("schedule") else {
      throw node.error("operation 'update' has no schedule", at: "schedule")
    }
    self.kind = kind
    self.attributes = own
    do {
      plateau =
        kind != "plateau"
        ? nil
        : try Plateau(
          factor: own.number("factor") ?? 0.1, patience: own.integer("patience") ?? 10,
          minimumChange: own.number("minimum-change") ?? 1e-4,
          mode: own.text("best") == "greatest" ? .greatest : .least,
          cooldown: own.integer("cooldown") ?? 0, floor: own.number("floor") ?? 0)
    } catch { throw node.error(error.description, at: "schedule") }
    if case let explicit = ["warmup", "until"].compactMap({ own[$0]?["steps"]?.integer }),
      explicit.count == 2,
      explicit[0] >= explicit[1]
    {
      throw node.error(
        "the schedule ends at step \(explicit[1]), within its warm-up of \(explicit[0])",
        at: "schedule")
    }
  }

  /// The rate at a step.
  ///
  /// - Throws: `KernelError` where warm-up and end do not fit together.
  func rate(base: Double, step: Int, steps: Int, epochSteps: Int) throws(KernelError) -> Double {
    func duration(_ name: String) -> Int? {
      guard let value = attributes[name] else { return nil }
      return value["steps"]?.integer ?? value["epochs"]?.integer.map { $0 * max(1, epochSteps) }
    }
    let warmup = duration("warmup") ?? 0
    // A run, or epochs of few steps, may end within the warm-up: the curve behind it is then never reached.
    let until = max(duration("until") ?? steps, warmup + 1)
    let number = { attributes.number($0) ?? 0 }
    let curve: Schedule.Curve =
      switch kind {
      case "step": .step(every: attributes.integer("every") ?? 1, factor: number("factor"))
      case "exponential":
        .exponential(decay: number("decay"), every: attributes.integer("every") ?? 1)
      case "inverse-time": .inverseTime(decay: number("decay"))
      case "polynomial": .polynomial(power: number("power"), until: until)
      case "cosine": .cosine(until: until)
      case "one-cycle": .oneCycle(peak: number("peak"), until: until)
      default: .constant
      }
    do {
      let floor = kind == "plateau" ? 0 : number("floor")
      return try Schedule(curve, warmup: warmup, floor: floor)
        .rate(base: base, step: step)
    } catch { throw KernelError(error.description) }
  }
}
