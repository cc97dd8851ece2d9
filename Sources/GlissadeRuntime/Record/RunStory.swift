public import GlissadeGraph
import GlissadeSchedule

/// The story of one task of a run: why here, why then, what it waited for. Told from the record of the run and the plan.
///
/// - Complexity: O(tasks + events) to read a record, O(uses + events) a story.
public struct RunStory: Sendable {
  /// A task that the story is about, or one beside it.
  public struct Moment: Sendable {
    /// What it is: `grad[train=2], step 17`.
    public let name: String
    /// When and where it ran; nil where the record does not hold it.
    public let event: TaskEvent?
  }

  /// The task.
  public let moment: Moment
  /// What its value is for: the operations of its members.
  public let operations: [String]
  /// How long it runs on average, in nanoseconds, and how often it ran.
  public let average: (nanoseconds: Double, runs: Int)?
  /// What it read, in the order of its inputs, each once: what is computed once has no name here.
  public let waitedFor: [Moment]
  /// How many of its inputs are computed once.
  public let onceInputs: Int
  /// How long it waited for memory and for the disk while a worker stood idle, in nanoseconds.
  public let idle: (memory: Int, disk: Int)
  /// What its worker did before.
  public let before: Moment?
  /// What the other workers did when it began.
  public let beside: [Moment]
  /// Who read what it made.
  public let readBy: [Moment]
  /// Its place in the order of the tasks of its step, from 1, and how many there are.
  public let rank: (place: Int, of: Int)

  /// The story of a task.
  ///
  /// - Parameters:
  ///   - task: Its name, as `plan.name(of:in:)` gives it.
  ///   - step: The step, from 1; nil for the first that the record holds, or for what is computed once.
  /// - Throws: `RunError` where there is no such task, or the record does not hold it.
  public init(of task: String, step: Int?, plan: Plan, record: RunRecord) throws(RunError) {
    let index = RunStoryIndex(plan, record)
    let (number, isOnce) = try index.find(task)
    let tasks = isOnce ? plan.prologue : plan.step
    let table = isOnce ? record.once : record.steps
    let event = try index.event(of: number, named: task, step: step, isOnce)
    let at = event.step
    func beside(_ other: Int, _ step: Int) -> Moment {
      Moment(
        name: index.name(of: other, step, isOnce), event: index.event(other, step, isOnce))
    }
    moment = Moment(name: index.name(of: number, at, isOnce), event: event)
    operations = tasks.members(of: number).map { plan.graph.nodes[Int($0.node)].operation.name }
    average =
      table.runs[number] > 0
      ? (Double(table.nanoseconds[number]) / Double(table.runs[number]), table.runs[number]) : nil
    var seen: Set<TaskID> = []
    var waitedFor: [Moment] = []
    var once = 0
    for use in tasks.table.uses(of: number) {
      guard use.time != .once else {
        once += 1
        continue
      }
      let producer = Int(tasks.table.producer[Int(use.value)])
      var source = max(at - Int(use.lag), Int(use.floor))
      if use.time == .held {
        let period = Int(tasks.table.period[producer])
        source = (at - Int(use.lag) + 1) / period * period - 1
      }
      guard source >= 0 else {
        waitedFor.append(
          Moment(name: index.name(of: producer, -1, isOnce), event: nil))
        continue
      }
      if seen.insert(TaskID(step: source, index: producer)).inserted {
        waitedFor.append(beside(producer, source))
      }
    }
    self.waitedFor = waitedFor
    onceInputs = once
    idle = table.waits.reduce(into: (0, 0)) { sum, wait in
      guard wait.task == number, wait.step == at else { return }
      sum.0 += wait.memory
      sum.1 += wait.disk
    }
    let events = table.events
    before = events.last { $0.worker == event.worker && $0.end <= event.start }
      .map { beside($0.task, $0.step) }
    self.beside = events.filter {
      $0.worker != event.worker && $0.start <= event.start && $0.end > event.start
    }.map { beside($0.task, $0.step) }
    readBy = index.readers(of: number, at, isOnce).map { beside($0.task, $0.step) }
    let ranks = Priorities.order(of: tasks.table)
    rank = (Int(ranks[number]) + 1, tasks.table.taskCount)
  }
}

/// Looks things up in a record.
struct RunStoryIndex {
  private let plan: Plan
  private let record: RunRecord
  private var once: [TaskID: TaskEvent] = [:]
  private var steps: [TaskID: TaskEvent] = [:]

  init(_ plan: Plan, _ record: RunRecord) {
    self.plan = plan
    self.record = record
    for event in record.once.events { once[TaskID(step: 0, index: event.task)] = event }
    for event in record.steps.events { steps[TaskID(step: event.step, index: event.task)] = event }
  }

  /// The number of a task by its name, and whether it is computed once.
  func find(_ name: String) throws(RunError) -> (task: Int, isOnce: Bool) {
    var names: [String] = []
    for (tasks, isOnce) in [(plan.step, false), (plan.prologue, true)] {
      for task in 0..<tasks.table.taskCount {
        let own = plan.name(of: task, in: tasks)
        let members = tasks.members(of: task)
        // A chain goes by the name of any of its members.
        if own == name || members.contains(where: { plan.name(of: $0) == name }) {
          return (task, isOnce)
        }
        names.append(own)
      }
    }
    let node = String(name.prefix { !"[.#".contains($0) })
    let alike = names.filter { $0.prefix { !"[.#".contains($0) } == node }
    var text = "no task is named '\(escaped(name, limit: 200))'"
    if let hint = suggestion(for: name, among: alike.isEmpty ? names : alike) {
      text += ": \(hint)"
    }
    if !alike.isEmpty {
      let shown = alike.prefix(8).joined(separator: ", ")
      text += "; the tasks of '\(node)' are \(shown)" + (alike.count > 8 ? ", …" : "")
    }
    throw RunError(text, reason: .request)
  }

  /// A task's name with its step.
  func name(of task: Int, _ step: Int, _ isOnce: Bool) -> String {
    let name = plan.name(of: task, in: isOnce ? plan.prologue : plan.step)
    if isOnce { return name + ", before the first step" }
    return step < 0 ? "the initial version of " + name : name + ", step \(step + 1)"
  }

  /// What the record has of a task in a step.
  func event(_ task: Int, _ step: Int, _ isOnce: Bool) -> TaskEvent? {
    (isOnce ? once : steps)[TaskID(step: max(0, step), index: task)]
  }

  /// The event that the story is about.
  func event(
    of task: Int, named name: String, step: Int?, _ isOnce: Bool
  ) throws(RunError) -> TaskEvent {
    let table = isOnce ? record.once : record.steps
    guard let step, !isOnce else {
      if let first = table.events.first(where: { $0.task == task }) { return first }
      throw missing(name, nil, table)
    }
    guard step >= 1, step <= plan.steps else {
      throw RunError("step \(step) is not one of the run's: 1 to \(plan.steps)", reason: .request)
    }
    if let found = event(task, step - 1, false) { return found }
    throw missing(name, step, table)
  }

  private func missing(_ name: String, _ step: Int?, _ table: TableRecord) -> RunError {
    var text = "the record has no run of '\(name)'" + (step.map { " in step \($0)" } ?? "")
    if let first = table.events.map(\.step).min(), let last = table.events.map(\.step).max() {
      text += "; it holds steps \(first + 1) to \(last + 1)"
    }
    if table.dropped > 0 {
      text += " and dropped \(table.dropped) older runs of tasks: run again with a larger --record"
    }
    return RunError(text, reason: .request)
  }

  /// Who reads what a task makes in a step, and in which step they do.
  func readers(of task: Int, _ step: Int, _ isOnce: Bool) -> [(task: Int, step: Int)] {
    let tasks = isOnce ? plan.prologue : plan.step
    let outputs = tasks.table.outputs(of: task)
    var found: [(task: Int, step: Int)] = []
    for reader in 0..<tasks.table.taskCount {
      for use in tasks.table.uses(of: reader)
      where use.time == .step && outputs.contains(Int(use.value)) {
        let at = step + Int(use.lag)
        let isDue = isOnce || tasks.table.isDue(reader, step: at, of: plan.steps)
        if isDue, isOnce || at < plan.steps, found.last?.task != reader {
          found.append((reader, at))
        }
      }
    }
    return found
  }
}
