import GlissadeGraph
import GlissadeRuntime
import Testing

/// What graphs that were drawn at random have found, each as a graph of its own.
struct GeneratedGraphTests {
  private func text(shard: String = "count: 2", _ nodes: String, steps: Int = 4) -> String {
    """
    glissade: 1
    name: found
    seed: 3
    nodes:
      train:   { op: shard, source: data/digits.csv, label: label, select: { rows: [0, 40] }, \(shard) }
      weights: { op: parameters, model: softmax }
      \(nodes)
    run: { until: { steps: \(steps) } }
    """
  }

  private func errors(_ text: String) -> [String] {
    do {
      _ = try graph(text)
      return []
    } catch let error as GraphError {
      return error.diagnostics.map(\.message)
    } catch { return ["\(error)"] }
  }

  /// An axis that splits buffers would cut whole gradients, and join them past their end.
  @Test func rowsHaveNoBlocks() {
    let grad = "grad: { op: gradient, at: weights, data: train }"
    #expect(
      errors(text(shard: "axes: { block: 3 }", grad)).first
        == "the axis 'block' splits parameters, and rows cannot have it: name it otherwise")
    let renamed = "grad: { op: gradient, at: weights, data: { from: train, as: { train: block } } }"
    #expect(
      errors(text(renamed)) == ["the axis 'block' splits parameters, and rows cannot have it"])
    let late = """
      grad: { op: gradient, at: weights, data: train }
        step: { op: update, of: weights, with: { from: grad, as: { train: block } }, optimizer: { kind: sgd, rate: 0.1 } }
      """
    #expect(
      errors(text(late))
        == ["'with' has the axis 'block', which splits parameters, and 'of' has it not"])
  }

  /// Each would begin as the other.
  @Test func aStateIsNotTheNextVersionOfAnother() {
    let loop = """
      late:    { op: parameters, initial: weights, next: weights }
        grad:    { op: gradient, at: weights, data: train }
        mean:    { op: reduce, of: grad, over: train }
        step:    { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.01 } }
      """
    #expect(
      errors(text(loop)) == [
        "the next version of 'late' is 'weights', a state itself: it must be computed in each step"
      ])
  }

  private func descent(_ schedule: String) -> String {
    """
    grad:    { op: gradient, at: weights, data: train }
      mean:    { op: reduce, of: grad, over: train }
      step:    { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.01 }, schedule: { \(schedule) } }
    """
  }

  /// The rows of a place have no step in which they were measured: they are taken anew in each.
  @Test func aPlateauMayWatchWhatHasNoDate() throws {
    // 20 rows are never better than 20 rows: the rate falls in each step after the first.
    let falling = "kind: plateau, metric: rows, patience: 0, factor: 0.5"
    let rows = "\n  rows: { op: reduce, of: train.rows, over: train }"
    let one = try run(graph(text(descent(falling) + rows)))
    let other = try run(graph(text(descent("kind: constant") + rows)))
    #expect(one.steps == 4)
    #expect(one.loss != other.loss)
  }

  /// A run that ends within the warm-up does as a longer one up to there.
  @Test func aRunMayEndWithinTheWarmUp() throws {
    let cosine = "kind: cosine, warmup: { steps: 9 }"
    let short = try run(graph(text(descent(cosine), steps: 3)))
    let constant = try run(
      graph(text(descent("kind: constant, warmup: { steps: 9 }"), steps: 3)))
    #expect(short.steps == 3)
    #expect(short.loss == constant.loss)
  }
}
