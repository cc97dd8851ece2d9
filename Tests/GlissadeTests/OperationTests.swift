import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime
import GlissadeSystem
import GlissadeTensor
import Testing

/// The built-in operations on small data, against numbers that are worked out here.
struct OperationTests {
  /// The numbers of a port at every place, after the last step.
  private func values(
    _ port: String, of text: String, tensor: Int = 0, window: Int = 4
  ) throws -> [[Double]] {
    let graph = try graph(text)
    let reference = try #require(graph.port(port))
    let result = try run(graph, window: window, keeping: [reference])
    let places = graph.nodes[reference.node].port(reference.port)?.axes.placeCount ?? 0
    return try (0..<places).map { place in
      try #require(result.value(of: reference, place: place)).tensors[tensor].doubles()
    }
  }

  /// The features of the first digits, read apart from Glissade.
  private static func rows(_ count: Int) throws -> [[Double]] {
    let bytes = try LocalFileSystem().readAll(
      projectDirectory + "/Graphs/data/digits.csv", limit: 1 << 20)
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst()
    return lines.prefix(count).map { $0.split(separator: ",").compactMap { Double($0) } }
  }

  private func head(_ extra: String, rows: Int = 100, count: Int = 3, shard: String = "") -> String
  {
    """
    glissade: 1
    name: small
    seed: 3
    nodes:
      train: { op: shard, source: data/digits.csv, label: label, select: { rows: [0, \(rows)] }, count: \(count)\(shard) }
    \(extra)
    """
  }

  // MARK: shard and scale

  @Test func holdoutDividesTheRows() throws {
    let text =
      head("", rows: 100, count: 4, shard: ", holdout: { fraction: 0.25, from: end }")
      + "\noutputs: { train.holdout: 'held-{train}.safetensors' }\n"
    let graph = try graph(text)
    let train = try #require(graph.nodes[0].port("train"))
    let held = try #require(graph.nodes[0].port("holdout"))
    #expect((0..<4).map { train.specs[$0].rows }.reduce(0, +) == 75)
    #expect((0..<4).map { held.specs[$0].rows }.reduce(0, +) == 25)
    let own = try values("train.holdout", of: text).flatMap { $0 }
    #expect(own == (try Self.rows(100)).suffix(25).flatMap { $0.dropLast() })
  }

  @Test func shuffleMovesRowsAndLosesNone() throws {
    let plain = try values("train", of: head(""))
    let moved = try values("train", of: head("", shard: ", shuffle: true"))
    func rows(_ places: [[Double]]) -> [[Double]] {
      places.flatMap { place in
        stride(from: 0, to: place.count, by: 64).map { Array(place[$0..<$0 + 64]) }
      }
    }
    #expect(rows(plain) == (try Self.rows(100)).map { Array($0.dropLast()) })
    #expect(rows(moved) != rows(plain))
    func key(_ row: [Double]) -> String { "\(row)" }
    #expect(rows(moved).map(key).sorted() == rows(plain).map(key).sorted())
    #expect(try values("train.rows", of: head("")) == [[33], [33], [34]])
  }

  @Test(arguments: [1, 3, 7])
  func standardScalingTakesAllRows(count: Int) throws {
    let statistics = try values(
      "scaled.statistics",
      of: head("  scaled: { op: scale, of: train, by: standard }", count: count))
    let offsets = try values(
      "scaled.statistics",
      of: head("  scaled: { op: scale, of: train, by: standard }", count: count),
      tensor: 1)
    let rows = try Self.rows(100)
    for column in 0..<64 {
      let mean = rows.reduce(0) { $0 + $1[column] } / 100
      let variance = rows.reduce(0) { $0 + ($1[column] - mean) * ($1[column] - mean) } / 100
      let multiplier = variance > 0 ? 1 / variance.squareRoot() : 1
      #expect(abs(statistics[0][column] / multiplier - 1) < 1e-6, "column \(column)")
      #expect(abs(offsets[0][column] + mean * multiplier) < 1e-5, "column \(column)")
    }
  }

  @Test func leastAndGreatestBecomeTheBounds() throws {
    let text = head(
      """
        scaled: { op: scale, of: train, by: { kind: min-max, from: -1, to: 1 } }
        batch: { op: batch, of: scaled, size: 100 }
        weights: { op: parameters, model: softmax }
        grad: { op: gradient, at: weights, data: batch }
        mean: { op: reduce, of: grad }
        step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.1 } }
      run: { until: { steps: 1 } }
      """)
    let numbers = try values("batch", of: text).flatMap { $0 }
    #expect(numbers.count == 6400)
    let rows = try Self.rows(100)
    let constant = (0..<64).filter { column in rows.allSatisfy { $0[column] == rows[0][column] } }
    #expect((numbers.map(abs).max() ?? 2) < 1 + 1e-6)
    for column in 0..<64 where !constant.contains(column) {
      let own = stride(from: column, to: numbers.count, by: 64).map { numbers[$0] }
      #expect(abs((own.min() ?? 0) + 1) < 1e-6 && abs((own.max() ?? 0) - 1) < 1e-6)
    }
  }

  // MARK: reduce and combine

  private static let descent = """
      weights: { op: parameters, model: softmax }
      grad: { op: gradient, at: weights, data: train }
      mean: { op: reduce, of: grad, by: mean }
      step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.001 } }
    """

  @Test func reducesAreWhatTheirNamesSay() throws {
    let text = head(
      Self.descent + """

          total: { op: reduce, of: grad, by: sum, fan-in: 2 }
          most: { op: reduce, of: grad, by: max }
          size: { op: reduce, of: grad, by: norm }
        run: { until: { steps: 2 } }
        """, count: 5)
    let parts = try values("grad", of: text)
    func places(_ combine: ([Double]) -> Double) -> [Double] {
      parts[0].indices.map { element in combine(parts.map { $0[element] }) }
    }
    func close(_ port: String, _ expected: [Double]) throws {
      let found = try values(port, of: text)[0]
      let apart = zip(found, expected).map { abs($0 - $1) }.max() ?? 1
      #expect(apart < 1e-3, "\(port) is \(apart) apart")
    }
    try close("total", places { $0.reduce(0, +) })
    try close("mean", places { $0.reduce(0, +) / 100 })
    try close("most", places { $0.max() ?? 0 })
    let norm = parts.joined().reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(try values("size", of: text)[0][0] / norm - 1) < 1e-6)
  }

  /// The shape of the tree is the graph's: another fan-in may change last bits, another thread count may not.
  @Test func theFanInIsThePartOfTheGraph() throws {
    func mean(_ fanIn: Int) throws -> [Double] {
      try values(
        "mean",
        of: head(Self.descent + "\nrun: { until: { steps: 3 } }", count: 9)
          .replacingOccurrence(of: "by: mean", with: "by: mean, fan-in: \(fanIn)"))[0]
    }
    let pairs = try mean(2)
    for fanIn in [3, 9] {
      let apart = zip(pairs, try mean(fanIn)).map { abs($0 - $1) }.max() ?? 1
      #expect(apart < 1e-4)
    }
  }

  @Test func combinationsAreLinear() throws {
    let text = head(
      Self.descent + """

          total: { op: reduce, of: grad, by: sum }
          both: { op: combine, terms: [{ of: mean, factor: 100 }, { of: total, factor: -0.5 }] }
        run: { until: { steps: 1 } }
        """)
    let mean = try values("mean", of: text)[0]
    let total = try values("total", of: text)[0]
    let both = try values("both", of: text)[0]
    for (index, value) in both.enumerated() {
      #expect(abs(value - (100 * mean[index] - 0.5 * total[index])) < 1e-2)
    }
  }

  @Test func meansOfParametersAreWeighted() throws {
    let text = head(
      """
        members: { op: parameters, model: { kind: mlp, hidden: [4] }, inputs: 64, classes: 10, axes: { member: 3 } }
        plain: { op: reduce, of: members, over: member, by: mean }
        heavy: { op: reduce, of: members, over: member, by: mean,
          weights: { from: train.rows, as: { train: member } } }
      outputs: { plain: plain.safetensors, heavy: heavy.safetensors }
      """, rows: 10, count: 3)
    let members = try values("members", of: text)
    let plain = try values("plain", of: text)[0]
    let heavy = try values("heavy", of: text)[0]
    let weights = try values("train.rows", of: text).map { $0[0] }
    #expect(weights == [3, 3, 4])
    #expect(members[0] != members[1], "members begin differently")
    for element in plain.indices {
      let even = members.reduce(0) { $0 + $1[element] } / 3
      let weighted = zip(members, weights).reduce(0) { $0 + $1.0[element] * $1.1 } / 10
      #expect(abs(plain[element] - even) < 1e-6)
      #expect(abs(heavy[element] - weighted) < 1e-6)
    }
  }

  // MARK: update

  @Test func clippingBoundsTheNormOfTheStep() throws {
    func weights(_ clip: String) throws -> [Double] {
      let text = head(Self.descent + "\nrun: { until: { steps: 1 } }")
        .replacingOccurrence(of: "with: mean,", with: "with: mean, \(clip)")
      return try values("weights", of: text)[0]
    }
    let free = try weights("")
    let bound = try weights("clip: { norm: 0.5 },")
    func norm(_ numbers: [Double]) -> Double { numbers.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    #expect(norm(free) > 0.5 * 0.001 * 1.01)
    #expect(abs(norm(bound) / (0.5 * 0.001) - 1) < 1e-4)
    let each = try weights("clip: { value: 0.01 },")
    #expect(abs((each.map(abs).max() ?? 0) / (0.01 * 0.001) - 1) < 1e-4)
  }

  @Test func schedulesAreTiedToTheStep() throws {
    let constant = head(Self.descent + "\nrun: { until: { steps: 4 } }")
    let stairs = constant.replacingOccurrence(
      of: "with: mean,", with: "with: mean, schedule: { kind: step, every: 2, factor: 0 },")
    let two = head(Self.descent + "\nrun: { until: { steps: 2 } }")
    #expect(try values("weights", of: stairs) == values("weights", of: two))
    #expect(try values("weights", of: stairs) != values("weights", of: constant))
  }

  // MARK: evaluate and predict

  /// The digits as two classes: below five, and not.
  private func binary(count: Int) -> String {
    """
    glissade: 1
    name: binary
    seed: 5
    nodes:
      data: { op: shard, source: data/digits.csv, label: p36, target: number, select: { rows: [0, 300] }, count: \(count) }
      weights: { op: parameters, model: linear }
      grad: { op: gradient, at: weights, data: data }
      mean: { op: reduce, of: grad }
      step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.0001 } }
      score: { op: evaluate, at: weights, data: data, metrics: [loss, rmse, mae, r2], every: { steps: 30 } }
    run: { until: { steps: 30 } }
    """
  }

  @Test func evaluationsAreExactWhateverDividesTheRows() throws {
    func scores(_ count: Int) throws -> [Double] {
      let graph = try graph(binary(count: count))
      return try #require(try run(graph).evaluations.last).metrics.map(\.value)
    }
    let one = try scores(1)
    #expect(abs(one[1] * one[1] / 2 - one[0]) < 1e-6, "the loss is half the mean square")
    #expect(one[3] > 0 && one[3] < 1)
    for count in [2, 7, 300] {
      for (index, value) in try scores(count).enumerated() {
        #expect(abs(value / one[index] - 1) < 1e-5, "metric \(index) of \(count) places")
      }
    }
  }

  @Test func rankingIsExactOverPlaces() throws {
    func auc(_ count: Int) throws -> Double {
      let text = """
        glissade: 1
        name: ranks
        nodes:
          data: { op: shard, source: Fixtures/two.csv, label: class, count: \(count) }
          weights: { op: parameters, model: logistic }
          grad: { op: gradient, at: weights, data: data }
          mean: { op: reduce, of: grad }
          step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.5 } }
          score: { op: evaluate, at: weights, data: data, metrics: [auc, log-loss, accuracy], every: { steps: 5 } }
        run: { until: { steps: 5 } }
        """
      let description = try GraphReader.read(Array(text.utf8), file: "ranks.yaml")
      let graph = try Graph(
        resolving: description, registry: Operations().registry,
        baseDirectory: projectDirectory + "/Tests/GlissadeTests")
      return try #require(try run(graph).evaluations.last).metrics[0].value
    }
    // Scores grow with x; of the pairs of a no and a yes, 7 are in order, one is tied and one is not: 7.5 / 9.
    for count in [1, 2, 6] { #expect(abs(try auc(count) - 7.5 / 9) < 1e-12) }
  }

  @Test(arguments: ["score.loss", "{ from: grad.loss, as: { train: other } }"])
  func aMeanHasAWeightForEachValue(weights: String) throws {
    func text(_ weights: String) -> String {
      digits(extra: "  heavy: { op: reduce, of: grad, over: train, weights: \(weights) }")
    }
    #expect(throws: Never.self) { try graph(text("grad.loss")) }
    #expect(throws: GraphError.self) { try graph(text(weights)) }
  }
}
