package import GlissadeGraph

/// Decides which task of a run starts when, and when a value can be forgotten: a value without clock, thread or file.
///
/// Events go in, instructions come out; the same events give the same instructions. Whoever performs the instructions
/// gives each event in the order in which it happened, `.begin` first. A step opens when fewer than `windowDepth`
/// steps are open; of the ready tasks, those of the earliest step start first, by rank, at most `slots` at a time.
///
/// A task is tried again at most `retries` times after transient failures, and at most `losses` times after losses, which
/// are not its fault. When one fails for good nothing starts any more, and the run is over when the running
/// attempts have ended.
///
/// With a limit of memory a task is admitted only when all that it reads, makes and works with fits: what is needed
/// furthest ahead is sent away first, and comes back before its reader starts. Tasks are admitted in their order, and a
/// task that waits for memory holds none, so the first of them always gets what it needs once the others have ended.
///
/// Memory: 16 bytes a task and 8 a value for each step of `windowDepth` + greatest lag; none is allocated per event once
/// the window has been full. Time: O(uses + readers) a task, O(tasks) a step.
package struct SchedulerState: Sendable {
  // What does not change.
  let template: StepTemplate
  let ranks: [Int32]
  let taskAtRank: [Int32]
  let windowDepth: Int
  let slots: Int
  let retries: Int
  let losses: Int

  // The window: steps `oldest..<ring.end` are open, those before are complete.
  var ring: StepRing
  var records: [TaskRecord]
  var values: [ValueRecord]
  /// By slot: how many due tasks have not finished.
  var unfinished: [Int]
  /// The oldest step that is not complete.
  var oldest = 0
  /// The step before which the run ends; lowered by `stop` and `cancel`.
  var end: Int
  /// For each held value, the step of the version that is alive and older than the ring; -1 where there is none.
  var heldBeforeRing: [Int]
  var ready = ReadyHeap()
  var memory: MemoryState

  var hasBegun = false
  var isOver = false
  /// What the outcome is called once the steps before `end` are complete.
  var ending = Ending.complete
  /// The failed task of the earliest step.
  var failure: TaskID?
  /// The task that no memory can be found for.
  var starved: TaskID?

  /// How many attempts have been started and have not ended.
  package internal(set) var running = 0
  /// The bytes that are spoken for: values that are alive, and the outputs and workspace of running attempts.
  package internal(set) var reservedBytes = 0
  /// The first of the ready tasks, where it waits for memory.
  package internal(set) var heldUp: TaskID?
  /// The first of the admitted tasks that wait for inputs to come back from the disk.
  package var waitingForDisk: TaskID? { memory.coming.first }
  /// The most bytes that were ever reserved.
  package internal(set) var peakReservedBytes = 0

  enum Ending: Sendable {
    case complete
    case stopped
    case cancelled
  }

  /// The state before a run of `steps` steps.
  ///
  /// The table is a planner's: uses of the same step form no cycle (in step 0 not even with those that the floor clamps
  /// into it), and a task that is due reads no value of a step in which its producer is not, unless it is held.
  /// - Parameter ranks: By task, its place in the order of its step: a permutation that `Priorities.order` gives.
  package init(
    table: TaskTable, ranks: [Int32], steps: Int, windowDepth: Int, slots: Int, retries: Int = 3,
    losses: Int = 16, limit: MemoryLimit? = nil
  ) {
    precondition(ranks.count == table.taskCount, "\(ranks.count) ranks, \(table.taskCount) tasks")
    precondition(steps >= 0 && steps <= 4_000_000_000, "a run of \(steps) steps")
    precondition(windowDepth >= 1, "a window of \(windowDepth) steps")
    precondition(slots >= 1, "\(slots) tasks at a time")
    precondition((0...255).contains(retries), "\(retries) retries")
    precondition((0...60_000).contains(losses), "\(losses) losses")
    template = StepTemplate(table, steps: steps)
    self.ranks = ranks
    var taskAtRank = [Int32](repeating: -1, count: ranks.count)
    for (task, rank) in ranks.enumerated() { taskAtRank[Int(rank)] = Int32(task) }
    precondition(!taskAtRank.contains(-1), "two tasks have one rank")
    self.taskAtRank = taskAtRank
    self.windowDepth = min(windowDepth, max(steps, 1))
    self.slots = slots
    self.retries = retries
    self.losses = losses
    end = steps
    memory = MemoryState(template, of: table, limit: limit)
    let capacity = self.windowDepth + template.reach + memory.viewReach
    ring = StepRing(capacity: capacity)
    records = Array(repeating: TaskRecord(waits: 0), count: capacity * table.taskCount)
    values = Array(repeating: ValueRecord(claims: 0), count: capacity * table.valueCount)
    unfinished = Array(repeating: 0, count: capacity)
    heldBeforeRing = Array(repeating: -1, count: template.held.count)
    if let limit {
      memory.records = Array(
        repeating: MemoryRecord(),
        count: values.count + template.held.count + limit.once.count)
    }
  }

  /// The bytes that a state of these sizes takes without a limit of memory; nil where they cannot be counted.
  ///
  /// For a planner, which refuses what is too much before it makes one.
  package static func bytes(of table: TaskTable, steps: Int, windowDepth: Int) -> Int? {
    let reach = table.uses.reduce(0) { $1.time == .once ? $0 : max($0, Int($1.lag)) }
    let (depth, isDeep) = min(windowDepth, max(steps, 1)).addingReportingOverflow(
      min(reach, steps))
    let step =
      table.taskCount * MemoryLayout<TaskRecord>.stride
      + table.valueCount * MemoryLayout<ValueRecord>.stride
    let (bytes, isLarge) = depth.multipliedReportingOverflow(by: step)
    return isDeep || isLarge ? nil : bytes
  }

  /// Takes events in the order in which they happened, and appends what is to be done.
  package mutating func handle(
    _ events: [SchedulerEvent], into instructions: inout [Instruction]
  ) {
    for event in events { handle(event, into: &instructions) }
  }

  /// Takes one event, and appends what is to be done.
  package mutating func handle(_ event: SchedulerEvent, into instructions: inout [Instruction]) {
    if isOver { return }
    if case .begin = event {
      precondition(!hasBegun, "a run began twice")
      begin(into: &instructions)
    } else {
      precondition(hasBegun, "an event before the run began")
      switch event {
      case .begin: break
      case .finished(let task, let attempt):
        if isCurrent(task, attempt) { finish(task, into: &instructions) }
      case .failed(let task, let attempt, let isTransient):
        if isCurrent(task, attempt) {
          endAttempt(task, isFault: true, mayRetry: isTransient, into: &instructions)
        }
      case .lost(let task, let attempt):
        if isCurrent(task, attempt) {
          endAttempt(task, isFault: false, mayRetry: true, into: &instructions)
        }
      case .stop(let step): shorten(to: max(step, -1) + 1, as: .stopped, into: &instructions)
      case .cancel: shorten(to: oldest + 1, as: .cancelled, into: &instructions)
      case .stored(let version): stored(version, into: &instructions)
      case .notStored(let version): notStored(version)
      case .fetched(let version): fetched(version)
      case .notFetched(let version): notFetched(version)
      }
    }
    if memory.isLimited {
      admitReady(into: &instructions)
    } else {
      startReady(into: &instructions)
    }
    finishRun(into: &instructions)
  }

  /// Whether an event is about the attempt that runs, and no late reply.
  private func isCurrent(_ task: TaskID, _ attempt: UInt16) -> Bool {
    guard task.step >= oldest, task.step < ring.end,
      task.index >= 0, Int(task.index) < template.taskCount
    else { return false }
    let record = records[recordBase(task.step) + Int(task.index)]
    return record.phase == .running && record.attempt == attempt
  }

  /// The attempt of a task that runs, ran last or comes next, from 1.
  ///
  /// The task's step is open.
  package func attempt(of task: TaskID) -> UInt16 {
    records[recordBase(task.step) + Int(task.index)].attempt
  }

  /// Where the tasks of a step of the ring begin in `records`.
  @inline(__always)
  func recordBase(_ step: Int) -> Int { ring.slot(step) * template.taskCount }

  /// Where the values of a step of the ring begin in `values`.
  @inline(__always)
  func valueBase(_ step: Int) -> Int { ring.slot(step) * template.valueCount }
}
