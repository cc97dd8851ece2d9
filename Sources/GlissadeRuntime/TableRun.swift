import GlissadeGraph
import GlissadeSchedule
import GlissadeStore
import GlissadeSystem
import GlissadeTensor

/// Performs what the scheduler decides for one table, task by task: hands tasks to workers and their ends back.
final class TableRun: Sendable {
  /// How a table is run.
  struct Options: Sendable {
    var steps: Int
    var epochSteps: Int
    var threads: Int
    var windowDepth: Int
    var stealingSeed: UInt64
    var retries: Int
    /// Who notes what was run when.
    var recorder: TaskRecorder?
    /// How values are put away, where memory has a limit.
    var memory: Memory?
    /// Whether bytes must be free as soon as they are counted so.
    var hasBudget = false
  }

  /// How values of the run are put away and brought back.
  struct Memory: Sendable {
    /// What the scheduler keeps to.
    var limit: MemoryLimit
    /// What acts.
    var residency: Residency
    /// Whose tasks made the values that are computed once; nil where this run makes them.
    var prologue: TaskExecutor?
  }

  /// What came of it.
  struct Outcome: Sendable {
    var outcome: RunOutcome
    var failure: RunError?
    var tasks: Int
    var retries: Int
    var waits = WaitingTime()
  }

  /// Called when a step is complete, under the lock; what it returns is the step after which to stop.
  typealias OnCompleted = @Sendable (_ step: Int) -> Int?

  private struct State {
    var scheduler: SchedulerState
    var instructions: [Instruction] = []
    var failures: [TaskID: RunError] = [:]
    var tasks = 0
    var retries = 0
    var completed = 0
    var waits: WaitingTime
  }

  private let executor: TaskExecutor
  private let options: Options
  private let onCompleted: OnCompleted
  private let state: Lock<State>
  private let over = Gate<RunOutcome?>(nil)
  /// While it runs, for those who bring tasks from other threads.
  private let pool = Lock<WorkerPool?>(nil)

  /// A run of an executor's table.
  init(
    _ table: TaskTable, executor: TaskExecutor, options: Options,
    onCompleted: @escaping OnCompleted
  ) {
    self.executor = executor
    self.options = options
    self.onCompleted = onCompleted
    state = Lock(
      State(
        scheduler: SchedulerState(
          table: table, ranks: Priorities.order(of: table), steps: options.steps,
          windowDepth: options.windowDepth, slots: options.threads * 2, retries: options.retries,
          limit: options.memory?.limit),
        waits: WaitingTime(keeping: options.recorder?.capacity ?? 0)))
  }

  /// The number of steps that are complete.
  var completedSteps: Int { state.withLock { $0.completed } }

  /// Runs all steps; `poll` is asked every 50 ms whether to cancel.
  ///
  /// - Throws: `SystemError` where no threads can be had.
  func run(poll: () -> Bool) throws(SystemError) -> Outcome {
    let pool = try WorkerPool(threads: options.threads, seed: options.stealingSeed) {
      [self] task, worker, made in perform(task, on: worker, making: &made)
    }
    self.pool.withLock { $0 = pool }
    defer { self.pool.withLock { $0 = nil } }
    var made: [TaskID] = []
    hand(.event(.begin), making: &made)
    pool.offer(made)
    var isCancelled = false
    while true {
      if over.wait(nanoseconds: 50_000_000, until: { $0 }) != nil { break }
      if poll() && !isCancelled {
        isCancelled = true
        made = []
        hand(.event(.cancel), making: &made)
        if !made.isEmpty { pool.offer(made) }
      }
    }
    pool.close()
    return state.withLock { state in
      let outcome = over.wait(until: { $0 }) ?? .done(steps: 0)
      var failure: RunError?
      if case .failed(let task) = outcome { failure = state.failures[task] }
      return Outcome(
        outcome: outcome, failure: failure, tasks: state.tasks, retries: state.retries,
        waits: state.waits)
    }
  }

  // MARK: Under the lock

  /// What the scheduler is told. Here a task has one attempt at a time, so that the scheduler itself knows which one has
  /// ended.
  private enum News {
    case event(SchedulerEvent)
    case finished(TaskID)
    case failed(TaskID, isTransient: Bool)
  }

  /// Where a value is when its table has been run to its end.
  func place(of value: Int) -> MemoryLimit.Place {
    state.withLock { $0.scheduler.place(of: value) }
  }

  /// Gives the scheduler an event and performs its instructions.
  private func hand(_ news: News, making made: inout [TaskID]) {
    // Values are let go outside the lock.
    var dropped: [Value] = []
    let outcome = state.withLock { state -> RunOutcome? in
      var outcome: RunOutcome?
      var next: SchedulerEvent?
      switch news {
      case .event(let event): next = event
      case .finished(let task):
        next = .finished(task, attempt: state.scheduler.attempt(of: task))
        state.tasks += 1
        if !state.failures.isEmpty { state.failures[task] = nil }
      case .failed(let task, let isTransient):
        next = .failed(
          task, attempt: state.scheduler.attempt(of: task), isTransient: isTransient)
      }
      if options.memory != nil { state.waits.note(state.scheduler, threads: options.threads) }
      // Taken out, so that it has one owner and keeps its memory.
      var instructions: [Instruction] = []
      swap(&instructions, &state.instructions)
      while let event = next {
        next = nil
        instructions.removeAll(keepingCapacity: true)
        state.scheduler.handle(event, into: &instructions)
        for instruction in instructions {
          switch instruction {
          case .start(let task, _, _): made.append(task)
          case .release(let value, let step):
            guard let old = executor.remove(Int(value), step: step) else { continue }
            if let memory = options.memory {
              // Its bytes are counted as free from here on.
              memory.residency.release(key(Version(Int(value), step: step)))
            } else if !options.hasBudget {
              dropped.append(old)
            }
          case .completed(let step):
            state.completed = step + 1
            if let stop = onCompleted(step) { next = .stop(afterStep: stop) }
          case .spill(let version):
            options.memory?.residency.spill(key(version), held(version), answer: answer(version))
          case .evict(let version):
            options.memory?.residency.evict(key(version), held(version))
          case .fetch(let version):
            options.memory?.residency.fetch(
              key(version), held(version), remake: remake(version), answer: answer(version))
          case .finished(let found): outcome = found
          }
        }
      }
      swap(&instructions, &state.instructions)
      return outcome
    }
    if let outcome { over.change { $0 = outcome } }
  }

  // MARK: Values that are put away

  /// The name of a version that both tables of a run agree on.
  private func key(_ version: Version) -> Version {
    isPrologue ? Version(Int(version.value), step: Version.once) : version
  }

  private var isPrologue: Bool { options.memory?.limit.keepsPinned ?? false }

  private func held(_ version: Version) -> Value {
    let value = Int(version.value)
    if version.step == Version.once { return executor.onceValue(value) }
    return executor.value(value, step: version.step) ?? Value()
  }

  /// Tells the scheduler, from another thread, what has come of a move.
  private func answer(_ version: Version) -> Residency.Answer {
    { [self] event in
      var made: [TaskID] = []
      hand(.event(event.about(version)), making: &made)
      pool.withLock { $0 }?.offer(made)
    }
  }

  /// How the bytes of a value are made again; nil where they cannot be.
  private func remake(_ version: Version) -> Residency.Remake? {
    guard let memory = options.memory else { return nil }
    let value = Int(version.value)
    let owner: TaskExecutor
    if isPrologue {
      guard memory.limit.traits[value].isRepeatable else { return nil }
      owner = executor
    } else {
      guard version.step == Version.once, memory.limit.once[value].traits.isRepeatable,
        let prologue = memory.prologue
      else { return nil }
      owner = prologue
    }
    return { tensors, loader in
      do {
        try LoaderThreads.retrying { try owner.remake(value, in: tensors, on: loader) }
      } catch { throw owner.failure(error, ofValue: value) }
    }
  }

  // MARK: On a worker

  private func perform(
    _ task: TaskID, on worker: Int, making made: inout [TaskID]
  ) {
    options.recorder?.begin(on: worker)
    do {
      try executor.execute(Int(task.index), step: task.step, on: worker)
      options.recorder?.end(task, on: worker)
      hand(.finished(task), making: &made)
    } catch {
      let isTransient = (error as? KernelError)?.isTransient ?? false
      let failure = executor.failure(error, of: task)
      state.withLock { state in
        state.failures[task] = failure
        if isTransient { state.retries += 1 }
      }
      hand(.failed(task, isTransient: isTransient), making: &made)
    }
  }
}
