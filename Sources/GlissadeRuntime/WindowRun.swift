import GlissadeGraph
import GlissadeSchedule
import GlissadeSystem
import GlissadeTensor
import Synchronization

/// Runs a table whose window fits into memory as a whole: every step of it is admitted at once, and whoever finishes a task
/// counts down those that wait for it. Only the end of a step takes a lock.
///
/// `@unchecked Sendable`: the counters are atomic, all else is behind `progress`.
final class WindowRun: @unchecked Sendable {
  private struct Work: Sendable {
    var step: Int
    var task: Int32
  }

  private struct Progress {
    /// The oldest step that is not complete.
    var oldest = 0
    /// The step before which the run ends.
    var end: Int
    var ending = Ending.complete
    var failures: [(step: Int, task: Int, text: String)] = []
    var isOver = false
  }

  private enum Ending {
    case complete
    case stopped
    case cancelled
  }

  private let template: WindowTemplate
  private let executor: TaskExecutor
  private let options: TableRun.Options
  private let onCompleted: TableRun.OnCompleted
  private let depth: Int
  private let slots: Int

  // By slot of the ring: what a step's tasks wait for, who still reads its values, how many of its tasks are left.
  private let waits: AtomicCounters
  private let claims: AtomicCounters
  private let left: AtomicCounters
  /// By slot and task: the step in which it last finished, and one; only for producers of far edges.
  private let finished: AtomicCounters
  /// By slot and far edge: the reader's step that was counted, and one; finisher and opener race for it.
  private let counted: AtomicCounters
  private let opened = Atomic<Int>(0)
  /// Tasks of later steps are passed over.
  private let limit: Atomic<Int>
  private let tasks: AtomicCounters
  private let retries = Atomic<Int>(0)
  private let progress: Lock<Progress>
  private let over = Gate(false)

  /// A run of an executor's table.
  init(
    _ template: WindowTemplate, executor: TaskExecutor, options: TableRun.Options,
    onCompleted: @escaping TableRun.OnCompleted
  ) {
    self.template = template
    self.executor = executor
    self.options = options
    self.onCompleted = onCompleted
    depth = min(options.windowDepth, max(1, options.steps))
    slots = depth + template.reach + 1
    waits = AtomicCounters(slots * template.taskCount)
    claims = AtomicCounters(slots * template.valueCount)
    left = AtomicCounters(slots * AtomicCounters.line)
    finished = AtomicCounters(slots * template.taskCount)
    counted = AtomicCounters(slots * template.farEdges.count)
    tasks = AtomicCounters(options.threads * AtomicCounters.line)
    limit = Atomic(options.steps)
    progress = Lock(Progress(end: options.steps))
  }

  /// The number of steps that are complete.
  var completedSteps: Int { progress.withLock { $0.oldest } }

  /// Runs all steps; `poll` is asked every 50 ms whether to cancel.
  func run(poll: () -> Bool) throws(SystemError) -> TableRun.Outcome {
    let pool = try WorkerPool<Work>(threads: options.threads, seed: options.stealingSeed) {
      [unowned self] work, worker, made in perform(work, on: worker, making: &made)
    }
    var made: [Work] = []
    progress.withLock { progress in
      template.countClaims(of: -1) { claims[slot(-1) * template.valueCount + $0] = Int($1) }
      if options.steps == 0 { finish(&progress) }
      while opened.load(ordering: .relaxed) < min(depth, progress.end) { openStep(&made) }
    }
    pool.offer(made)
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
      var count = 0
      for worker in 0..<options.threads { count += tasks[worker * AtomicCounters.line] }
      let first = progress.failures.min { ($0.step, $0.task) < ($1.step, $1.task) }
      let outcome: RunOutcome
      if progress.oldest < progress.end, let first {
        outcome = .failed(TaskID(step: first.step, index: first.task))
      } else {
        switch progress.ending {
        case .complete: outcome = .done(steps: progress.end)
        case .stopped: outcome = .stopped(after: progress.end - 1)
        case .cancelled: outcome = .cancelled(after: progress.end - 1)
        }
      }
      return TableRun.Outcome(
        outcome: outcome, failure: first?.text, tasks: count,
        retries: retries.load(ordering: .relaxed))
    }
  }

  // MARK: On a worker

  private func perform(_ work: Work, on worker: Int, making made: inout [Work]) {
    let task = Int(work.task)
    guard work.step < limit.load(ordering: .acquiring) else { return }
    var attempts = 0
    while true {
      do {
        try executor.execute(task, step: work.step, on: worker)
        break
      } catch {
        attempts += 1
        if (error as? KernelError)?.isTransient ?? false, attempts <= options.retries {
          retries.add(1, ordering: .relaxed)
          continue
        }
        fail(work, executor.describe(error, task: task, step: work.step))
        return
      }
    }
    tasks.add(worker * AtomicCounters.line)
    let valueBase = slot(work.step) * template.valueCount
    for value in template.outputs(of: task) where claims[valueBase + value] == 0 {
      _ = executor.remove(value, step: work.step)
    }
    tellReaders(task, work.step, &made)
    for claim in template.claims(of: task) {
      let source = max(work.step - Int(claim.lag), -1)
      let value = Int(claim.value)
      if claims.subtract(slot(source) * template.valueCount + value) == 0 {
        _ = executor.remove(value, step: source)
      }
    }
    if left.subtract(slot(work.step) * AtomicCounters.line) == 0 { completeSteps(&made) }
  }

  private func tellReaders(_ task: Int, _ step: Int, _ made: inout [Work]) {
    let base = slot(step) * template.taskCount
    let far = template.farEdges(from: task)
    if !far.isEmpty {
      finished[base + task] = step + 1
      for edge in far {
        let reader = step + Int(template.farEdges.base[Int(edge)].lag)
        if reader < opened.load(ordering: .sequentiallyConsistent) {
          count(Int(edge), reader, &made)
        }
      }
    }
    for reader in template.nearReaders(of: task)
    where waits.subtract(base + Int(reader)) == 0 && template.isDue(Int(reader), step: step) {
      made.append(Work(step: step, task: reader))
    }
  }

  /// Counts a far edge once for a reader's step: by the finisher of its producer, or by who opened the step.
  private func count(_ edge: Int, _ step: Int, _ made: inout [Work]) {
    guard counted.exchange(slot(step) * template.farEdges.count + edge, step + 1) != step + 1 else {
      return
    }
    let reader = template.farEdges.base[edge].reader
    if waits.subtract(slot(step) * template.taskCount + Int(reader)) == 0 {
      made.append(Work(step: step, task: reader))
    }
  }

  private func fail(_ work: Work, _ text: String) {
    progress.withLock { progress in
      progress.failures.append((work.step, Int(work.task), text))
      // Steps before it still count: one of them may be the last.
      if work.step < limit.load(ordering: .relaxed) {
        limit.store(work.step, ordering: .sequentiallyConsistent)
      }
      finish(&progress)
    }
  }

  // MARK: Under the lock

  private func completeSteps(_ made: inout [Work]) {
    progress.withLock { progress in
      while progress.oldest < min(opened.load(ordering: .relaxed), progress.end),
        left[slot(progress.oldest) * AtomicCounters.line] == 0
      {
        let step = progress.oldest
        if let stop = onCompleted(step), stop + 1 < progress.end {
          progress.end = stop + 1
          progress.ending = .stopped
          limit.store(
            min(progress.end, limit.load(ordering: .relaxed)), ordering: .sequentiallyConsistent)
        }
        progress.oldest += 1
        for value in template.pinned where template.isMade(Int(value), step: step) {
          if claims.subtract(slot(step) * template.valueCount + Int(value)) == 0 {
            _ = executor.remove(Int(value), step: step)
          }
        }
        if opened.load(ordering: .relaxed) < min(progress.end, limit.load(ordering: .relaxed)) {
          openStep(&made)
        }
      }
      finish(&progress)
    }
  }

  /// Says that the run is over, once it is.
  private func finish(_ progress: inout Progress) {
    let failed = progress.failures.map(\.step).min() ?? .max
    guard !progress.isOver, progress.oldest >= min(progress.end, failed) else { return }
    progress.isOver = true
    over.change { $0 = true }
  }

  /// Fills the counters of the next step and lets its tasks go.
  private func openStep(_ made: inout [Work]) {
    let step = opened.load(ordering: .relaxed)
    let slot = slot(step)
    let base = slot * template.taskCount
    for task in 0..<template.taskCount { waits[base + task] = Int(template.waits.base[task]) }
    template.countClaims(of: step) { claims[slot * template.valueCount + $0] = Int($1) }
    left[slot * AtomicCounters.line] = template.dueCount(step: step)
    opened.store(step + 1, ordering: .sequentiallyConsistent)
    for edge in 0..<template.farEdges.count {
      let far = template.farEdges.base[edge]
      let source = step - Int(far.lag)
      if source < 0
        || finished[self.slot(source) * template.taskCount + Int(far.producer)] == source + 1
      {
        count(edge, step, &made)
      }
    }
    for task in template.roots where template.isDue(Int(task), step: step) {
      made.append(Work(step: step, task: task))
    }
  }

  @inline(__always)
  private func slot(_ step: Int) -> Int { (step + 1) % slots }
}

/// Counters that threads share, in one block.
///
/// `@unchecked Sendable`: every access is atomic.
struct AtomicCounters: @unchecked Sendable {
  /// How many counters a cache line has: what is counted often by different threads lies that far apart.
  static let line = 8

  private final class Block {
    let base: UnsafeMutablePointer<Atomic<Int>>
    let count: Int

    init(_ count: Int) {
      self.count = count
      base = .allocate(capacity: max(1, count))
      for index in 0..<count { (base + index).initialize(to: Atomic(0)) }
    }

    deinit {
      base.deinitialize(count: count)
      base.deallocate()
    }
  }

  private let block: Block
  private let base: UnsafeMutablePointer<Atomic<Int>>

  /// Counters that are 0.
  init(_ count: Int) {
    block = Block(count)
    base = block.base
  }

  subscript(index: Int) -> Int {
    get { base[index].load(ordering: .sequentiallyConsistent) }
    nonmutating set { base[index].store(newValue, ordering: .sequentiallyConsistent) }
  }

  /// Counts down and gives what is left.
  func subtract(_ index: Int) -> Int {
    base[index].subtract(1, ordering: .acquiringAndReleasing).newValue
  }

  /// Counts up.
  func add(_ index: Int) { base[index].add(1, ordering: .relaxed) }

  /// Puts a number in and gives the one that was there.
  func exchange(_ index: Int, _ value: Int) -> Int {
    base[index].exchange(value, ordering: .sequentiallyConsistent)
  }
}
