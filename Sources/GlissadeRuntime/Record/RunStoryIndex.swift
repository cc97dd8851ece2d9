import GlissadeGraph
import GlissadeSchedule

/// Looks things up in a record.
struct RunStoryIndex {
  /// A task in a step, or before the first.
  struct TaskRun: Hashable {
    /// The number of the task in its table.
    let task: Int
    /// The step, from 0; 0 for what is computed once.
    let step: Int
    /// Whether it is computed once.
    let isOnce: Bool
  }

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
    plan.name(of: task, in: isOnce ? plan.prologue : plan.step)
      + (isOnce ? ", before the first step" : ", step \(step + 1)")
  }

  /// A run of a task with what the record has of it.
  func moment(_ run: TaskRun) -> RunStory.Moment {
    RunStory.Moment(
      name: name(of: run.task, run.step, run.isOnce), event: event(run.task, run.step, run.isOnce))
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

  /// The runs of tasks that a task reads in a step, in the order of its inputs, each once.
  func sources(of task: Int, _ step: Int, _ isOnce: Bool) -> [TaskRun] {
    let tasks = isOnce ? plan.prologue : plan.step
    var seen: Set<TaskRun> = []
    return tasks.table.uses(of: task).compactMap { use in
      let found = source(of: use, step, isOnce)
      return found.flatMap { seen.insert($0).inserted ? $0 : nil }
    }
  }

  /// The run of a task that a use reads in a step; nil where there is none yet.
  private func source(of use: ValueUse, _ step: Int, _ isOnce: Bool) -> TaskRun? {
    let value = Int(use.value)
    if isOnce || use.time == .once { return once(making: value) }
    let producer = Int(plan.step.table.producer[value])
    var source = max(step - Int(use.lag), Int(use.floor))
    if use.time == .held {
      let period = Int(plan.step.table.period[producer])
      source = (step - Int(use.lag) + 1) / period * period - 1
    }
    if source >= 0 { return TaskRun(task: producer, step: source, isOnce: false) }
    return plan.initials.first { $0.step == value }.map { once(making: $0.prologue) }
  }

  private func once(making value: Int) -> TaskRun {
    TaskRun(task: Int(plan.prologue.table.producer[value]), step: 0, isOnce: true)
  }

  /// Who reads what a task makes in a step, and in which step they do; not those that read it in every step.
  func readers(of task: Int, _ step: Int, _ isOnce: Bool) -> [TaskRun] {
    guard isOnce else {
      let outputs = plan.step.table.outputs(of: task)
      let period = Int(plan.step.table.period[task])
      return readers(isOnce: false) { use in
        guard outputs.contains(Int(use.value)) else { return nil }
        let first = step + Int(use.lag)
        return use.time == .once ? nil : first..<first + (use.time == .held ? period : 1)
      }
    }
    let outputs = plan.prologue.table.outputs(of: task)
    let states = plan.initials.filter { outputs.contains($0.prologue) }.map(\.step)
    let own = readers(isOnce: true) { outputs.contains(Int($0.value)) ? 0..<1 : nil }
    // The initial version of a state is that before step 0.
    let later = readers(isOnce: false) { use in
      use.time == .step && use.floor < 0 && states.contains(Int(use.value))
        ? 0..<Int(use.lag) : nil
    }
    return own + later
  }

  /// Who reads in every step what a task has computed once.
  func steadyReaders(of task: Int) -> [RunStory.Moment] {
    let outputs = plan.prologue.table.outputs(of: task)
    return readers(isOnce: false) { use in
      let reads = use.time == .once && outputs.contains(Int(use.value))
      // The last step is due for all.
      return reads ? plan.steps - 1..<plan.steps : nil
    }.map { reader in
      let period = plan.step.table.period[reader.task]
      return RunStory.Moment(
        name: plan.name(of: reader.task, in: plan.step)
          + (period == 1 ? ", every step" : ", every \(period) steps"), event: nil)
    }
  }

  /// The runs of a table's tasks that have a use for which `steps` says in which steps it reads, each once.
  private func readers(isOnce: Bool, _ steps: (ValueUse) -> Range<Int>?) -> [TaskRun] {
    let table = isOnce ? plan.prologue.table : plan.step.table
    let count = isOnce ? 1 : plan.steps
    var seen: Set<TaskRun> = []
    return (0..<table.taskCount).flatMap { task in
      table.uses(of: task).compactMap(steps).joined().filter { step in
        step < count && (isOnce || table.isDue(task, step: step, of: count))
          && seen.insert(TaskRun(task: task, step: step, isOnce: isOnce)).inserted
      }.map { TaskRun(task: task, step: $0, isOnce: isOnce) }
    }
  }
}
