import Glissade
import Testing

// The Swift of the articles, line for line; `DSLDocumentationTests` compares. `directory: "Graphs"` is that of the
// repository, so what runs is placed there first.

@Suite struct DSLDocumentationExamples {
  @Test func theFirstExample() throws {
    let digits = TrainingGraph("digits", seed: 7, directory: "Graphs") {
      let train = Shard("train", source: "data/digits.csv", label: "label", count: 4)
      let batch = Batch("batch", of: train, size: 64)
      let weights = Parameters("weights", model: .softmax)
      let grad = Gradient("grad", at: weights, data: batch, loss: .crossEntropy)
      let mean = Reduce("mean", of: grad, over: train, by: .mean)
      Update("step", of: weights, with: mean, optimizer: .sgd(rate: 0.01))
      Until(.epochs(5))
    }
    print(digits.yaml, digits.sha256)
    let placed = inRepository(digits)
    #expect(try placed.run().loss ?? 9 < 0.5)
    try architecture(placed)
    try determinism(placed)
    try inspection(placed)
    #expect(throws: GraphError.self) { try TrainingGraph(digits.description, directory: "/").run() }
  }

  private func inRepository(_ graph: TrainingGraph) -> TrainingGraph {
    TrainingGraph(graph.description, directory: repository + "/Graphs")
  }

  private func architecture(_ digits: TrainingGraph) throws {
    let result = try digits.run(RunOptions(threads: 2))
    let graph = try digits.resolved()
    if let port = graph.port("weights"), let weights = result.value(of: port) {
      print(result.status, result.steps, weights.tensors[0].shape)
    }
    #expect(result.steps == 5 * 29)
  }

  private func determinism(_ digits: TrainingGraph) throws {
    let one = try digits.run(RunOptions(threads: 1, windowDepth: 1))
    let many = try digits.run(RunOptions(threads: 4, windowDepth: 8, stealingSeed: 99))
    let port = try digits.resolved().port("weights")!
    let bits = [one, many].compactMap { $0.value(of: port)?.tensors[0] }
    assert(bits[0].hasSameBits(as: bits[1]))
    #expect(bits[0].hasSameBits(as: bits[1]))
  }

  private func inspection(_ digits: TrainingGraph) throws {
    var recordingOptions = RunOptions(threads: 2)
    recordingOptions.recording = RunRecord.usualCapacity
    let recorded = try digits.run(recordingOptions)
    print(recorded.record?.steps.events.count ?? 0)
    #expect(recorded.record?.steps.events.isEmpty == false)
  }

  @Test func aReductionIsRegistered() throws {
    var operations = Operations()
    operations.register(Midrange.self)
    let robust = TrainingGraph("robust", directory: "Graphs") {
      Needs("acme.midrange", version: 1)
      let train = Shard("train", source: "data/digits.csv", label: "label", count: 4)
      let weights = Parameters("weights", model: .softmax)
      let grad = Gradient("grad", at: weights, data: train)
      let middle = Reduce("middle", of: grad, over: train, by: .kind("acme.midrange"))
      Update("step", of: weights, with: middle, optimizer: .sgd(rate: 0.01))
      Until(.steps(3))
    }
    try run(inRepository(robust), operations)
  }

  private func run(_ robust: TrainingGraph, _ operations: Operations) throws {
    let robustResult = try robust.run(with: operations)
    #expect(robustResult.steps == 3)
  }

  @Test func whatPartsOfGraphsAreMadeOf() throws {
    func meanGradient(of rows: Shard, at weights: Parameters) -> Reduce {
      let batch = Batch("batch", of: rows, size: 64)
      let grad = Gradient("grad", at: weights, data: batch, loss: .crossEntropy)
      return Reduce("mean", of: grad, over: rows, by: .mean)
    }

    func graph(isRobust: Bool, tests: [String]) -> TrainingGraph {
      TrainingGraph("digits", seed: 7, directory: "Graphs") {
        let train = Shard("train", source: "data/digits.csv", label: "label", count: 4)
        let weights = Parameters("weights", model: .softmax, penalty: isRobust ? .l2(0.001) : nil)
        let mean = meanGradient(of: train, at: weights)
        Update(
          "step", of: weights, with: mean.late(by: 1), optimizer: .momentum(rate: 0.01),
          schedule: .cosine(warmup: .steps(10)))
        for (number, test) in tests.enumerated() {
          let rows = Shard("test-\(number)", source: test, like: train)
          Evaluate("score-\(number)", at: weights, data: rows, metrics: [.accuracy, .top(3)])
            .every(.epochs(1))
        }
        if isRobust { Checkpoint(every: .epochs(5)) }
        Until(.epochs(20))
        Output(weights, file: "digits.safetensors")
      }
    }
    let plain = inRepository(graph(isRobust: false, tests: ["data/digits.csv"]))
    let robust = inRepository(graph(isRobust: true, tests: []))
    #expect(plain.description.nodes.count == 8)
    #expect(robust.description.nodes.count == 6)
    #expect(robust.description.run.map(\.key) == ["checkpoint", "until"])
    let result = try plain.run()
    #expect(result.evaluations.count == 20)
    #expect(try #require(result.evaluations.last?.metrics.first).value > 0.9)
    #expect(try plain.drawn().contains("score-0"))
    #expect(try robust.resolved().notBuilt.count == 1)
  }
}

struct Midrange: Reduction {
  static let name = "acme.midrange"
  static let version = 1
  static let summary = "Half way between the least and the greatest."
  static let attributes: [AttributeSpec] = []

  init(_ attributes: Attributes) {}

  func reduce(_ places: [ReductionPlace], into result: UnsafeMutableBufferPointer<Float>) {
    for element in result.indices {
      let means = places.map { $0.mean(element) }
      result[element] = ((means.min() ?? 0) + (means.max() ?? 0)) / 2
    }
  }
}
