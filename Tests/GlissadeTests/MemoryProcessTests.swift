import Foundation
import GlissadeSystem
import GlissadeTesting
import Testing

/// Budgets before the program itself: what it says, what it takes of the machine, and what it leaves.
@Suite struct MemoryProcessTests {
  /// What a process may take beside its budget: its program, its libraries and their buffers.
  private static func allowed(_ budget: Int) -> Int { budget * 11 / 10 + 64 << 20 }

  @Test(arguments: ["much", "12XB", "0", "-1", "1e400", "9999999999GiB"])
  func whatIsNoCountOfBytesIsRefused(text: String) throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    for verb in ["run", "plan"] {
      let outcome = try glissade(verb, "digits.yaml", "--memory=\(text)")
      #expect(outcome.code == 64)
      #expect(outcome.errors.contains("--memory expects bytes such as 512MiB, found '\(text)'"))
      #expect(!glissade.directory.exists("runs"))
    }
  }

  @Test func aPlaceForWhatNobodyPutsAwayIsRefused() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    let outcome = try glissade("run", "digits.yaml", "--spill-dir", "scratch")
    #expect(outcome.code == 64)
    #expect(outcome.errors.contains("--spill-dir has no effect without --memory"))
  }

  @Test func theSmallestBudgetWorksAndOneByteLessDoesNot() throws {
    let tool = try BoundedTool()
    let report = try tool.isSame(try tool.start().wait(), "\(tool.smallest) bytes")
    #expect(try #require(report["read_back_bytes"] as? Int) > 0)
    #expect(tool.left == [])
    for memory in [tool.smallest - 1, 1] {
      for verb in ["run", "plan"] {
        let outcome = try tool.glissade(
          verb, "clothes.yaml", "--threads", "2", "--memory", "\(memory)")
        #expect(outcome.code == 65)
        // The line of the node, the task, its bytes and what would do.
        #expect(outcome.errors.hasPrefix("clothes.yaml:"), "\(outcome.errors)")
        #expect(outcome.errors.contains("a memory of \(memory) bytes "), "\(outcome.errors)")
        #expect(outcome.errors.contains("task '"))
        #expect(outcome.errors.contains(" at once, and "))
        #expect(outcome.errors.contains("the smallest that works is \(tool.smallest) bytes"))
      }
    }
    let one = try tool.glissade(
      "run", "clothes.yaml", "--threads", "1", "--memory", "\(tool.smallest)", "--format", "json")
    try tool.isSame(one, "one thread")
  }

  /// A graph whose values are small, so that its buffers are most of what it needs.
  @Test func digitsKeepToTheirSmallestBudget() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits(until: "epochs: 1")
    let plan = try object(
      try glissade("plan", "digits.yaml", "--usual-rates", "--format", "json").output)
    let smallest = try #require(plan["smallest_memory"] as? Int)
    let free = try object(try glissade("run", "digits.yaml", "--format", "json").output)
    let bounded = try glissade(
      "run", "digits.yaml", "--memory", "\(smallest)", "--format", "json")
    let report = try object(bounded.output)
    #expect(report["weights_sha256"] as? String == free["weights_sha256"] as? String)
    #expect(report["budget_bytes"] as? Int == smallest)
    #expect(try #require(report["peak_bytes"] as? Int) <= smallest)
    #expect(
      try glissade("run", "digits.yaml", "--memory", "\(smallest - 1)").code == 65)
  }

  /// 200 MB of rows in some places: without a budget the process takes far more than it may with one.
  private static func bulk(count: Int) -> String {
    """
    glissade: 1
    name: bulk
    seed: 7
    nodes:
      rows: { op: shard, source: features.npy, labels: labels.npy, count: \(count) }
      weights: { op: parameters, model: softmax }
      grad: { op: gradient, at: weights, data: rows, loss: cross-entropy }
      mean: { op: reduce, of: grad, over: rows, by: mean }
      step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.1 } }
    run: { until: { steps: 2 } }
    outputs: { weights: w.safetensors }
    """
  }
  private static let bulkBudget = 24 << 20

  private static func bulkTool(count: Int) throws -> CommandLineTool {
    let glissade = try CommandLineTool()
    try glissade.write(bulk(count: count), "bulk.yaml")
    try NumbersOnDisk.write(
      rows: 1000, features: 256, classes: 4, times: 200, to: glissade.directory.path)
    return glissade
  }

  private static let bulkArguments = [
    "run", "bulk.yaml", "--threads", "2", "--quiet", "--format", "json",
  ]
  private static let boundedArguments = bulkArguments + ["--memory", "\(bulkBudget)"]

  private static func hash(_ outcome: CommandLineTool.Outcome) throws -> String {
    try #require(outcome.code == 0, "\(outcome.errors)")
    return try #require(try object(outcome.output)["weights_sha256"] as? String)
  }

  /// The kernel kills what passes the bound: a run that ends has kept to it, whatever it says of itself.
  @Test(
    .enabled(if: MemoryGroup.isAvailable, MemoryGroup.reason), .disabled(if: isSanitized),
    arguments: [64, 1])
  func theKernelFindsTheBudgetKept(count: Int) throws {
    let glissade = try Self.bulkTool(count: count)
    func outcome(_ arguments: [String]) throws -> CommandLineTool.Outcome {
      let group = try MemoryGroup(byteCount: Self.allowed(Self.bulkBudget))
      let outcome = try group.start(glissade, arguments).wait()
      #expect(
        group.peakBytes >= (count == 1 ? 1 << 20 : Self.bulkBudget / 2), "it was not in the group")
      return outcome
    }
    // Without a budget it passes the bound.
    #expect(try outcome(Self.bulkArguments).code != 0)
    let free = try Self.hash(try glissade.start(Self.bulkArguments).wait())
    #expect(try Self.hash(try outcome(Self.boundedArguments)) == free)
  }

  /// As `theKernelFindsTheBudgetKept`, with the pages of the program and its libraries, and without the page cache.
  @Test(.disabled(if: isSanitized), arguments: [64, 1])
  func theResidentSizeKeepsToTheBudget(count: Int) throws {
    let glissade = try Self.bulkTool(count: count)
    func run(_ arguments: [String]) throws -> (hash: String, peak: Int) {
      let running = try glissade.start(arguments)
      let peak = running.watchedPeakBytes()
      return (try Self.hash(running.wait()), peak)
    }
    let free = try run(Self.bulkArguments)
    let bounded = try run(Self.boundedArguments)
    #expect(bounded.hash == free.hash)
    #expect(free.peak > 2 * Self.allowed(Self.bulkBudget))
    #expect(bounded.peak > 0 && bounded.peak <= Self.allowed(Self.bulkBudget))
  }

  /// What keeps a spill directory from being made is said before anything runs.
  @Test(arguments: ["file", "file/below", "/proc/nowhere"])
  func aPlaceThatCannotTakeFilesIsSaidAtOnce(place: String) throws {
    let tool = try BoundedTool()
    try tool.glissade.write("", "file")
    let outcome = try tool.glissade(
      "run", "clothes.yaml", "--threads", "2", "--memory", "\(tool.smallest)", "--spill-dir", place)
    #expect(outcome.code == 73)
    #expect(
      outcome.errors.hasPrefix("error: the spill directory '\(place)' cannot be used: "),
      "\(outcome.errors)")
    #expect(outcome.output == "")
  }

  /// A run with a budget tells its story as any other does.
  @Test func itsRecordCanBeLookedInto() throws {
    let tool = try BoundedTool()
    try tool.isSame(try tool.start().wait(), "run")
    let story = try tool.glissade("explain", "runs/clothes", "step", "--step", "2")
    #expect(story.code == 0)
    #expect(story.output.contains("ran "), "\(story.output)")
    let trace = try tool.glissade("trace", "runs/clothes", "--out", "trace.json")
    #expect(trace.code == 0)
    #expect(try object(tool.glissade.directory.text("trace.json"))["traceEvents"] != nil)
    let after = try tool.glissade("plan", "clothes.yaml", "--after", "runs/clothes")
    #expect(after.code == 0)
    #expect(after.output.contains("the run took"), "\(after.output)")
  }
}
