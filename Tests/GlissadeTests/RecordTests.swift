import Foundation
import GlissadeData
import GlissadeGraph
import GlissadeRuntime
import GlissadeSystem
import Testing

/// What a run notes of its tasks, for both ways to decide.
struct RecordTests {
  private func recorded(
    _ text: String = digits(until: "epochs: 2"), decides: Decision = .automatic,
    capacity: Int = 65_536, threads: Int = 2
  ) throws -> (plan: Plan, record: RunRecord, result: RunResult) {
    let plan = try Plan(expanding: graph(text))
    var options = RunOptions(threads: threads)
    options.recording = capacity
    options.decides = decides
    let result = try Engine(plan, options: options).run()
    return (plan, try #require(result.record), result)
  }

  /// Every task that ran is there once for each run, no worker runs two at once, and nothing begins before what it reads.
  @Test(arguments: Decision.allCases)
  func everyRunIsNotedInItsPlace(decides: Decision) throws {
    let (plan, record, result) = try recorded(decides: decides)
    #expect(record.once.events.count + record.steps.events.count == result.tasks)
    #expect(record.once.runs.reduce(0, +) + record.steps.runs.reduce(0, +) == result.tasks)
    #expect(record.steps.dropped == 0)
    var ends: [Int: [Int: Int]] = [:]
    for event in record.steps.events { ends[event.step, default: [:]][event.task] = event.end }
    for worker in 0..<record.threads {
      let own = record.steps.events.filter { $0.worker == worker }
      #expect(zip(own, own.dropFirst()).allSatisfy { $0.end <= $1.start })
    }
    let table = plan.step.table
    for event in record.steps.events {
      for use in table.uses(of: event.task) where use.time == .step {
        let source = event.step - Int(use.lag)
        guard source >= 0 else { continue }
        let end = try #require(ends[source]?[Int(table.producer[Int(use.value)])])
        #expect(end <= event.start)
      }
    }
    for task in 0..<table.taskCount {
      let own = record.steps.events.filter { $0.task == task }
      #expect(own.reduce(0) { $0 + $1.end - $1.start } == record.steps.nanoseconds[task])
    }
  }

  /// The newest are kept, and the sums of all.
  @Test func oldRunsAreDroppedAndCounted() throws {
    let (_, record, result) = try recorded(capacity: 16, threads: 1)
    #expect(record.steps.events.count == 16)
    #expect(record.steps.dropped == record.steps.runs.reduce(0, +) - 16)
    #expect(record.steps.events.map(\.step).max() == result.steps - 1)
  }

  @Test func nothingIsNotedUnlessAsked() throws {
    #expect(try run(graph(digits(until: "steps: 2"))).record == nil)
  }

  @Test func aFileReadsBackEqual() throws {
    let directory = try TestDirectory()
    var record = try recorded().record
    record.steps.waits = [TaskWait(task: 1, step: 4, memory: 5, disk: 0)]
    let path = directory("record.safetensors")
    try RecordFile(
      record, graphSHA256: "abc", shapesSHA256: "def", baseDirectory: "/there"
    ).write(to: path, files: LocalFileSystem())
    let again = try RecordFile(reading: path, files: LocalFileSystem())
    #expect(again.record == record)
    #expect(again.graphSHA256 == "abc" && again.shapesSHA256 == "def")
    #expect(again.baseDirectory == "/there")
  }

  /// Numbers that no run can have are refused before anything counts on them.
  @Test func aRecordOfNoRunIsRefused() throws {
    let directory = try TestDirectory()
    let path = directory("record.safetensors")
    let files = LocalFileSystem()
    func written(_ event: TaskEvent? = nil, _ wait: TaskWait? = nil) throws {
      var table = TableRecord(taskCount: 2)
      table.events = event.map { [$0] } ?? []
      table.waits = wait.map { [$0] } ?? []
      let record = RunRecord(once: table, steps: table, threads: 2)
      try RecordFile(record, graphSHA256: "", shapesSHA256: "", baseDirectory: "").write(
        to: path, files: files)
      _ = try RecordFile(reading: path, files: files)
    }
    try written(TaskEvent(task: 1, step: 0, worker: 1, start: 3, end: 3))
    for event in [
      TaskEvent(task: 2, step: 0, worker: 1, start: 3, end: 4),
      TaskEvent(task: -1, step: 0, worker: 1, start: 3, end: 4),
      TaskEvent(task: 1, step: 0, worker: 2, start: 3, end: 4),
      TaskEvent(task: 1, step: -1, worker: 1, start: 3, end: 4),
      TaskEvent(task: 1, step: 0, worker: 1, start: 5, end: 4),
    ] {
      #expect(throws: DataError.self) { try written(event) }
    }
    try written(nil, TaskWait(task: 1, step: 0, memory: 1, disk: 0))
    for wait in [
      TaskWait(task: 2, step: 0, memory: 1, disk: 0),
      TaskWait(task: 1, step: -1, memory: 1, disk: 0),
      TaskWait(task: 1, step: 0, memory: -1, disk: 0),
      TaskWait(task: 1, step: 0, memory: 0, disk: -1),
    ] {
      #expect(throws: DataError.self) { try written(nil, wait) }
    }
    try SafeTensors.write(path, [], files: files)
    let error = #expect(throws: DataError.self) { try RecordFile(reading: path, files: files) }
    #expect(error?.description.contains("no record of a run") == true)
  }

  // MARK: Stories

  /// The update of a step waits for the sum of its gradients, and is read by the gradients of the next.
  @Test func aStoryNamesWhatWasWaitedFor() throws {
    let (plan, record, _) = try recorded()
    let story = try RunStory(of: "step", step: 7, plan: plan, record: record)
    let waited = story.waitedFor.map(\.name)
    #expect(waited.contains { $0.contains("grad[") && $0.hasSuffix(", step 7") })
    #expect(waited.contains { $0.contains("step") && $0.hasSuffix(", step 6") })
    #expect(story.readBy.contains { $0.name.contains("grad[") && $0.name.hasSuffix(", step 8") })
    let begin = try #require(story.moment.event).start
    #expect(story.waitedFor.compactMap(\.event).allSatisfy { $0.end <= begin })
    for line in ["ran", "waited for", "why then", "why here", "order", "read by", "let go"] {
      #expect(story.text.contains("\n\(line)  ") || story.text.contains("\n\(line) "), "\(line)")
    }
    #expect(story.average?.runs == 46)
  }

  /// What is computed before the first step is named where it is read, and names who reads it.
  @Test func aStoryOfWhatIsComputedOnceNamesItsReaders() throws {
    let (plan, record, _) = try recorded()
    func story(_ task: String, _ step: Int? = nil) throws -> RunStory {
      try RunStory(of: task, step: step, plan: plan, record: record)
    }
    let before = ", before the first step"
    for task in 0..<plan.prologue.table.taskCount {
      let outputs = plan.prologue.table.outputs(of: task)
      let states = plan.initials.filter { outputs.contains($0.prologue) }.map(\.step)
      let wanted = (0..<plan.step.table.taskCount).filter { reader in
        plan.step.table.uses(of: reader).contains { use in
          use.time == .once
            ? outputs.contains(Int(use.value))
            : use.time == .step && use.floor < 0 && use.lag > 0 && states.contains(Int(use.value))
        }
      }
      let own = try story(plan.name(of: task, in: plan.prologue))
      let readers = Set(own.readBy.filter { !$0.name.hasSuffix(before) }.map(\.name))
      let names = wanted.map { plan.name(of: $0, in: plan.step) }
      #expect(Set(names) == Set(readers.map { String($0.prefix { $0 != "," }) }), "\(own.text)")
      #expect(readers.count == names.count, "\(own.text)")
      #expect(own.text.contains("nobody") == own.readBy.isEmpty)
      #expect(!own.waitedFor.contains { !$0.name.hasSuffix(before) })
    }
    let initial = try story("weights.initial")
    #expect(initial.readBy.contains { $0.name == "grad[train=2], step 1" && $0.event != nil })
    #expect(!initial.isReadToTheEnd)
    #expect(initial.text.contains("waited for  nothing: the run began\n"))
    #expect(!initial.text.contains("its step"))
    let rows = try story("unseen[test=1]")
    #expect(rows.readBy.map(\.name) == ["score.part[test=1], every 23 steps"])
    #expect(rows.text.contains("\nlet go      at the end of the run\n"))
    let first = try story("step", 1)
    #expect(first.waitedFor.map(\.name) == (0..<4).map { "grad[train=\($0)], step 1" })
    #expect(
      first.onceInputs.map(\.name) == ["weights.initial", "step.zero"].map { $0 + before })
    #expect(first.text.contains("\nread        weights.initial" + before + ", ended at "))
    #expect(try story("step", 2).onceInputs.isEmpty)
  }

  @Test func aStoryOfWhatIsNotThereSaysWhatIs() throws {
    let (plan, record, _) = try recorded(capacity: 16, threads: 1)
    func message(_ task: String, _ step: Int?) -> String {
      let error = #expect(throws: RunError.self) {
        try RunStory(of: task, step: step, plan: plan, record: record)
      }
      return error?.description ?? ""
    }
    #expect(message("grad[train=9]", nil).contains("the tasks of 'grad' are grad[train=0]"))
    #expect(message("nothing", nil).contains("no task is named 'nothing'"))
    #expect(message("step", 1).contains("it holds steps"))
    #expect(message("step", 1).contains("larger --record"))
    #expect(message("step", 99).contains("1 to 46"))
  }

  // MARK: Traces

  /// The text is JSON; on each lane of each process no two runs overlap, and both processes show all runs.
  @Test func aTraceShowsEachRunByThreadAndByNode() throws {
    let (plan, record, result) = try recorded()
    let text = ChromeTrace.json(of: record, plan: plan)
    let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    let events = try #require(parsed?["traceEvents"] as? [[String: Any]])
    var lanes: [String: [(start: Double, end: Double)]] = [:]
    for event in events where event["ph"] as? String == "X" {
      let process = try #require(event["pid"] as? Int)
      let thread = try #require(event["tid"] as? Int)
      let start = try #require(event["ts"] as? Double)
      let length = try #require(event["dur"] as? Double)
      lanes["\(process) \(thread)", default: []].append((start, start + length))
    }
    for (_, runs) in lanes {
      let sorted = runs.sorted { $0.start < $1.start }
      #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $0.end <= $1.start + 0.002 })
    }
    for process in ["1 ", "2 "] {
      let shown = lanes.filter { $0.key.hasPrefix(process) }.reduce(0) { $0 + $1.value.count }
      #expect(shown == result.tasks)
    }
    let names = events.compactMap { ($0["args"] as? [String: Any])?["name"] as? String }
    #expect(names.contains("thread 1") && names.contains("grad"))
  }

  // MARK: Estimates

  /// What a plan says beside a run is the mean of its tasks.
  @Test func aPlanStandsBesideARun() throws {
    let (plan, record, _) = try recorded()
    let report = PlanReport(plan, threads: 2, windowDepth: 4, after: record)
    let node = try #require(report.nodes.first { $0.name == "grad" })
    let expected = (0..<plan.step.table.taskCount).reduce(0.0) { sum, task in
      plan.name(of: task, in: plan.step).hasPrefix("grad[")
        ? sum + Double(record.steps.nanoseconds[task]) / Double(record.steps.runs[task]) * 1e-9
        : sum
    }
    #expect(abs(try #require(node.realSeconds) - expected) < 1e-9)
    #expect(report.text.contains("  took") && report.text.contains("  ratio\n"))
    #expect(report.text.contains("; the run took"))
    #expect(PlanReport(plan, threads: 2, windowDepth: 4).realSeconds == nil)
  }

  /// A core that is twice as fast halves what depends on it.
  @Test func estimatesFollowTheRates() throws {
    let plan = try Plan(expanding: graph(digits(until: "epochs: 2")))
    func seconds(_ factor: Double) -> Double {
      PlanReport(
        plan, threads: 1, windowDepth: 1,
        rates: CostRates(
          flopsPerSecond: 1e6 * factor, bytesPerSecond: 1e6 * factor, secondsPerTask: 0)
      ).secondsPerStep
    }
    #expect(abs(seconds(1) / seconds(2) - 2) < 1e-3)
  }

  /// Each node has its share, and the shares make a whole.
  @Test func heatIsSharedOutAmongNodes() throws {
    let (plan, record, _) = try recorded()
    for heat in [record.timeHeat(), record.bytesHeat(of: plan)] {
      for picture in [
        DOT.graph(of: plan, heat: heat), DOT.tasks(plan, heat: heat),
        DOT.optimized(plan, heat: heat),
      ] {
        let shares = picture.split(separator: "·").dropFirst().compactMap { part in
          part.dropFirst().split(separator: " ").first.flatMap { Int($0) }
        }
        #expect(shares.contains { $0 > 0 })
        #expect(picture.contains(" %"))
      }
    }
    let byNode = DOT.graph(of: plan, heat: record.timeHeat())
    #expect(byNode == DOT.graph(of: plan, heat: record.timeHeat()))
  }
}
