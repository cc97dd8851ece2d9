import GlissadeGraph
import GlissadeRuntime
import GlissadeTensor
import Testing

/// Early stopping and plateaus decide the same whatever the window.
struct StopTests {
  private func stopped(window: Int, threads: Int, decides: Decision = .automatic) throws -> (
    RunResult, [Float], [Float]
  ) {
    let graph = try graph(
      digits(
        until: "epochs: 60", optimizer: "{ kind: adam, rate: 0.05 }",
        run: ", stop: { when: score.loss, best: least, patience: 2 }"))
    let result = try run(graph, threads: threads, window: window, seed: 5, decides: decides)
    let index = try #require(graph.index(of: "weights"))
    let port = Graph.PortReference(node: index, port: "value")
    let best = try #require(result.value(of: port, best: true)).tensors[0].elements(of: Float.self)
    return (result, try weights("weights", of: result, graph), best)
  }

  @Test func patienceEndsTheRunAtOneStepForEveryWindow() throws {
    let (first, last, best) = try stopped(window: 1, threads: 1)
    #expect(first.status == .stopped)
    #expect(first.steps < 60 * 23 && first.steps % 23 == 0)
    let found = try #require(first.best)
    #expect(found.step == first.steps - 2 * 23)
    let losses = first.evaluations.map { $0.metrics[1].value }
    #expect(found.value == losses.min())
    #expect(bits(best) != bits(last))
    for (window, decides) in [
      (2, Decision.automatic), (8, .taskByTask), (8, .automatic), (30, .automatic),
    ] {
      let (other, otherLast, otherBest) = try stopped(
        window: window, threads: 2, decides: decides)
      #expect(other.steps == first.steps)
      #expect(bits(otherLast) == bits(last))
      #expect(bits(otherBest) == bits(best))
      #expect(other.evaluations.count == first.evaluations.count)
    }
  }

  @Test func reachingAValueStops() throws {
    let graph = try graph(
      digits(until: "epochs: 60", run: ", stop: { when: score.accuracy, reaches: 0.85 }"))
    let result = try run(graph)
    #expect(result.status == .stopped)
    let values = result.evaluations.map { $0.metrics[0].value }
    #expect(values.dropLast().allSatisfy { $0 < 0.85 })
    #expect((values.last ?? 0) >= 0.85)
  }

  @Test func aPlateauLowersTheRateTheSameForEveryWindow() throws {
    let text = digits(until: "epochs: 12", optimizer: "{ kind: adam, rate: 0.05 }")
    let plain = try graph(text)
    let watched = try graph(
      text.replacingOccurrence(
        of: "optimizer: {",
        with:
          "schedule: { kind: plateau, metric: score.loss, patience: 0, factor: 0.5 }, optimizer: {")
    )
    let one = try weights("weights", of: run(watched, threads: 1, window: 1), watched)
    let other = try weights("weights", of: run(watched, threads: 2, window: 8), watched)
    #expect(bits(one) == bits(other))
    #expect(bits(one) != bits(try weights("weights", of: run(plain), plain)))
  }

  @Test func aLossThatIsNotFiniteNamesNodeStepAndPlace() throws {
    let graph = try graph(
      digits(
        shards: 2, until: "epochs: 5", optimizer: "{ kind: sgd, rate: 1e30 }",
        model: "{ kind: mlp, hidden: [8] }"))
    let error = #expect(throws: RunError.self) { try run(graph) }
    let text = error?.description ?? ""
    #expect(text.contains("node 'grad'"), "\(text)")
    #expect(text.contains("step ") && text.contains("place train="), "\(text)")
    #expect(text.contains("not finite") || text.contains("the loss is"), "\(text)")
  }

  @Test func anInterruptedRunKeepsWhatItHas() throws {
    let graph = try graph(digits(until: "steps: 1000000"))
    let plan = try Plan(expanding: graph)
    var options = RunOptions(threads: 2)
    options.isCancelled = { true }
    let result = try Engine(plan, options: options).run()
    #expect(result.status == .interrupted)
    #expect(result.steps < 1_000_000)
  }
}
