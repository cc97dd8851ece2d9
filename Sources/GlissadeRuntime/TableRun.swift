import GlissadeGraph
import GlissadeSchedule
import GlissadeStore
import GlissadeSystem
import GlissadeTensor

/// Performs what the scheduler decides for one table: runs kernels on workers, keeps the values, hands events back.
///
/// `@unchecked Sendable`: what changes is behind `state`, or in the ring, whose places have one writer each.
final class TableRun: @unchecked Sendable {
  /// How a table is run.
  struct Options {
    var steps: Int
    var epochSteps: Int
    var threads: Int
    var windowDepth: Int
    var stealingSeed: UInt64
    var retries: Int
  }

  /// What came of it.
  struct Outcome: Sendable {
    var outcome: RunOutcome
    var failure: String?
    var tasks: Int
    var retries: Int
    var peakReservedBytes: Int
  }

  /// Called when a step is complete, under the lock; what it returns is the step after which to stop.
  typealias OnCompleted = @Sendable (_ step: Int, _ run: TableRun) -> Int?

  /// A piece of work for a worker.
  private struct Work: Sendable {
    var task: TaskID
    var attempt: UInt16
  }

  private struct State {
    var scheduler: SchedulerState
    var instructions: [Instruction] = []
    var failures: [TaskID: String] = [:]
    var tasks = 0
    var retries = 0
    var completed = 0
  }

  private let plan: Plan
  private let tasks: Plan.Tasks
  private let stages: StageTable
  private let onceValues: [Value]
  private let isPrologue: Bool
  private let buffers: BufferPool
  private let options: Options
  private let onCompleted: OnCompleted
  private let ring: ValueRing
  /// Values that are held between the steps in which they are made.
  private let isHeld: [Bool]
  private let held = Lock<[Int: [(step: Int, value: Value)]]>([:])
  private let state: Lock<State>
  private let over = Gate<RunOutcome?>(nil)
  private let workspaces: [TensorStorage]

  init(
    _ tasks: Plan.Tasks, of plan: Plan, stages: StageTable, onceValues: [Value], isPrologue: Bool,
    buffers: BufferPool, options: Options, onCompleted: @escaping OnCompleted
  ) {
    self.plan = plan
    self.tasks = tasks
    self.stages = stages
    self.onceValues = onceValues
    self.isPrologue = isPrologue
    self.buffers = buffers
    self.options = options
    self.onCompleted = onCompleted
    let table = tasks.table
    let scheduler = SchedulerState(
      table: table, ranks: Priorities.order(of: table), steps: options.steps,
      windowDepth: options.windowDepth, slots: options.threads * 2, retries: options.retries)
    ring = ValueRing(
      valueCount: table.valueCount,
      steps: min(options.windowDepth, options.steps) + table.greatestLag + 2)
    var isHeld = [Bool](repeating: false, count: table.valueCount)
    for use in table.uses where use.time == .held { isHeld[Int(use.value)] = true }
    self.isHeld = isHeld
    state = Lock(State(scheduler: scheduler))
    workspaces = (0..<options.threads).map { _ in
      TensorStorage(byteCount: max(64, stages.workspaceBytes), zeroed: false)
    }
  }

  /// The value of a step, as long as it is alive.
  func value(_ value: Int, step: Int) -> Value? {
    guard isHeld[value] else { return ring[value, step] }
    return held.withLock { $0[value]?.first { $0.step == step }?.value }
  }

  /// Puts the version before step 0 of a state in its place.
  func setInitial(_ value: Int, to initial: Value) { ring[value, -1] = initial }

  /// The number of steps that are complete.
  var completedSteps: Int { state.withLock { $0.completed } }

  /// Runs all steps; `poll` is asked every 50 ms whether to cancel.
  ///
  /// - Throws: `SystemError` where no threads can be had.
  func run(poll: () -> Bool) throws(SystemError) -> Outcome {
    let pool = try WorkerPool<Work>(threads: options.threads, seed: options.stealingSeed) {
      [unowned self] work, worker, made in perform(work, on: worker, making: &made)
    }
    var made: [Work] = []
    hand(.begin, making: &made)
    pool.offer(made)
    var isCancelled = false
    while true {
      if over.wait(nanoseconds: 50_000_000, until: { $0 }) != nil { break }
      if poll() && !isCancelled {
        isCancelled = true
        made = []
        hand(.cancel, making: &made)
        if !made.isEmpty { pool.offer(made) }
      }
    }
    pool.close()
    return state.withLock { state in
      let outcome = over.wait(until: { $0 }) ?? .done(steps: 0)
      var failure: String?
      if case .failed(let task) = outcome { failure = state.failures[task] }
      return Outcome(
        outcome: outcome, failure: failure, tasks: state.tasks, retries: state.retries,
        peakReservedBytes: state.scheduler.peakReservedBytes)
    }
  }

  // MARK: Under the lock

  /// Gives the scheduler an event and performs its instructions.
  private func hand(_ event: SchedulerEvent, making made: inout [Work]) {
    // Values are let go outside the lock.
    var dropped: [Value] = []
    let outcome = state.withLock { state -> RunOutcome? in
      var outcome: RunOutcome?
      var next: SchedulerEvent? = event
      while let event = next {
        next = nil
        var instructions = state.instructions
        instructions.removeAll(keepingCapacity: true)
        state.scheduler.handle(event, into: &instructions)
        for instruction in instructions {
          switch instruction {
          case .start(let task, let attempt, _): made.append(Work(task: task, attempt: attempt))
          case .release(let value, let step):
            if let value = remove(Int(value), step: step) { dropped.append(value) }
          case .completed(let step):
            state.completed = step + 1
            if let stop = onCompleted(step, self) { next = .stop(afterStep: stop) }
          case .finished(let found): outcome = found
          }
        }
        state.instructions = instructions
      }
      return outcome
    }
    if let outcome { over.change { $0 = outcome } }
  }

  private func remove(_ value: Int, step: Int) -> Value? {
    guard isHeld[value] else { return ring.remove(value, step: step) }
    return held.withLock { held in
      guard let index = held[value]?.firstIndex(where: { $0.step == step }) else { return nil }
      return held[value]?.remove(at: index).value
    }
  }

  // MARK: On a worker

  private func perform(_ work: Work, on worker: Int, making made: inout [Work]) {
    let event: SchedulerEvent
    do {
      let outputs = try runMembers(of: work, on: worker)
      let first = tasks.table.outputs(of: Int(work.task.index)).lowerBound
      for (offset, output) in outputs.enumerated() { store(output, first + offset, work.task.step) }
      state.withLock { $0.tasks += 1 }
      event = .finished(work.task, attempt: work.attempt)
    } catch {
      let isTransient = (error as? KernelError)?.isTransient ?? false
      let text = describe(error, work.task)
      state.withLock { state in
        state.failures[work.task] = text
        if isTransient { state.retries += 1 }
      }
      event = .failed(work.task, attempt: work.attempt, isTransient: isTransient)
    }
    hand(event, making: &made)
  }

  private func store(_ output: Value, _ value: Int, _ step: Int) {
    if isHeld[value] {
      held.withLock { $0[value, default: []].append((step, output)) }
    } else {
      ring[value, step] = output
    }
  }

  /// Runs the members of a task one after another and gives the outputs of the last.
  private func runMembers(of work: Work, on worker: Int) throws -> [Value] {
    let task = Int(work.task.index)
    let uses = tasks.table.uses(of: task)
    let members = tasks.members(of: task)
    var inner: [Value] = []
    var last: [Value] = []
    for member in members {
      let entry = stages[member]
      guard let kernel = entry.kernel else {
        throw KernelError("this version cannot compute it")
      }
      var inputs: [Value] = []
      inputs.reserveCapacity(Int(member.inputCount))
      let first = Int(member.firstInput)
      for input in tasks.inputs[first..<first + Int(member.inputCount)] {
        if input < 0 {
          inputs.append(inner[Int(-1 - input)])
        } else {
          inputs.append(read(uses[uses.startIndex + Int(input)], at: work.task.step))
        }
      }
      let workspace = workspaces[worker]
      var call = KernelCall(
        place: Int(member.place), step: isPrologue ? -1 : work.task.step, inputs: inputs,
        bounds: stages.bounds(of: member, entry),
        outputs: stages.outputs(of: member, entry, from: buffers),
        workspace: UnsafeMutableRawBufferPointer(start: workspace.base, count: workspace.byteCount),
        isRoot: member.isRoot)
      call.steps = options.steps
      call.epochSteps = options.epochSteps
      try kernel(&call)
      last = call.outputs
      if members.count > 1 { inner += last }
    }
    return last
  }

  private func read(_ use: ValueUse, at step: Int) -> Value {
    let value = Int(use.value)
    switch use.time {
    case .once: return onceValues[value]
    case .step:
      let source = max(step - Int(use.lag), Int(use.floor))
      guard let found = self.value(value, step: source) else {
        preconditionFailure("value \(value) of step \(source) is read after it was let go")
      }
      return found
    case .held:
      let period = Int(tasks.table.period[Int(tasks.table.producer[value])])
      let source = (step - Int(use.lag) + 1) / period * period - 1
      return source < 0 ? Value() : self.value(value, step: source) ?? Value()
    }
  }

  private func describe(_ error: any Error, _ task: TaskID) -> String {
    let member = tasks.members(of: Int(task.index)).last!
    let node = plan.graph.nodes[Int(member.node)]
    let stage = node.shape.stages[Int(member.stage)]
    var place = ""
    if !stage.axes.isEmpty { place = ", place \(stage.axes.placePhrase(Int(member.place)))" }
    let step = isPrologue ? "before the first step" : "step \(task.step + 1)"
    return "node '\(node.name)', \(step)\(place): \(error)"
  }
}
