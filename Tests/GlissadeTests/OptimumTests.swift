import GlissadeGraph
import GlissadeRuntime
import Testing

/// With full batches a convex problem comes to its known optimum, whatever divides the rows.
struct OptimumTests {
  /// The optimum of the mean cross-entropy of the first 1437 digits, pixels over 16, with λ/2 ‖W‖² for λ = 10⁻³ and free
  /// biases: by L-BFGS in Float64, checked against scikit-learn.
  static let optimum = 0.235_721_491_239_235_53

  private func solve(shards: Int) throws -> (objective: Double, weights: [Float], graph: Graph) {
    let graph = try graph(
      digits(
        shards: shards, batch: "", until: "steps: 1500",
        penalty: "{ kind: l2, weight: 0.001 }",
        optimizer: "{ kind: nesterov, rate: 0.5, momentum: 0.97 }",
        extra:
          "  final: { op: evaluate, at: weights, data: seen, metrics: [objective, loss], every: { steps: 1500 } }"
      ))
    let result = try run(graph)
    let last = try #require(result.evaluations.last { $0.node == "final" })
    return (last.metrics[0].value, try weights("weights", of: result, graph), graph)
  }

  @Test func allShardCountsReachTheOptimumTogether() throws {
    let found = try [1, 3, 8].map { try solve(shards: $0) }
    for one in found {
      #expect(abs(one.objective / Self.optimum - 1) < 1e-3, "objective \(one.objective)")
      #expect(abs(one.objective / found[0].objective - 1) < 1e-5)
    }
    for other in found.dropFirst() {
      let apart = zip(found[0].weights, other.weights).map { abs($0 - $1) }.max() ?? 1
      #expect(apart < 1e-5, "parameters \(apart) apart")
    }
  }

  /// The penalty is counted once in the objective and never in the loss.
  @Test func theObjectiveIsTheLossWithThePenalty() throws {
    let graph = try graph(
      digits(
        shards: 3, until: "steps: 20", penalty: "{ kind: l2, weight: 0.1 }",
        extra:
          "  both: { op: evaluate, at: weights, data: seen, metrics: [loss, objective], every: { steps: 20 } }"
      ))
    let result = try run(graph)
    let parameters = try weights("weights", of: result, graph)
    let last = try #require(result.evaluations.last { $0.node == "both" })
    // The weight comes first in the buffer; the bias of 10 is behind it.
    let squares = parameters.prefix(640).reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(squares > 0)
    #expect(abs(last.metrics[1].value - last.metrics[0].value - 0.05 * squares) < 1e-9)
  }

  /// Soft-thresholding makes parameters exactly zero.
  @Test func absolutePenaltiesMakeZeros() throws {
    let graph = try graph(
      digits(
        until: "epochs: 5", penalty: "{ kind: l1, weight: 0.01 }",
        optimizer: "{ kind: sgd, rate: 0.3 }"))
    let parameters = try weights("weights", of: run(graph), graph).prefix(640)
    #expect(parameters.filter { $0 == 0 }.count > 200)
    #expect(parameters.contains { $0 != 0 })
  }
}
