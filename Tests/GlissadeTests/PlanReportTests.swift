import Glissade
import GlissadeGraph
import GlissadeRuntime
import GlissadeTensor
import Testing

/// What `plan` says.
@Suite struct PlanReportTests {
  private func report(_ text: String, threads: Int = 2, window: Int = 4) throws -> PlanReport {
    PlanReport(try Plan(expanding: graph(text)), threads: threads, windowDepth: window)
  }

  @Test func countsStepsTasksAndNodes() throws {
    let found = try report(digits(until: "epochs: 3"))
    #expect(found.steps == 69)
    #expect(found.epochSteps == 23)
    let plan = try Plan(expanding: graph(digits(until: "epochs: 3")))
    let due = (0..<69).reduce(0) { sum, step in
      sum
        + (0..<plan.step.table.taskCount).filter { plan.step.table.isDue($0, step: step, of: 69) }
        .count
    }
    #expect(found.tasksOfRun == plan.prologue.table.taskCount + due)
    #expect(found.nodes.first { $0.name == "score" }?.clock == "every 23 steps")
    #expect(found.nodes.first { $0.name == "train" }?.clock == "once")
    #expect(found.nodes.first { $0.name == "weights" }?.clock == "state")
    #expect(found.text.contains("3 epochs"))
  }

  /// The tasks that a run counts are those that the plan promised, and its peak stays under the bound.
  @Test(arguments: [1, 2, 5])
  func theRunKeepsWhatThePlanPromised(window: Int) throws {
    let text = digits(until: "epochs: 2")
    let promised = try report(text, threads: 2, window: window)
    let result = try run(graph(text), threads: 2, window: window)
    #expect(result.tasks == promised.tasksOfRun)
    #expect(result.memory.peakBytes <= (try #require(promised.peak)).bytes)
  }

  /// 64 rows over one place are 64, over four 16 each, of which the fullest has a few more.
  @Test func balanceIsThatOfTheDraw() throws {
    let one = try report(digits(shards: 1)).balance
    #expect(one.count == 1)
    #expect(one[0].rows == [64])
    #expect(abs(one[0].fullest - 64) < 1e-9 && one[0].loss < 1e-9)
    let four = try report(digits(shards: 4)).balance[0]
    #expect(four.places == ["train=0", "train=1", "train=2", "train=3"])
    #expect(abs(four.rows.reduce(0, +) - 64) < 1e-9)
    // By simulation of 10⁶ draws: 19.5.
    #expect(abs(four.fullest - 19.5) < 0.3, "\(four.fullest)")
    #expect(abs(four.loss - (1 - 16 / four.fullest)) < 1e-9)
    let full = try report(digits(shards: 3, batch: "")).balance[0]
    #expect(full.rows == [479, 479, 479])
    #expect(full.loss < 1e-9)
    let own = try report(digits(shards: 4, batch: "size: 16, per: place")).balance[0]
    #expect(own.rows == [16, 16, 16, 16] && own.loss == 0)
  }

  /// Rows that a gradient reads without a batch, and the batches of a body.
  @Test func balanceOfShardsAndOfBodies() throws {
    let whole = digits(shards: 5, until: "steps: 2")
      .split(separator: "\n").filter { !$0.hasPrefix("  batch:") }
      .joined(separator: "\n").replacing("data: batch", with: "data: seen")
      .replacing("epochs: 1", with: "steps: 1")
    let found = try report(whole)
    #expect(found.balance.map(\.node) == ["seen"])
    #expect(found.balance.first?.rows == [287, 287, 288, 287, 288])
    #expect(found.balance.first?.fullest == 288)
    #expect(abs((found.balance.first?.loss ?? 0) - (1 - 287.4 / 288)) < 1e-9)
    #expect(found.text.contains("287.0 to 288.0 of 'seen' a step"))
    let federated = try goldenFile("b-federated").resolved()
    let plan = try Plan(expanding: federated)
    let inner = PlanReport(plan, threads: 2, windowDepth: 4).balance
    #expect(inner.map(\.node) == ["local.batch"])
    // Five epochs of the 60 rows of each client that was chosen.
    #expect(inner.first?.rows == [Double](repeating: 300, count: 10))
  }

  @Test func moreThreadsThanPlacesHelpNothing() throws {
    let narrow = try report(digits(shards: 1), threads: 1)
    let wide = try report(digits(shards: 8), threads: 64)
    #expect(wide.widest == (places: 8, axes: "train[8]"))
    #expect(wide.usefulThreads > narrow.usefulThreads)
    #expect(wide.usefulThreads <= 8)
    #expect(wide.criticalPath.prefix(2) == ["batch", "grad"])
    #expect(try report(digits(shards: 8), threads: 1).seconds > wide.seconds)
  }

  @Test func aDeeperWindowHoldsMore() throws {
    let one = try #require(try report(digits(batch: "size: 1024"), window: 1).peak)
    let eight = try #require(try report(digits(batch: "size: 1024"), window: 8).peak)
    #expect(one < eight)
  }

  /// What the steps read of the files is held until the last of them.
  @Test func rowsAreKeptForTheSteps() throws {
    let found = try report(digits())
    let read = found.nodes.filter { ["train", "test"].contains($0.name) }
      .reduce(0) { $0 + $1.bytes.bytes }
    #expect(read > 1437 * 64)
    #expect(found.bytesKept.bytes >= read - 1_000)
  }

  @Test func whatIsNotNeededDoesNotRun() throws {
    let found = try report(
      digits(extra: "  spare: { op: reduce, of: grad, over: train, by: norm }"))
    let spare = try #require(found.nodes.first { $0.name == "spare" })
    #expect(spare.isCulled && spare.tasks == 0)
    #expect(found.text.contains("never: not needed"))
  }

  @Test func theFieldsAreThoseOfTheText() throws {
    let found = try report(digits())
    let fields = found.fields
    #expect(fields["tasks_per_step"]?.integer == found.tasksPerStep)
    #expect(fields["peak_bytes"]?.integer == found.peak?.bytes)
    #expect(fields["nodes"]?.list?.count == found.nodes.count)
    #expect(fields["balance"]?.list?.first?["rows"]?.list?.count == 4)
    #expect(fields["critical_path"]?.list?.compactMap(\.text) == found.criticalPath)
  }

  @Test func aGraphWithoutStepsIsReportedToo() throws {
    let found = try report(
      """
      glissade: 1
      name: still
      nodes:
        rows: { op: shard, source: data/digits.csv, label: label, count: 2 }
      """)
    #expect(found.steps == 0 && found.tasksPerStep == 0)
    #expect(found.text.contains("no steps"))
    #expect(!found.text.contains("critical path"))
  }
}
