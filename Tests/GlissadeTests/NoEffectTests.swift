import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import Testing

/// An attribute that changes nothing is an error, and the error says why.
@Suite struct NoEffectTests {
  private let base = """
    glissade: 1
    name: digits
    nodes:
      train:   { op: shard, source: data/digits.csv, label: label, count: 4 }
      batch:   { op: batch, of: train, size: 64 }
      weights: { op: parameters, model: softmax }
      grad:    { op: gradient, at: weights, data: batch, loss: cross-entropy }
      mean:    { op: reduce, of: grad, over: train, by: mean }
      size:    { op: reduce, of: mean, by: norm }
      step:    { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.1 } }
      score:   { op: evaluate, at: weights, data: train, metrics: [accuracy] }
      said:    { op: predict, at: weights, data: train }
    run: { until: { epochs: 2 } }

    """

  /// What is set, and the start of the finding.
  static let settings = [
    ("nodes.step.schedule={kind: cosine, power: 2}", "unknown attribute 'power'"),
    ("nodes.step.schedule={kind: constant, floor: 0.1}", "unknown attribute 'floor'"),
    ("nodes.step.optimizer={kind: adam, rate: 1, momentum: 0.9}", "unknown attribute 'momentum'"),
    ("nodes.grad.loss={kind: squared, delta: 2}", "unknown attribute 'delta'"),
    ("nodes.grad.loss=[cross-entropy, hinge]", "'hinge' has no effect: a gradient has one loss"),
    ("nodes.step.clip={}", "'clip' has no effect without"),
    ("nodes.step.clip={value: 1, of: size}", "'of' has no effect without 'norm'"),
    ("nodes.size.fan-in=2", "'fan-in' has no effect: 'norm' takes all places at once"),
    ("nodes.train.context=4", "'context' has no effect without 'tokens'"),
    ("nodes.train.tokens=characters", "'label' has no effect on text that is read as tokens"),
    ("nodes.train.select={}", "'select' has no effect without"),
    ("nodes.score.loss=cross-entropy", "'loss' has no effect: 'metrics' names neither"),
    ("nodes.weights.inputs=64", "'inputs' has no effect: the data tells"),
    ("nodes.weights.classes=10", "'classes' has no effect: the data tells"),
    ("nodes.score.every={steps: 5, of: batch}", "'of' of 'every' has no effect"),
    ("run.until={steps: 5, of: batch}", "'of' of 'until' has no effect"),
    ("nodes.train.every={steps: 2}", "'every' has no effect"),
    ("run.stop={when: score.accuracy, reaches: 1, patience: 2}", "'patience' has no effect"),
    (
      "nodes.train.holdout={fraction: 0.2}",
      "'holdout' has no effect: nothing reads train.train or train.holdout"
    ),
    (
      "nodes.step.optimizer={kind: adamw, rate: 0.1, decay: 0, decay-except: ['*bias']}",
      "'decay-except' has no effect with a decay of 0"
    ),
    (
      "nodes.step.optimizer={kind: adamw, rate: 0.1, decay-except: ['*bias', 'none*']}",
      "'none*' of 'decay-except' fits no tensor: there are "
    ),
    ("nodes.said.gives=[class, class]", "'gives' names 'class' twice"),
    ("nodes.said.gives=[value]", "'gives' asks for 'value', and the model predicts classes"),
  ]

  @Test(arguments: settings) func itIsAnErrorAtItsPlace(setting: String, said: String) throws {
    let error = try finding(setting, in: base)
    #expect(error.message.hasPrefix(said), "\(error)")
    if !setting.contains("tokens") { #expect(error.position?.file == "--set", "\(error)") }
  }

  @Test func withoutASizeNothingIsDrawn() throws {
    for setting in ["nodes.batch.per=place", "nodes.batch.draw=in-order"] {
      let error = try finding(setting, in: base.replacing(", size: 64", with: ""))
      #expect(error.message.contains("has no effect without 'size'"), "\(error)")
    }
  }

  @Test func aPenaltyNeedsWhoAppliesIt() throws {
    let setting = "nodes.weights.penalty={kind: l2, weight: 1}"
    let still = base.split(separator: "\n").filter { line in
      !["  grad:", "  mean:", "  size:", "  step:", "  batch:", "run:"].contains {
        line.hasPrefix($0)
      }
    }.joined(separator: "\n")
    let error = try finding(setting, in: still)
    #expect(
      error.message
        == "'penalty' has no effect: nothing updates 'weights' or measures its objective")
    #expect(error.position?.file == "--set" && error.position?.column == 23)
    var measured = try GraphReader.read(
      Array(still.replacing("[accuracy]", with: "[objective]").utf8), file: "test.yaml")
    try GraphOverride.apply(setting, to: &measured)
    _ = try Graph(
      resolving: measured, registry: Operations().registry,
      baseDirectory: projectDirectory + "/Graphs")
  }

  @Test func aClassIsTheSameAtAnyTemperature() throws {
    let classes = base.replacing("data: train }\nrun", with: "data: train, gives: class }\nrun")
    let error = try finding("nodes.said.temperature=2", in: classes)
    #expect(error.message.hasPrefix("'temperature' has no effect: 'gives' asks"), "\(error)")
    #expect(error.position?.file == "--set")
    // Who reads the predictions reads probabilities.
    let read = classes.replacing(
      "run:", with: "  best: { op: evaluate, of: said, data: train, metrics: [log-loss] }\nrun:"
    ).replacing("gives: class", with: "gives: class, temperature: 2")
    _ = try graph(read)
  }

  @Test func temperatureIsForProbabilities() throws {
    let numbers = base.replacing("label: label", with: "label: label, target: number")
      .replacing("softmax", with: "linear").replacing("cross-entropy", with: "squared")
      .replacing("[accuracy]", with: "[rmse]")
    let error = try finding("nodes.said.temperature=2", in: numbers)
    #expect(error.message.hasPrefix("'temperature' has no effect"), "\(error)")
    let target = try finding(
      "nodes.train.target=classes",
      in: base.replacing(", label: label", with: "").replacing("nodes:", with: "nodes:"))
    #expect(target.message == "'target' has no effect without 'label'", "\(target)")
  }

  /// The first finding in a graph with one setting.
  private func finding(_ setting: String, in text: String) throws -> Diagnostic {
    var description = try GraphReader.read(Array(text.utf8), file: "test.yaml")
    try GraphOverride.apply(setting, to: &description)
    let error = #expect(throws: GraphError.self) {
      try Graph(
        resolving: description, registry: Operations().registry,
        baseDirectory: projectDirectory + "/Graphs")
    }
    return try #require(error?.diagnostics.first)
  }
}
