import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import Testing

/// Errors say what was expected, and hint at what is certain only.
@Suite struct ExpectationTests {
  /// What is set in the digits, the start of the finding, and its hint.
  private static let settings: [(String, String, String?)] = [
    (
      "run.stop={when: mean.loss, best: least}",
      "'when' expects a metric of an evaluation: score.accuracy, score.loss; found 'mean.loss'", nil
    ),
    (
      "run.stop={when: score.nope, reaches: 1}",
      "'when' expects a metric of an evaluation: score.accuracy, score.loss; found 'score.nope'",
      nil
    ),
    (
      "run.stop={when: score.acuracy, reaches: 1}", "'when' expects a metric",
      "did you mean 'accuracy'?"
    ),
    ("nodes.score.metrics=[top-0]", "the metric 'top-K' expects a whole number from 1", nil),
    ("nodes.score.metrics=[top-K]", "the metric 'top-K' expects a whole number from 1", nil),
    ("nodes.score.metrics=[acc]", "unknown metric 'acc'; known are loss, objective,", nil),
    ("nodes.score.metrics=[acuracy]", "unknown metric 'acuracy'", "did you mean 'accuracy'?"),
    (
      "nodes.mean.op=foo",
      "unknown operation 'foo': expected one of those that 'glissade ops' lists", nil
    ),
    ("nodes.mean.op=redce", "unknown operation 'redce'", "did you mean 'reduce'?"),
    (
      "nodes.grad.x=1",
      "unknown attribute 'x' of operation 'gradient', which has at, data, loss, accumulate, every",
      nil
    ),
    (
      "nodes.step.schedule={kind: constant, x: 1}",
      "unknown attribute 'x' of 'schedule' 'constant'",
      nil
    ),
    (
      "nodes.mean.of=zzz",
      "'of' refers to 'zzz', and no node has that name: the nodes are train, test, seen, unseen, batch, weights, grad, mean, …",
      nil
    ),
    ("outputs.zzz=z.npy", "the output 'zzz' refers to 'zzz', and no node has that name: the", nil),
    ("nodes.step.optimiser.rate=1", "unknown attribute 'optimiser'", "did you mean 'optimizer'?"),
  ]

  @Test(arguments: settings) func itIsSaid(setting: String, said: String, hint: String?) throws {
    var description = try GraphReader.read(Array(digits().utf8), file: "test.yaml")
    try GraphOverride.apply(setting, to: &description)
    let error = #expect(throws: GraphError.self) {
      try Graph(
        resolving: description, registry: Operations().registry,
        baseDirectory: projectDirectory + "/Graphs")
    }
    let found = try #require(error?.diagnostics.first)
    #expect(found.message.hasPrefix(said), "\(found)")
    #expect(found.hint == hint)
    #expect(found.position?.file == "--set")
  }

  @Test func aGraphThatEvaluatesNothingStopsAtNothing() throws {
    let silent = digits(run: ", stop: { when: mean.loss, best: least }")
      .split(separator: "\n").filter { !$0.hasPrefix("  score:") }.joined(separator: "\n")
    let error = #expect(throws: GraphError.self) { try graph(silent) }
    #expect(
      error?.diagnostics.map(\.message) == [
        "'when' expects a metric of an evaluation, and the graph evaluates nothing; found 'mean.loss'"
      ])
  }
}
