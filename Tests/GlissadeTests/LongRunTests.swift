import Foundation
import GlissadeGraph
import GlissadeRuntime
import GlissadeSystem
import Testing

/// Runs of many steps, each of which is evaluated.
struct LongRunTests {
  /// Runs a graph of a few rows through a step; `rare` is evaluated every 9,000 steps.
  private static func run(through last: Int) throws -> RunResult {
    let directory = try TestDirectory()
    try Data("x,y\n1,2\n2,4\n".utf8).write(to: URL(fileURLWithPath: directory("few.csv")))
    let text = """
      glissade: 1
      name: long
      nodes:
        train: { op: shard, source: \(directory("few.csv")), label: y }
        weights: { op: parameters, model: linear }
        grad: { op: gradient, at: weights, data: train }
        mean: { op: reduce, of: grad }
        step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.001 } }
        score: { op: evaluate, at: weights, data: train, metrics: [loss], every: { steps: 1 } }
        rare: { op: evaluate, at: weights, data: train, metrics: [loss], every: { steps: 9_000 } }
      run: { until: { steps: 1_000_000 } }
      """.replacing("_000", with: "000")
    let plan = try Plan(expanding: graph(text))
    return try Engine(plan, options: RunOptions(threads: 1)).run(through: last)
  }

  /// The newest, and what would else be forgotten of a node that is evaluated now and then.
  @Test func theNewestEvaluationsAreKept() throws {
    let evaluations = try Self.run(through: 17_500).evaluations
    #expect(evaluations.map(\.step) == [9_000] + Array(17_500 - 4_095...17_500))
    #expect(evaluations.map(\.node) == ["rare"] + [String](repeating: "score", count: 4_096))
    let few = try Self.run(through: 50).evaluations
    #expect(few.map(\.step) == Array(1...50))
  }

  /// In a process of its own, whose heap nothing else uses.
  @Test(.disabled(if: isSanitized, "a sanitizer has a heap of its own"))
  func memoryDoesNotGrowWithTheSteps() async {
    await #expect(processExitsWith: .success) {
      func bytes(after steps: Int) throws -> Int {
        let result = try LongRunTests.run(through: steps)
        return withExtendedLifetime(result) { Machine.heapBytes }
      }
      _ = try bytes(after: 10_000)
      let (less, more) = (try bytes(after: 10_000), try bytes(after: 40_000))
      // An evaluation takes about 200 bytes.
      #expect(more - less < 1 << 20, "\(less) bytes after 10,000 steps, \(more) after 40,000")
    }
  }
}
