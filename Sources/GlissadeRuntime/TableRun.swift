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
  }

  /// What came of it.
  struct Outcome: Sendable {
    var outcome: RunOutcome
    var failure: String?
    var tasks: Int
    var retries: Int
  }

  /// Called when a step is complete, under the lock; what it returns is the step after which to stop.
  typealias OnCompleted = @Sendable (_ step: Int) -> Int?

  private struct State {
    var scheduler: SchedulerState
    var instructions: [Instruction] = []
    var failures: [TaskID: String] = [:]
    var tasks = 0
    var retries = 0
    var completed = 0
  }

  private let executor: TaskExecutor
  private let options: Options
  private let onCompleted: OnCompleted
  private let state: Lock<State>
  private let over = Gate<RunOutcome?>(nil)

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
          windowDepth: options.windowDepth, slots: options.threads * 2, retries: options.retries)))
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
      var failure: String?
      if case .failed(let task) = outcome { failure = state.failures[task] }
      return Outcome(
        outcome: outcome, failure: failure, tasks: state.tasks, retries: state.retries)
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
      case .failed(let task, let isTransient):
        next = .failed(
          task, attempt: state.scheduler.attempt(of: task), isTransient: isTransient)
      }
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
            if let value = executor.remove(Int(value), step: step) { dropped.append(value) }
          case .completed(let step):
            state.completed = step + 1
            if let stop = onCompleted(step) { next = .stop(afterStep: stop) }
          case .spill, .evict, .fetch: break
          case .finished(let found): outcome = found
          }
        }
      }
      swap(&instructions, &state.instructions)
      return outcome
    }
    if let outcome { over.change { $0 = outcome } }
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
      let text = executor.describe(error, task: Int(task.index), step: task.step)
      state.withLock { state in
        state.failures[task] = text
        if isTransient { state.retries += 1 }
      }
      hand(.failed(task, isTransient: isTransient), making: &made)
    }
  }
}
