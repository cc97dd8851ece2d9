import Foundation
import Testing

/// The verbs that look at a run behind it.
struct CommandLineRecordTests {
  private func ran(_ arguments: String...) throws -> CommandLineTool {
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    let outcome = try glissade.start(["run", "digits.yaml", "--quiet"] + arguments).wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    return glissade
  }

  @Test func explainTraceHeatAndPlanReadARunDirectory() throws {
    let glissade = try ran("--run-dir", "there")
    let story = try glissade("explain", "there", "grad[train=2]", "--step", "3")
    #expect(story.code == 0, "\(story.errors)")
    #expect(story.output.hasPrefix("grad[train=2], step 3 (gradient)\n"))
    let fields = try object(
      try glissade("explain", "there", "step", "--format", "json").output)
    #expect((fields["operations"] as? [String])?.contains("update") == true)
    let trace = try object(try glissade("trace", "there").output)
    #expect((trace["traceEvents"] as? [Any])?.isEmpty == false)
    let picture = try glissade("dot", "digits.yaml", "--heat", "there")
    #expect(picture.output.contains(" %") && picture.code == 0)
    let tasks = try glissade("dot", "digits.yaml", "--tasks", "--heat", "there", "--by", "bytes")
    #expect(tasks.output.contains(" %") && tasks.code == 0)
    let plan = try glissade("plan", "digits.yaml", "--usual-rates", "--after", "there")
    #expect(plan.output.contains("  took") && plan.output.contains("  ratio\n"))
    // The directory may have moved, and the caller too.
    let again = try glissade("explain", glissade.directory("there"), "mean")
    #expect(again.code == 0, "\(again.errors)")
  }

  @Test func aTraceIsWrittenBesideTheRun() throws {
    let glissade = try ran("--trace", "t.json", "--record", "20")
    let trace = try object(glissade.directory.text("t.json"))
    let events = try #require(trace["traceEvents"] as? [[String: Any]])
    let runs = events.filter { $0["ph"] as? String == "X" && $0["pid"] as? Int == 1 }
    // At most 32 of each of two threads and tables: 20 is rounded up.
    #expect((1...128).contains(runs.count))
  }

  @Test func wrongDirectoriesAreNamed() throws {
    let glissade = try ran("--record", "0")
    let none = try glissade("explain", "runs/digits", "step")
    #expect(none.code == 66)
    #expect(none.errors.contains("is not the directory of a run"))
    let other = try ran()
    let changed = try other(
      "plan", "digits.yaml", "--set", "seed=99", "--after", "runs/digits")
    #expect(changed.code == 65)
    #expect(changed.errors.contains("of another graph"))
    let unknown = try other("explain", "runs/digits", "grade[train=2]")
    #expect(unknown.code == 64)
    #expect(unknown.errors.contains("no task is named 'grade[train=2]'"))
    let damaged = other.directory("runs/digits/record.safetensors")
    try Data("nothing".utf8).write(to: URL(fileURLWithPath: damaged))
    #expect(try other("trace", "runs/digits").code == 65)
  }

  /// The tasks of other rows would be told of with the times of these.
  @Test(arguments: [
    ["explain", "runs/few", "step"], ["trace", "runs/few"],
    ["plan", "few.yaml", "--usual-rates", "--after", "runs/few"],
    ["dot", "few.yaml", "--heat", "runs/few"],
  ])
  func dataOfOtherShapesAreRefused(arguments: [String]) throws {
    let glissade = try CommandLineTool()
    func write(rows: Int) throws {
      try glissade.write("x,y\n" + (0..<rows).map { "\($0),\($0 % 3).5\n" }.joined(), "few.csv")
    }
    try glissade.write(
      """
      glissade: 1
      name: few
      nodes:
        train: { op: shard, source: few.csv, label: y }
        batch: { op: batch, of: train, size: 4 }
        weights: { op: parameters, model: linear }
        grad: { op: gradient, at: weights, data: batch }
        mean: { op: reduce, of: grad }
        step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.001 } }
      run: { until: { steps: 3 } }
      outputs: { weights: few.safetensors }

      """, "few.yaml")
    try write(rows: 30)
    let run = try glissade("run", "few.yaml", "--quiet")
    #expect(run.code == 0, "\(run.errors)")
    let before = try glissade.start(arguments).wait()
    #expect(before.code == 0, "\(before.errors)")
    try write(rows: 40)
    let after = try glissade.start(arguments).wait()
    #expect(after.code == 65 && after.output.isEmpty, "\(after.errors)")
    #expect(after.errors.contains("the graph's data have other rows or columns since"))
  }

  /// What an earlier run has noted does not stay beside the report of a later one.
  @Test func aRunWithoutARecordLeavesNone() throws {
    let glissade = try ran()
    #expect(glissade.directory.exists("runs/digits/record.safetensors"))
    #expect(try glissade("run", "digits.yaml", "--quiet", "--record", "0").code == 0)
    #expect(!glissade.directory.exists("runs/digits/record.safetensors"))
    #expect(!glissade.directory.exists("runs/digits/graph.json"))
  }

  @Test(arguments: ["record.safetensors", "report.json", "graph.json"])
  func outputsHaveNamesOfTheirOwn(name: String) throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits(output: name)
    let outcome = try glissade("check", "digits.yaml")
    #expect(outcome.code == 65)
    #expect(outcome.errors.contains(name), "\(outcome.errors)")
  }

  @Test(arguments: [
    ["run", "digits.yaml", "--trace", "t.json", "--record", "0"],
    ["run", "digits.yaml", "--record", "-1"], ["dot", "digits.yaml", "--by", "bytes"],
    ["bench", "granularity", "--threads", "0"], ["bench", "tasks", "--shape", "nonsense"],
    ["bench", "tasks", "--threads", "1,x"],
  ])
  func wrongUsage(arguments: [String]) throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    #expect(try glissade.start(arguments).wait().code == 64)
  }
}
