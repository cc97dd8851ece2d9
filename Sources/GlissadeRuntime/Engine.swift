public import GlissadeGraph
import GlissadeKernels
import GlissadeSchedule
import GlissadeStore
public import GlissadeSystem
public import GlissadeTensor

/// How a run is carried out: nothing here can change its result.
public struct RunOptions: Sendable {
  /// Worker threads; all processors by default.
  public var threads: Int
  /// Steps that may be under way at once.
  public var windowDepth: Int
  /// Draws whom an idle worker steals from.
  public var stealingSeed: UInt64
  /// How often a task is tried again after a transient failure.
  public var retries: Int
  /// Whether the scheduler decides for whole steps at a time or for each task; both give the same bits.
  public var decides = Decision.automatic
  /// The most bytes that tensors may take, with all buffers; nil for no bound.
  public var memory: ByteCount?
  /// Where the directory for what memory has no room for is made.
  public var spillDirectory = "."
  /// The files of that directory.
  public var spillFiles: any FileSystem = LocalFileSystem()
  /// How many runs of tasks are noted for each worker, the newest; nil notes nothing.
  public var recording: Int?
  /// Asked every 50 ms; true ends the run after the step under way.
  public var isCancelled: @Sendable () -> Bool
  /// Told how far the run is, every 50 ms.
  public var onProgress: (@Sendable (RunProgress) -> Void)?

  /// Options; the defaults use the whole machine.
  public init(
    threads: Int = Machine.processorCount, windowDepth: Int = 4, stealingSeed: UInt64 = 0,
    retries: Int = 3, isCancelled: @escaping @Sendable () -> Bool = { false },
    onProgress: (@Sendable (RunProgress) -> Void)? = nil
  ) {
    self.threads = threads
    self.windowDepth = windowDepth
    self.stealingSeed = stealingSeed
    self.retries = retries
    self.isCancelled = isCancelled
    self.onProgress = onProgress
  }
}

/// For how many tasks at a time the scheduler decides.
public enum Decision: Sendable, CaseIterable {
  /// For whole steps where the graph allows it, else for each task.
  case automatic
  /// For each task.
  case taskByTask
}

/// What carries out the steps of a table.
protocol Carrier: Sendable {
  /// The number of steps that are complete.
  var completedSteps: Int { get }

  /// Runs all steps; `poll` is asked every 50 ms whether to cancel.
  func run(poll: () -> Bool) throws(SystemError) -> TableRun.Outcome
}

extension TableRun: Carrier {}
extension WindowRun: Carrier {}

/// How far a run is.
public struct RunProgress: Sendable {
  /// Steps that are complete.
  public let step: Int
  /// Steps in all.
  public let steps: Int
  /// Steps of an epoch; nil where the graph draws no batches.
  public let epochSteps: Int?
  /// The mean loss of the last complete step.
  public let loss: Double?
  /// Evaluations that are new since the last time: the newest 4,096 at least.
  public let evaluations: [Evaluation]
  /// Seconds since the first step began.
  public let seconds: Double
}

/// How a run ended.
public enum RunStatus: String, Sendable {
  /// All steps are complete.
  case done
  /// It was told to stop by a metric.
  case stopped
  /// It was interrupted; what it had is saved.
  case interrupted
}

/// Why a run could not end well.
public struct RunError: Error, Sendable, CustomStringConvertible {
  /// As users read it.
  public let description: String
  /// What kept it from ending well.
  public let reason: FailureReason
  /// What is wrong in data files, each at its place; empty where it is not theirs.
  public let findings: [Diagnostic]

  /// An error.
  public init(
    _ description: String, reason: FailureReason = .content, findings: [Diagnostic] = []
  ) {
    self.findings = findings
    self.description = description
    self.reason = reason
  }
}

/// What a run gave.
public struct RunResult: Sendable {
  /// How it ended.
  public let status: RunStatus
  /// Steps that count.
  public let steps: Int
  /// Seconds from the first step's start to the last one's end.
  public let seconds: Double
  /// Seconds of what is computed once: reading data, statistics, initial values.
  public let prologueSeconds: Double
  /// The mean training loss over the rows of the last epoch that was begun.
  public let loss: Double?
  /// The newest 4,096 evaluations that count, and before them the last of each node and place that has none among these,
  /// in the order of the steps. Who wants all of them takes them from `RunOptions.onProgress`.
  public let evaluations: [Evaluation]
  /// The step of the best evaluation and its metric, where the graph asks for one.
  public let best: (step: Int, value: Double)?
  /// Tasks that were run.
  public let tasks: Int
  /// Tasks that were tried again.
  public let retries: Int
  /// What memory it took, and what was moved to the disk and back.
  public let memory: MemoryReport
  /// Worker threads.
  public let threads: Int
  /// What was run when, where that was asked for.
  public let record: RunRecord?

  let plan: Plan
  let onceValues: [Value]
  let latest: [Int: Value]
  let bestValues: [Int: Value]?

  /// The value of a port at a place at the end, or at the best evaluation.
  public func value(of port: Graph.PortReference, place: Int = 0, best: Bool = false) -> Value? {
    switch plan.address(of: port, place: place) {
    case .once(let value)?: return onceValues[value]
    case .step(let value)?: return best ? bestValues?[value] : latest[value]
    case nil: return nil
    }
  }
}

/// Carries out a plan on the threads of this machine.
public struct Engine: Sendable {
  /// The plan.
  public let plan: Plan
  /// How it is carried out.
  public let options: RunOptions

  /// An engine for a plan.
  public init(_ plan: Plan, options: RunOptions = RunOptions()) {
    self.plan = plan
    self.options = options
  }

  /// Runs the plan to its end, to an early stop or to an interruption.
  ///
  /// - Parameters:
  ///   - ports: Ports whose values the result has besides states and outputs; the plan must keep them.
  ///   - last: The step after which the run ends although the graph goes on, from 1; 0 for what is computed once.
  ///     Schedules and clocks are those of the whole run.
  /// - Throws: `GraphError` where the graph asks for what this version cannot do; `RunError` where a task failed, with
  ///   node, step and place; `SystemError` where no threads can be had.
  public func run(keeping ports: [Graph.PortReference] = [], through last: Int? = nil) throws
    -> RunResult
  {
    if !plan.graph.notBuilt.isEmpty { throw GraphError(plan.graph.notBuilt) }
    let stages = StageTable(plan)
    let threads = max(1, options.threads)
    let memory =
      options.memory == nil
      ? MemoryPlan(unlimited: plan, threads: threads, stages: stages)
      : try MemoryPlan(
        plan, threads: threads, windowDepth: max(1, options.windowDepth), budget: options.memory)
    let room = try EngineRoom(plan, stages, memory, options)
    defer { room.close() }
    let start = MonotonicClock.now()
    var prologue = try runPrologue(room, recorder(plan.prologue.table, since: start))
    let prologueSeconds = MonotonicClock.seconds(since: start)
    guard plan.steps > 0, last != 0 else {
      return result(
        status: prologue.isInterrupted ? .interrupted : .done, steps: 0, seconds: 0,
        prologueSeconds: prologueSeconds, monitor: RunMonitor(plan), onceValues: prologue.values,
        tasks: prologue.tasks, retries: prologue.retries,
        memory: room.report(plan, [prologue.waits], prologue.movers), record: record(prologue, nil))
    }
    let monitor = Lock(RunMonitor(plan, keeping: ports, through: last))
    var options = tableOptions(room, steps: prologue.isInterrupted ? 0 : plan.steps)
    options.recorder = recorder(plan.step.table, since: start)
    options.memory = room.memoryOfSteps(&prologue)
    let executor = executor(plan.step, room, onceValues: prologue.values, options: options)
    let run = carrier(room, executor, options) { step in
      monitor.withLock { $0.completed(step) { executor.value($0, step: step) } }
    }
    for (value, initial) in prologue.initials { executor.setInitial(value, to: initial) }
    prologue.initials = []
    let began = MonotonicClock.now()
    var told = 0
    let outcome = try run.run { tell(run, monitor, since: began, told: &told) }
    tell(run, monitor, since: began, told: &told)
    let seconds = MonotonicClock.seconds(since: began)
    let (status, steps): (RunStatus, Int) =
      switch outcome.outcome {
      case .done(let steps): (prologue.isInterrupted ? .interrupted : .done, steps)
      case .stopped(let last): (.stopped, last + 1)
      case .cancelled(let last): (.interrupted, last + 1)
      case .failed(let task), .starved(let task):
        throw room.error(outcome, executor.place(of: task, "could not run"))
      }
    return result(
      status: status, steps: steps, seconds: seconds, prologueSeconds: prologueSeconds,
      monitor: monitor.withLock { $0 }, onceValues: prologue.values,
      tasks: outcome.tasks + prologue.tasks, retries: outcome.retries + prologue.retries,
      memory: room.report(plan, [prologue.waits, outcome.waits], prologue.movers),
      record: record(prologue, options.recorder?.record(outcome.waits)))
  }

  /// Who notes the runs of a table's tasks, where that is asked for.
  private func recorder(_ table: TaskTable, since start: UInt64) -> TaskRecorder? {
    options.recording.map {
      TaskRecorder(
        taskCount: table.taskCount, threads: max(1, options.threads), capacity: max(1, $0),
        epoch: start)
    }
  }

  private func record(_ prologue: PrologueResult, _ steps: TableRecord?) -> RunRecord? {
    prologue.record.map {
      RunRecord(
        once: $0, steps: steps ?? TableRecord(taskCount: plan.step.table.taskCount),
        threads: max(1, options.threads))
    }
  }

  /// Tells how far the run is; true where it is to end.
  @discardableResult
  private func tell(
    _ run: any Carrier, _ monitor: Lock<RunMonitor>, since began: UInt64, told: inout Int
  ) -> Bool {
    if let onProgress = options.onProgress {
      let completed = run.completedSteps
      let (new, count, loss) = monitor.withLock { monitor in
        (monitor.evaluations.after(told), monitor.evaluations.count, monitor.lastLoss)
      }
      onProgress(
        RunProgress(
          step: completed, steps: plan.steps, epochSteps: plan.graph.run.epochSteps, loss: loss,
          evaluations: new, seconds: MonotonicClock.seconds(since: began)))
      told = count
    }
    return options.isCancelled()
  }

  private func tableOptions(_ room: EngineRoom, steps: Int) -> TableRun.Options {
    TableRun.Options(
      steps: steps, epochSteps: plan.graph.run.epochSteps ?? 0, threads: max(1, options.threads),
      windowDepth: room.windowDepth, stealingSeed: options.stealingSeed, retries: options.retries,
      hasBudget: room.plan.budget != nil)
  }

  /// What decides: for whole steps at a time where the table and the budget allow it, else task by task.
  private func carrier(
    _ room: EngineRoom, _ executor: TaskExecutor, _ options: TableRun.Options,
    onCompleted: @escaping TableRun.OnCompleted
  ) -> any Carrier {
    if self.options.decides != .taskByTask, options.memory == nil,
      let template = WindowTemplate(
        plan.step.table, ranks: Priorities.order(of: plan.step.table), steps: options.steps)
    {
      return WindowRun(template, executor: executor, options: options, onCompleted: onCompleted)
    }
    let table = options.memory == nil ? plan.step.table : room.plan.step.table
    return TableRun(table, executor: executor, options: options, onCompleted: onCompleted)
  }

  /// What runs the tasks of a table; the prologue's reads no values of once.
  private func executor(
    _ tasks: Plan.Tasks, _ room: EngineRoom, onceValues: [Value]?, options: TableRun.Options
  ) -> TaskExecutor {
    let isPrologue = onceValues == nil
    return TaskExecutor(
      tasks, of: plan, stages: room.stages, onceValues: onceValues ?? [], isPrologue: isPrologue,
      buffers: room.buffers, threads: options.threads,
      loaders: isPrologue && room.residency != nil ? MemoryPlan.loaders : 0,
      isMoving: room.residency != nil, deferred: isPrologue ? room.deferredTasks : [],
      memory: min(options.windowDepth, options.steps) + tasks.table.greatestLag + room.viewReach
        + 1,
      steps: plan.steps, epochSteps: options.epochSteps)
  }

  /// Computes what is computed once, and keeps all of it that steps and outputs need.
  private func runPrologue(
    _ room: EngineRoom, _ recorder: TaskRecorder?
  ) throws -> PrologueResult {
    let table = plan.prologue.table
    guard table.taskCount > 0 else {
      return PrologueResult(record: recorder?.record(WaitingTime()))
    }
    var options = tableOptions(room, steps: 1)
    options.windowDepth = 1
    options.recorder = recorder
    options.memory = room.memoryOfPrologue
    let executor = executor(plan.prologue, room, onceValues: nil, options: options)
    let values = Lock([Value](repeating: Value(), count: table.valueCount))
    let run = TableRun(
      room.residency == nil ? table : room.plan.once.tableWithoutDeferred, executor: executor,
      options: options
    ) { _ in
      values.withLock { values in
        for value in 0..<values.count where table.isPinned[value] {
          values[value] = executor.value(value, step: 0) ?? Value()
        }
      }
      return nil
    }
    let outcome = try run.run { self.options.isCancelled() }
    switch outcome.outcome {
    case .failed(let task), .starved(let task):
      throw room.error(outcome, executor.place(of: task, "could not run"))
    case .done, .stopped, .cancelled: break
    }
    var result = PrologueResult(record: recorder?.record(outcome.waits))
    result.values = values.withLock { $0 }
    result.tasks = outcome.tasks
    result.retries = outcome.retries
    result.waits = outcome.waits
    result.isInterrupted = self.options.isCancelled()
    result.initials = plan.initials.map { ($0.step, result.values[$0.prologue]) }
    result.plannedInitials = plan.initials
    result.movers = executor.movers
    if room.residency != nil {
      // Those that are only shown by others, too, are still there.
      for value in 0..<table.valueCount {
        if let held = executor.remove(value, step: 0), !table.isPinned[value] {
          result.values[value] = held
        }
      }
      executor.endWork()
      result.executor = executor
      let isDeferred = room.deferredTasks
      result.places = (0..<table.valueCount).map { value in
        isDeferred[Int(table.producer[value])]
          ? MemoryLimit.Place(isResident: false) : run.place(of: value)
      }
    }
    return result
  }

  private func result(
    status: RunStatus, steps: Int, seconds: Double, prologueSeconds: Double, monitor: RunMonitor,
    onceValues: [Value], tasks: Int, retries: Int, memory: MemoryReport, record: RunRecord?
  ) -> RunResult {
    RunResult(
      status: status, steps: steps, seconds: seconds, prologueSeconds: prologueSeconds,
      loss: monitor.epochLoss, evaluations: monitor.evaluations.kept.filter { $0.step <= steps },
      best: monitor.best.map { ($0.step, $0.value) }, tasks: tasks, retries: retries,
      memory: memory, threads: max(1, options.threads), record: record, plan: plan,
      onceValues: onceValues,
      latest: monitor.latest, bestValues: monitor.best?.values)
  }
}
