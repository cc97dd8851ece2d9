import GlissadeModels

/// A random valid training graph over the operations that this version runs.
struct RandomGraph {
  /// What the labels are, which decides models, losses and metrics.
  private enum Label: CaseIterable {
    case digits, pair, number
  }

  private static let memberNames = ["small", "middle", "large"]

  private var random: SeededRandom
  private let label: Label
  /// The axis of the rows.
  private let axis: String
  private let places: Int
  /// The axes of the parameters: blocks, members.
  private let blocks: Int?
  private let members: Int?
  /// Whether some rows are kept from training.
  private let isHeldOut: Bool
  /// Nodes with their attributes.
  private var nodes: [String] = []
  /// The text of the graph.
  private(set) var text = ""

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
    label = random.one(of: Label.allCases)
    axis = random.one(of: ["train", "client"])
    // Six rows of the pair at up to eight places: some are empty.
    places = random.number(1...8)
    blocks = random.happens(0.25) ? random.number(1...4) : nil
    members = random.happens(0.25) ? random.number(1...3) : nil
    isHeldOut = random.happens(0.25)
    addRows()
    addModel()
    addDescent()
    addScores()
    if random.happens(0.3) { nodes.shuffle(using: &random) }
    let outputs =
      members == nil && blocks == nil ? random.maybe("outputs: { weights: out.safetensors }\n") : ""
    text = """
      glissade: 1
      name: random-\(seed)
      seed: \(random.number(0...1_000_000))
      nodes:
      \(nodes.map { "  " + $0 }.joined(separator: "\n"))
      run: { until: { steps: \(random.number(1...3)) } }
      \(outputs)
      """
  }

  private mutating func add(_ name: String, _ operation: String, _ attributes: String...) {
    let given = attributes.filter { !$0.isEmpty }
    nodes.append("\(name): { op: \(([operation] + given).joined(separator: ", ")) }")
  }

  // MARK: Data

  private var source: String {
    label == .pair
      ? "source: \(projectDirectory)/Tests/GlissadeTests/Fixtures/two.csv, label: class"
      : "source: data/digits.csv, "
        + (label == .digits ? "label: label" : "label: p36, target: number")
  }

  private mutating func addRows() {
    let first = random.number(0...200)
    let select = random.one(of: [
      "select: { rows: [\(first), \(first + random.number(60...160))] }",
      "select: { rows: [\(first), \(first + 160)], every: 2, offset: \(random.number(0...1)) }",
    ])
    let division = axis == "train" ? "count: \(places)" : "axes: { client: \(places) }"
    add(
      "train", "shard", source, label == .pair ? "" : select, division,
      random.maybe("shuffle: true", 0.3), random.maybe("split: contiguous", 0.2),
      isHeldOut ? "holdout: { fraction: 0.2\(random.maybe(", from: start")) }" : "")
    let other = "select: { rows: [1400, \(1400 + random.number(1...50))] }"
    add(
      "test", "shard", source.split(separator: ",").first.map(String.init) ?? "", "like: train",
      label == .pair ? "" : other, "count: \(random.number(1...3))")
    let scale = random.one(of: [
      "by: standard", "by: min-max", "by: { kind: min-max, from: -1, to: 1 }",
      "by: { kind: constant, divisor: 16 }", "by: { kind: constant, divisor: 2.5, offset: 4 }",
    ])
    add("seen", "scale", isHeldOut ? "of: train.train" : "of: train", scale)
    add(
      "unseen", "scale", isHeldOut && random.happens() ? "of: train.holdout" : "of: test",
      "like: seen")
    let size = random.number(1...80)
    add(
      "batch", "batch", "of: seen",
      random.one(of: [
        "", "size: \(size)", "size: \(size), per: place", "size: \(size), draw: in-order",
        "size: \(size), draw: with-replacement",
        "size: \(size), draw: with-replacement, per: place",
      ]))
  }

  // MARK: Model

  private mutating func addModel() {
    let activation = random.one(of: ["relu", "tanh", "sigmoid", "gelu"])
    let hidden = (0..<random.number(1...2)).map { _ in "\(random.number(1...8))" }
    let network =
      "{ kind: mlp, hidden: [\(hidden.joined(separator: ", "))], activation: \(activation) }"
    let choices: [(model: String, losses: [String])] =
      switch label {
      case .digits: [("softmax", ["cross-entropy"]), (network, ["cross-entropy"])]
      case .pair:
        [
          ("logistic", ["logistic", "hinge"]), ("softmax", ["cross-entropy"]),
          (network, ["cross-entropy"]),
        ]
      case .number:
        ["linear", network].map { model in
          (model, ["squared", "absolute", "huber", "{ kind: huber, delta: 2.5 }"])
        }
      }
    let (model, losses) = random.one(of: choices)
    let weight = "weight: 0.0\(random.number(0...9))"
    let penalty = random.one(of: [
      "", "penalty: { kind: l2, \(weight) }", "penalty: { kind: l1, \(weight), biases: true }",
      "penalty: { kind: elastic-net, \(weight), ratio: 0.25 }",
    ])
    let axes = [
      members.map {
        "member: [\(Self.memberNames.prefix($0).joined(separator: ", "))]"
      }, blocks.map { "block: \($0)" },
    ].compactMap { $0 }
    add(
      "weights", "parameters", "model: \(model)", penalty,
      axes.isEmpty ? "" : "axes: { \(axes.joined(separator: ", ")) }")
    add(
      "grad", "gradient", "at: weights", "data: batch",
      random.maybe("loss: \(random.one(of: losses))"))
  }

  // MARK: Descent

  private mutating func addDescent() {
    add(
      "mean", "reduce", "of: grad", "over: \(axis)",
      random.one(of: ["", "by: mean", "by: sum", "by: max"]),
      random.maybe("fan-in: \(random.number(2...5))"))
    var step = "mean"
    if random.happens(0.3) {
      add("total", "reduce", "of: grad", "over: [\(axis)]", "by: sum")
      add("both", "combine", "terms: [{ of: mean, factor: 0.75 }, { of: total, factor: -0.01 }]")
      step = "both"
    }
    var clip = random.one(of: ["", "value: 0.5", "norm: 0.25", "norm: 2, value: 0.125"])
    if clip.hasPrefix("norm"), blocks != nil {
      add("length", "reduce", "of: \(step)", "over: block", "by: norm")
      clip += ", of: length"
    }
    let word = random.one(of: Optimizer.words)
    var numbers = ["kind: \(word)", "rate: 0.00\(random.number(1...9))"]
    for number in Optimizer.numbers(of: word) where random.happens() {
      let value = random.one(
        of: number.domain == .positive ? ["0.001", "2"] : ["0", "0.5", "0.9"])
      numbers.append("\(number.name): \(value)")
    }
    if let members, random.happens() {
      let rates = (0..<members).map { "\(Self.memberNames[$0]): 0.00\($0 + 1)" }
      numbers[1] = "rate: { \(rates.joined(separator: ", ")) }"
    }
    // Without a decay there is nothing to except from it.
    if word == "adamw", !numbers.contains("decay: 0"), random.happens() {
      numbers.append("decay-except: [\"*.bias\"]")
    }
    add(
      "step", "update", "of: weights", "with: \(step)",
      "optimizer: { \(numbers.joined(separator: ", ")) }", schedule(),
      clip.isEmpty ? "" : "clip: { \(clip) }")
    if members != nil, random.happens() {
      add("average", "reduce", "of: weights", "over: member", "by: mean")
    }
    if random.happens(0.3) { add("losses", "reduce", "of: grad.loss", "over: \(axis)") }
  }

  private mutating func schedule() -> String {
    let curve = "until: { steps: \(random.number(5...9)) }"
    let falls = [
      "kind: constant", "kind: step, every: 2, factor: 0.5", "kind: exponential, decay: 0.9",
      "kind: inverse-time, decay: 0.1", "kind: polynomial, \(curve), power: 2",
      "kind: cosine, \(curve)", "kind: one-cycle, \(curve), peak: 0.4",
      members == nil
        ? "kind: plateau, metric: score.loss, factor: 0.5, patience: 0" : "kind: constant",
    ]
    let chosen = random.one(of: falls)
    let more =
      random.maybe(", warmup: { steps: \(random.number(1...3)) }", 0.3)
      + random.maybe(chosen == "kind: constant" ? "" : ", floor: 0.0001", 0.3)
    return random.maybe("schedule: { \(chosen)\(more) }", 0.7)
  }

  // MARK: Scores

  private mutating func addScores() {
    let metrics =
      switch label {
      case .digits: ["accuracy", "top-3", "log-loss"]
      case .pair: ["accuracy", "auc", "log-loss"]
      case .number: ["rmse", "mae", "r2"]
      }
    let chosen = metrics.filter { _ in random.happens() }
    let every = random.one(of: [
      "", "every: { steps: \(random.number(1...3)) }", "every: { epochs: 1 }",
    ])
    add(
      "score", "evaluate", "at: weights", "data: unseen",
      "metrics: [\((["loss"] + chosen + ["objective"]).joined(separator: ", "))]", every)
    guard random.happens(0.4) else { return }
    add(
      "said", "predict", "at: weights", "data: unseen",
      random.maybe(label == .number ? "" : "temperature: 2"), random.maybe(every))
    if members == nil || random.happens() {
      add("exam", "evaluate", "of: said", "data: unseen", "metrics: [\(metrics[0])]")
    } else {
      add("vote", "reduce", "of: said", "over: member", "by: mean")
      add("exam", "evaluate", "of: vote", "data: unseen", "metrics: [\(metrics[0])]")
    }
  }
}
