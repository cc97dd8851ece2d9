import GlissadeGraph
import GlissadeSchedule
import GlissadeSystem
import GlissadeTensor
import Synchronization

/// Runs a table whose window fits into memory as a whole, as `WindowState` decides: whoever finishes a task counts down
/// those that wait for it, and only the end of a step takes a lock.
///
/// `@unchecked Sendable`: each worker has a tally of its own, read by others when the workers have ended.
final class WindowRun: @unchecked Sendable {
  private struct Progress {
    /// The oldest step that is not complete.
    var oldest = 0
    /// The step before which the run ends.
    var end: Int
    var ending = Ending.complete
    var failures: [(task: TaskID, error: RunError)] = []
    var released: [WindowState.Version] = []
    var isOver = false
  }

  private enum Ending {
    case complete
    case stopped
    case cancelled
  }

  /// What a worker counts for itself.
  private struct Tally {
    var tasks = 0
    var retries = 0
    var released: [WindowState.Version] = []
  }

  private let state: WindowState
  private let executor: TaskExecutor
  private let options: TableRun.Options
  private let recorder: TaskRecorder?
  private let onCompleted: TableRun.OnCompleted
  /// Tasks of later steps are passed over.
  private let limit: Atomic<Int>
  private let tallies: [UnsafeMutablePointer<Tally>]
  private let progress: Lock<Progress>
  private let over = Gate(false)

  /// A run of an executor's table.
  init(
    _ template: WindowTemplate, executor: TaskExecutor, options: TableRun.Options,
    onCompleted: @escaping TableRun.OnCompleted
  ) {
    state = WindowState(template, windowDepth: options.windowDepth)
    self.executor = executor
    self.options = options
    recorder = options.recorder
    self.onCompleted = onCompleted
    limit = Atomic(options.steps)
    tallies = (0..<options.threads).map { _ in
      let tally: UnsafeMutablePointer<Tally> = CacheLines.allocate(capacity: 1)
      tally.initialize(to: Tally())
      tally.pointee.released.reserveCapacity(64)
      return tally
    }
    progress = Lock(Progress(end: options.steps))
  }

  deinit {
    for tally in tallies {
      tally.deinitialize(count: 1)
      tally.deallocate()
    }
  }

  /// The number of steps that are complete.
  var completedSteps: Int { progress.withLock { $0.oldest } }

  /// Runs all steps; `poll` is asked every 50 ms whether to cancel.
  func run(poll: () -> Bool) throws(SystemError) -> TableRun.Outcome {
    let pool = try WorkerPool(threads: options.threads, seed: options.stealingSeed) {
      [self] task, worker, made in perform(task, on: worker, making: &made)
    }
    var ready: [TaskID] = []
    progress.withLock { progress in
      while state.opened < min(state.depth, progress.end) { state.open(ready: &ready) }
      completeSteps(&progress, &ready)
    }
    pool.offer(ready)
    // As many as a step has tasks: not kept for the time of the run.
    ready = []
    while over.wait(nanoseconds: 50_000_000, until: { $0 ? true : nil }) == nil {
      guard poll() else { continue }
      progress.withLock { progress in
        if progress.oldest + 1 < progress.end {
          progress.end = progress.oldest + 1
          progress.ending = .cancelled
          limit.store(progress.end, ordering: .sequentiallyConsistent)
        }
      }
    }
    pool.close()
    return outcome()
  }

  private func outcome() -> TableRun.Outcome {
    progress.withLock { progress in
      let first = progress.failures.min { $0.task < $1.task }
      let outcome: RunOutcome
      if progress.oldest < progress.end, let first {
        outcome = .failed(first.task)
      } else {
        switch progress.ending {
        case .complete: outcome = .done(steps: progress.end)
        case .stopped: outcome = .stopped(after: progress.end - 1)
        case .cancelled: outcome = .cancelled(after: progress.end - 1)
        }
      }
      return TableRun.Outcome(
        outcome: outcome, failure: first?.error,
        tasks: tallies.reduce(0) { $0 + $1.pointee.tasks },
        retries: tallies.reduce(0) { $0 + $1.pointee.retries })
    }
  }

  // MARK: On a worker

  private func perform(
    _ id: TaskID, on worker: Int, making ready: inout [TaskID]
  ) {
    let (task, step) = (Int(id.index), id.step)
    guard step < limit.load(ordering: .relaxed) else { return }
    let tally = tallies[worker]
    recorder?.begin(on: worker)
    do { try executor.execute(task, step: step, on: worker) } catch {
      guard recovers(id, on: worker, from: error) else { return }
    }
    recorder?.end(id, on: worker)
    tally.pointee.tasks += 1
    state.endReads(of: task, step: step, released: &tally.pointee.released)
    if !tally.pointee.released.isEmpty { release(&tally.pointee.released) }
    if state.finish(task, step: step, ready: &ready) {
      progress.withLock { completeSteps(&$0, &ready) }
    }
  }

  /// Tries a task again after failures that pass; whether it could be computed in the end.
  private func recovers(_ id: TaskID, on worker: Int, from first: any Error) -> Bool {
    var error = first
    for _ in 0..<options.retries {
      guard (error as? KernelError)?.isTransient ?? false else { break }
      tallies[worker].pointee.retries += 1
      do {
        try executor.execute(Int(id.index), step: id.step, on: worker)
        return true
      } catch let next { error = next }
    }
    fail(id, executor.failure(error, of: id))
    return false
  }

  private func fail(_ id: TaskID, _ error: RunError) {
    progress.withLock { progress in
      progress.failures.append((id, error))
      // Steps before it still count: one of them may be the last.
      if id.step < limit.load(ordering: .relaxed) {
        limit.store(id.step, ordering: .sequentiallyConsistent)
      }
      finish(&progress)
    }
  }

  private func release(_ versions: inout [WindowState.Version]) {
    for version in versions { _ = executor.remove(Int(version.value), step: version.step) }
    versions.removeAll(keepingCapacity: true)
  }

  // MARK: Under the lock

  private func completeSteps(_ progress: inout Progress, _ ready: inout [TaskID]) {
    while progress.oldest < min(state.opened, progress.end), state.isComplete(progress.oldest) {
      let step = progress.oldest
      if let stop = onCompleted(step), stop + 1 < progress.end {
        progress.end = stop + 1
        progress.ending = .stopped
        limit.store(
          min(progress.end, limit.load(ordering: .relaxed)), ordering: .sequentiallyConsistent)
      }
      progress.oldest += 1
      state.unpin(step, released: &progress.released)
      release(&progress.released)
      if state.opened < min(progress.end, limit.load(ordering: .relaxed)) {
        state.open(ready: &ready)
      }
    }
    finish(&progress)
  }

  /// Says that the run is over, once it is.
  private func finish(_ progress: inout Progress) {
    let failed = progress.failures.map(\.task.step).min() ?? .max
    guard !progress.isOver, progress.oldest >= min(progress.end, failed) else { return }
    progress.isOver = true
    over.change { $0 = true }
  }
}
