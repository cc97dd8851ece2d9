import GlissadeGraph
import GlissadeRuntime
import Testing

/// Nodes on clocks of their own give the same in every way of running.
@Suite struct PlanClockTests {
  /// The exam is taken every second step and marked every fourth; beside it the same model is measured directly.
  private let text = digits(
    until: "steps: 13",
    extra: """
        exam: { op: predict, at: weights, data: unseen, gives: probabilities, every: { steps: 2 } }
        fourth: { op: evaluate, of: exam, data: unseen, metrics: [accuracy], every: { steps: 4 } }
        direct: { op: evaluate, at: weights, data: unseen, metrics: [accuracy], every: { steps: 4 } }
      """)

  @Test(arguments: [1, 2, 8], [Decision.automatic, .taskByTask])
  func aReaderAtMultiplesSeesTheSameStep(window: Int, decides: Decision) throws {
    let result = try run(graph(text), threads: 2, window: window, seed: 3, decides: decides)
    let fourth = result.evaluations.filter { $0.node == "fourth" }
    let direct = result.evaluations.filter { $0.node == "direct" }
    #expect(fourth.map(\.step) == [4, 8, 12, 13])
    #expect(direct.map(\.step) == [4, 8, 12, 13])
    #expect(fourth.map { $0.metrics[0].value } == direct.map { $0.metrics[0].value })
    #expect(Set(fourth.map { $0.metrics[0].value }).count > 1)
  }
}
