import GlissadeGraph
import GlissadeRuntime
import GlissadeTensor
import Testing

/// What `show` sees inside a graph.
@Suite struct NodeViewTests {
  private let text = digits(until: "epochs: 2")

  private func view(_ node: String, place: String? = nil, step: Int = 1) throws -> NodeView {
    try NodeView.compute(
      node, place: place, step: step, of: graph(text), options: RunOptions(threads: 2))
  }

  private func message(_ node: String, place: String? = nil, step: Int = 1) -> String {
    let error = #expect(throws: RunError.self) { try view(node, place: place, step: step) }
    return error?.description ?? ""
  }

  /// At step n the parameters are those of a run that ends after n steps, whatever the schedule of the whole run.
  @Test(arguments: [1, 7, 23, 46])
  func aStateIsThatOfARunOfAsManySteps(step: Int) throws {
    let shown = try view("weights", step: step)
    #expect(shown.step == step)
    let short = try graph(digits(until: "steps: \(step)"))
    #expect(
      try #require(shown.tensor()).tensor.elements(of: Float.self)
        == Array(weights("weights", of: run(short), short).prefix(650)))
  }

  @Test func stepZeroIsTheInitialVersion() throws {
    let shown = try view("weights", step: 0)
    #expect(shown.step == 0)
    #expect(shown.tensors.map(\.statistics.zeros) == [640, 10])
    let state = try view("step.state", step: 0)
    #expect(state.tensors.allSatisfy { $0.statistics.greatest == 0 })
  }

  /// The gradients of all places are summed by the reduce: rows and sums add up.
  @Test func placesAreParts() throws {
    let parts = try (0..<4).map { try view("grad", place: "train=\($0)", step: 3) }
    let mean = try view("mean", step: 3)
    #expect(parts.map(\.place) == (0..<4).map { "train=\($0)" })
    #expect(parts.reduce(0) { $0 + $1.rows } == 64)
    #expect(mean.rows == 64)
    let sums = parts.map { $0.tensors[0].tensor.elements(of: Float.self) }
    let total = mean.tensors[0].tensor.elements(of: Float.self)
    for element in stride(from: 0, to: total.count, by: 31) {
      let sum = sums.reduce(0.0) { $0 + Double($1[element]) }
      #expect(abs(sum / 64 - Double(total[element])) < 1e-5)
    }
  }

  /// The model's own tensors under the names of its file, without what lies between them in memory.
  @Test func parametersAndWhatIsFlatAsTheyAreComeAsTheTensorsOfTheModel() throws {
    let names = ["dense.0.weight", "dense.0.bias"]
    let shapes = [Shape(10, 64), Shape(10)]
    let shown = try view("weights", step: 5)
    #expect(shown.tensors.map(\.name) == names)
    #expect(shown.tensors.map(\.tensor.shape) == shapes)
    #expect(shown.tensors.map(\.statistics.count) == [640, 10])
    #expect(shown.text.contains("\n  dense.0.weight  float32 [10, 64]\n"))
    let gradient = try view("grad", place: "train=1", step: 5)
    #expect(gradient.tensors.map(\.name) == names.map { "sum." + $0 } + ["loss"])
    #expect(gradient.tensors.map(\.tensor.shape) == shapes + [Shape(2)])
    let state = try view("step.state", step: 5)
    #expect(state.tensors.map(\.name) == names.map { "momentum." + $0 } + ["count"])
    #expect(state.tensors.map(\.tensor.shape) == shapes + [Shape(1)])
  }

  @Test func aTensorIsFoundByItsNameOrItsRecords() throws {
    let shown = try view("grad", step: 5)
    let parts = shown.tensors.map { $0.tensor }
    #expect(try #require(shown.tensor(named: "sum.dense.0.bias")).tensor.hasSameBits(as: parts[1]))
    #expect(try #require(shown.tensor(named: "loss")).tensor.hasSameBits(as: parts[2]))
    let flat = try #require(shown.tensor(named: "sum")).tensor
    #expect(flat.shape == Shape(650))
    #expect(
      flat.elements(of: Float.self)
        == parts[0].elements(of: Float.self) + parts[1].elements(of: Float.self))
    #expect(shown.tensor()?.name == "sum")
    #expect(shown.tensor(named: "dense.0.bias") == nil)
  }

  /// A block has a range of the buffer: tensors that lie in it whole, and parts of others.
  @Test func blocksShowTheirPartsOfTensors() throws {
    let whole = try view("weights", step: 3)
    let blocks = try graph(
      text.replacing("model: softmax", with: "model: softmax, axes: { block: 3 }"))
    let views = try (0..<3).map {
      try NodeView.compute("weights", place: "block=\($0)", step: 3, of: blocks)
    }
    #expect(
      views.map { $0.tensors.map(\.name) } == [
        ["dense.0.weight[0:208]"], ["dense.0.weight[208:432]"],
        ["dense.0.weight[432:640]", "dense.0.bias"],
      ])
    #expect(
      views.flatMap { $0.tensors.flatMap { $0.tensor.elements(of: Float.self) } }
        == whole.tensors.flatMap { $0.tensor.elements(of: Float.self) })
  }

  /// Fused or culled in a run, shown all the same.
  @Test func aNodeThatARunFusesIsShown() throws {
    let found = try graph(text)
    let mean = try #require(found.port("mean"))
    #expect(try Plan(expanding: found).address(of: mean, place: 0) == nil)
    #expect(try view("mean").kind == .gradient)
  }

  @Test func whatIsComputedOnceHasNoStep() throws {
    let rows = try view("train", place: "2", step: 9)
    #expect(rows.step == 0)
    #expect(rows.rows == 359)
    #expect(rows.tensors[0].tensor.shape == Shape(359, 64))
    #expect(rows.text.hasPrefix("train[train=2], before step 1: 359 rows\n"))
  }

  @Test func whatRunsNowAndThenShowsWhatItHolds() throws {
    let shown = try view("score.accuracy", step: 30)
    #expect(shown.step == 23)
    #expect(
      try view("score.accuracy", step: 23).tensors[0].tensor.hasSameBits(
        as: shown.tensors[0].tensor))
    #expect(
      message("score", step: 22) == "'score' runs every 23 steps, and has no value at step 22")
  }

  @Test func errorsSayWhatThereIs() {
    #expect(message("weigts") == "no node is named 'weigts' (did you mean 'weights'?)")
    #expect(
      message("grad.los")
        == "node 'grad' has no port 'los'; its ports are value, loss (did you mean 'loss'?)")
    #expect(message("grad", place: "train=4") == "axis 'train' has no place '4'; it has 0 to 3")
    #expect(
      message("grad", place: "tain=1")
        == "'tain=1' is no place of 'grad', whose axes are [train[4]]; a place is written train=0")
    #expect(message("weights", place: "0") == "'weights' is single and has no places")
    #expect(message("weights", step: 47) == "step 47 is not one of the run's: 0 to 46")
    #expect(message("weights", step: -1) == "step -1 is not one of the run's: 0 to 46")
    #expect(
      message("grad", step: 0) == "'grad' is computed in steps, and has no value before step 1")
  }

  @Test func aRunThatStopsEarlierSaysSo() throws {
    let graph = try graph(
      digits(until: "epochs: 9", run: ", stop: { when: score.accuracy, reaches: 0.1 }"))
    let error = #expect(throws: RunError.self) {
      try NodeView.compute("weights", step: 60, of: graph)
    }
    #expect(error?.description == "the run ends after step 23, before step 60")
  }

  @Test func fieldsAreThoseOfTheText() throws {
    let shown = try view("grad", place: "train=1")
    let fields = shown.fields
    #expect(fields["place"]?.text == "train=1")
    #expect(fields["rows"]?.integer == shown.rows)
    let first = fields["tensors"]?.list?.first
    #expect(
      first?["shape"]?.list?.compactMap(\.integer) == shown.tensors[0].tensor.shape.dimensions)
    #expect(first?["first"]?.list?.count == 8)
    #expect(shown.text.contains("least ") && shown.text.contains(", …"))
  }

  // MARK: Statistics

  @Test func statisticsLeaveOutWhatIsNotFinite() {
    let found = TensorStatistics(Tensor([Float(1), .nan, 3, 0, .infinity, -.infinity]))
    #expect(found.count == 6 && found.nonFinite == 3 && found.zeros == 1)
    #expect(found.least == 0 && found.greatest == 3)
    #expect(abs((found.mean ?? 0) - 4.0 / 3) < 1e-12)
    #expect(abs((found.deviation ?? 0) - (14.0 / 9).squareRoot()) < 1e-12)
  }

  @Test func aSmallSpreadAroundALargeMeanIsSeen() {
    let found = TensorStatistics(Tensor([1e9, 1e9 + 1, 1e9 + 2]))
    #expect(abs((found.deviation ?? 0) - (2.0 / 3).squareRoot()) < 1e-9)
  }

  @Test func nothingHasNoStatistics() {
    let none = TensorStatistics(Tensor([Float]()))
    #expect(none.count == 0 && none.mean == nil && none.least == nil)
    let poor = TensorStatistics(Tensor([Double.nan]))
    #expect(poor.nonFinite == 1 && poor.mean == nil)
    let whole = TensorStatistics(Tensor([Int32(-2), 2]))
    #expect(whole.mean == 0 && whole.deviation == 2)
  }
}
