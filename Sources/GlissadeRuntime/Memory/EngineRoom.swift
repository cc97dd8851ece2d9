import GlissadeGraph
import GlissadeSchedule
import GlissadeStore
import GlissadeSystem
import GlissadeTensor

/// What a run has for its values: buffers, and where memory is short the threads that move them.
final class EngineRoom: Sendable {
  let plan: MemoryPlan
  let stages: StageTable
  let buffers: BufferPool
  /// What moves values; nil where nothing is moved.
  let residency: Residency?
  /// Steps that may be under way at once.
  let windowDepth: Int
  /// How many steps longer values are kept than their readers say, for views of them.
  let viewReach: Int
  private let threads: Int
  /// Where files of the run lie; nil where it writes none.
  private let directory: SpillDirectory?

  init(
    _ plan: Plan, _ stages: StageTable, _ memory: MemoryPlan, _ options: RunOptions
  ) throws {
    self.plan = memory
    self.stages = stages
    buffers = BufferPool(limit: memory.bufferBytes)
    threads = max(1, options.threads)
    var isMoving = false
    if case .tasks = memory.mode { isMoving = true }
    let writesRows = plan.graph.nodes.contains { $0.shape.diskBytes > 0 }
    directory =
      isMoving || writesRows
      ? try SpillDirectory(in: options.spillDirectory, files: options.spillFiles) : nil
    switch memory.mode {
    case .unlimited:
      windowDepth = max(1, options.windowDepth)
      (residency, viewReach) = (nil, 0)
    case .steps(let depth):
      windowDepth = depth
      (residency, viewReach) = (nil, 0)
    case .tasks(let depth):
      windowDepth = depth
      viewReach = MemoryState.viewReach(of: memory.step.table, steps: plan.steps)
      residency =
        if let directory {
          try Residency(buffers, options: memory.spilling, in: directory)
        } else { nil }
    }
  }

  /// Ends the threads and removes what they have written.
  func close() { residency?.close() }

  private func limit(_ traits: [MemoryLimit.Traits]) -> MemoryLimit {
    MemoryLimit(
      budget: (plan.budget?.bytes ?? .max) - plan.fixedBytes, ahead: 2 * threads, traits: traits)
  }

  /// The tasks of the prologue whose values are read only when a step needs them.
  var deferredTasks: [Bool] { residency == nil ? [] : plan.once.deferredTasks }

  /// How the prologue keeps to the budget.
  var memoryOfPrologue: TableRun.Memory? {
    guard let residency else { return nil }
    var limit = limit(plan.once.traits)
    limit.keepsPinned = true
    return TableRun.Memory(limit: limit, residency: residency)
  }

  /// How the steps keep to the budget: they go on with what the prologue has left, where that is.
  func memoryOfSteps(_ prologue: inout PrologueResult) -> TableRun.Memory? {
    guard let residency else { return nil }
    var limit = limit(plan.step.traits)
    let places = prologue.places
    limit.once = plan.once.asOnce(without: plan.movedInitials) { places[$0] }
    for initial in prologue.plannedInitials where plan.movedInitials.contains(initial.prologue) {
      limit.initial[Int32(initial.step)] = places[initial.prologue]
      residency.rename(
        Version(initial.prologue, step: Version.once), Version(initial.step, step: -1))
      prologue.values[initial.prologue] = Value()
    }
    return TableRun.Memory(limit: limit, residency: residency, prologue: prologue.executor)
  }

  /// Why a run has ended badly.
  func error(_ outcome: TableRun.Outcome, _ place: String) -> RunError {
    if case .starved = outcome.outcome {
      let why = residency?.failure.map { ": \($0)" } ?? ""
      return RunError(
        "\(place): memory is full, and nothing can be put away\(why)", reason: .noRoom)
    }
    if let failure = outcome.failure { return failure }
    if let error = residency?.error { return error }
    let why = residency?.loss ?? "a task failed"
    return RunError("\(place): \(why)", reason: .unreadable)
  }
}

/// What the prologue has left.
struct PrologueResult {
  var values: [Value] = []
  /// By value of a step, its version before the first.
  var initials: [(value: Int, initial: Value)] = []
  var plannedInitials: [Plan.Initial] = []
  var tasks = 0
  var retries = 0
  var isInterrupted = false
  var waits = WaitingTime()
  let record: TableRecord?
  /// Who moves rows between memory and the disk.
  var movers: [RowMover] = []
  /// Who can make values again, where they are put away.
  var executor: TaskExecutor?
  /// By value, where it is.
  var places: [MemoryLimit.Place] = []

  init(record: TableRecord?) { self.record = record }
}
