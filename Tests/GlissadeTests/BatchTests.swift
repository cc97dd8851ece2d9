import GlissadeGraph
import GlissadeRuntime
import GlissadeTensor
import Testing

/// Which rows a batch holds depends on the seed and the clock, not on what divides the rows.
struct BatchTests {
  /// Rows that name themselves: the only feature of a row is its number.
  private func rows(
    shards: Int, size: Int, steps: Int, draw: String = "shuffled", per: String = "step"
  ) throws -> [Float] {
    let graph = try graph(
      """
      glissade: 1
      name: rows
      seed: 11
      nodes:
        train: { op: shard, source: data/digits.csv, label: label, select: { rows: [0, 1437] }, count: \(shards) }
        batch: { op: batch, of: train, size: \(size), draw: \(draw), per: \(per) }
        weights: { op: parameters, model: softmax }
        grad: { op: gradient, at: weights, data: batch }
        mean: { op: reduce, of: grad, over: train, by: sum }
        step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 1e-30 } }
      run: { until: { steps: \(steps) } }
      """)
    let batch = try #require(graph.index(of: "batch"))
    let port = Graph.PortReference(node: batch, port: "value")
    let result = try run(graph, keeping: [port])
    // The sum of all features of a row tells it apart well enough.
    var found: [Float] = []
    for place in 0..<shards {
      let value = try #require(result.value(of: port, place: place))
      let features = value.tensors[0].elements(of: Float.self)
      for row in 0..<value.rows {
        var hash: Float = 0
        for column in 0..<64 { hash += features[row * 64 + column] * Float(column * column + 1) }
        found.append(hash)
      }
    }
    return found.sorted()
  }

  @Test(arguments: [1, 5, 23, 24, 100])
  func theSameRowsForEveryNumberOfShards(step: Int) throws {
    let one = try rows(shards: 1, size: 64, steps: step)
    for shards in [2, 3, 8, 50] {
      #expect(try rows(shards: shards, size: 64, steps: step) == one, "\(shards) shards")
    }
    // An epoch has 23 steps, the last one of 29 rows.
    #expect(one.count == (step % 23 == 0 ? 1437 - 22 * 64 : 64))
  }

  @Test func anEpochHoldsEveryRowOnce() throws {
    var all: [Float] = []
    for step in 1...6 { all += try rows(shards: 3, size: 256, steps: step) }
    let whole = try rows(shards: 1, size: 1437, steps: 1)
    #expect(all.sorted() == whole)
    #expect(
      try rows(shards: 1, size: 64, steps: 1) != rows(shards: 1, size: 64, steps: 24),
      "epochs differ")
  }

  /// Rows of 700 numbers: blocks of 64 rows, two groups of blocks, and rows behind the last whole block.
  @Test func anEpochOfWideRowsHoldsEachOnce() throws {
    let directory = try TestDirectory()
    try NumbersOnDisk.write(rows: 1010, features: 700, classes: 2, times: 5, to: directory.path)
    func drawn(step: Int) throws -> [Int32] {
      let graph = try graph(
        """
        glissade: 1
        name: wide
        nodes:
          rows: { op: shard, source: \(directory.path)/features.npy, labels: \(directory.path)/labels.npy }
          batch: { op: batch, of: rows, size: 1000 }
          weights: { op: parameters, model: softmax }
          grad: { op: gradient, at: weights, data: batch }
          mean: { op: reduce, of: grad, over: rows, by: mean }
          step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.1 } }
        run: { until: { steps: \(step) } }
        """)
      let port = Graph.PortReference(node: try #require(graph.index(of: "batch")), port: "drawn")
      let value = try #require(try run(graph, keeping: [port]).value(of: port, place: 0))
      return value.tensors[0].elements(of: Int32.self)
    }
    let steps = try (1...6).map { try drawn(step: $0) }
    #expect(steps.map(\.count) == [1000, 1000, 1000, 1000, 1000, 50])
    #expect(steps.joined().sorted() == (0..<5050).map(Int32.init))
    // A step draws from one group of 64 blocks, in no order.
    #expect(Set(steps[0].map { $0 / 64 }).count == 64)
    #expect(steps[0] != steps[0].sorted())
    #expect(try drawn(step: 7) != steps[0])
  }

  @Test func withReplacementRowsComeAgain() throws {
    let drawn = try rows(shards: 4, size: 1437, steps: 1, draw: "with-replacement")
    #expect(drawn.count == 1437)
    #expect(Set(drawn).count < 1200)
  }

  @Test func perPlaceEachPlaceDrawsItsOwn() throws {
    #expect(try rows(shards: 4, size: 16, steps: 3, per: "place").count == 64)
  }

  /// More places than rows: some are empty, some have a single row, and the sums are right.
  @Test func emptyAndSingleRowPlacesAreRight() throws {
    func train(_ shards: Int) throws -> [Float] {
      let graph = try graph(
        """
        glissade: 1
        name: few
        nodes:
          train: { op: shard, source: data/digits.csv, label: label, select: { rows: [0, 12] }, count: \(shards) }
          weights: { op: parameters, model: softmax }
          grad: { op: gradient, at: weights, data: train }
          mean: { op: reduce, of: grad, over: train, by: mean }
          step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.001 } }
        run: { until: { steps: 5 } }
        """)
      return try weights("weights", of: run(graph), graph)
    }
    let one = try train(1)
    for shards in [5, 12, 40] {
      let other = try train(shards)
      let apart = zip(one, other).map { abs($0 - $1) }.max() ?? 1
      #expect(apart < 1e-6, "\(shards) shards are \(apart) apart")
    }
    #expect(one.contains { $0 != 0 })
  }
}
