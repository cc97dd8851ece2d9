import GlissadeSchedule
import GlissadeTensor

/// A simulation while it runs: the scheduler, the pool and the model of values, each knowing only what it would know.
struct SimulatedWorld {
  private let simulation: Simulation
  private var state: SchedulerState
  private var pool: SimulatedPool
  private let bound: Int
  private(set) var model: ValueModel
  private(set) var log: [Instruction] = []
  /// The early stops that were decided before the run ended.
  private(set) var stops: [Int] = []
  private(set) var wasCancelled = false
  /// How often each task failed for good, failed otherwise and was lost.
  private(set) var troubles: [TaskID: (forGood: Int, failed: Int, lost: Int)] = [:]
  private(set) var outcome = RunOutcome.done(steps: -1)
  private var memory: MemoryModel?
  private(set) var wasDiskFull = false
  /// Tasks that were started or admitted for a value that could not be had again.
  private(set) var unreadable: Set<TaskID> = []

  init(_ simulation: Simulation, generator: SeededGenerator) {
    var generator = generator
    self.simulation = simulation
    state = simulation.makeState(&generator)
    pool = simulation.makePool(&generator)
    model = ValueModel(table: simulation.table, steps: simulation.steps)
    memory = simulation.limit.map {
      MemoryModel(simulation.table, steps: simulation.steps, limit: $0)
    }
    bound =
      simulation.limit?.budget ?? PeakEstimate(
        of: simulation.table, steps: simulation.steps, windowDepth: simulation.windowDepth,
        slots: simulation.slots)?.total.bytes ?? 0
  }

  /// Runs until the scheduler says that the run is over, then delivers what still comes: it must change nothing.
  mutating func run() throws(SimulationFailure) {
    try deliver([.begin])
    while model.outcome == nil {
      let events = pool.nextEvents()
      if events.isEmpty { throw simulation.fail("nothing is under way and the run is not over") }
      try deliver(events)
    }
    if let end = model.outcome { outcome = end }
    while true {
      let late = pool.nextEvents()
      if late.isEmpty { return }
      var instructions: [Instruction] = []
      state.handle(late, into: &instructions)
      if !instructions.isEmpty {
        throw simulation.fail("\(instructions[0]) after the end of the run")
      }
    }
  }

  private mutating func deliver(_ events: [SchedulerEvent]) throws(SimulationFailure) {
    for event in events {
      note(event)
      if let complaint = memory?.happen(event) { throw simulation.fail(complaint) }
      if case .finished(let id, let attempt) = event, model.running[id]?.number == attempt {
        memory?.made(id)
      }
      if let complaint = model.happen(event) { throw simulation.fail(complaint) }
    }
    var instructions: [Instruction] = []
    state.handle(events, into: &instructions)
    log += instructions
    for instruction in instructions {
      if let complaint = model.perform(instruction) { throw simulation.fail(complaint) }
      if let complaint = memory?.perform(instruction) { throw simulation.fail(complaint) }
      switch instruction {
      case .start(let task, let attempt, _): pool.start(task, attempt: attempt)
      case .spill(let version): pool.spill(version)
      case .fetch(let version): pool.fetch(version)
      case .finished(.failed(let task)) where memory?.hasLost ?? false: unreadable.insert(task)
      case .release, .evict, .completed, .finished: break
      }
    }
    do {
      try state.checkInvariants()
    } catch {
      throw simulation.fail("\(error)")
    }
    if let memory {
      let held = memory.bytes + model.runningBytes
      // Who is admitted and waits for its inputs has its outputs reserved, and is not seen from here.
      let isAnyWaiting = state.waitingForDisk != nil
      if isAnyWaiting ? held > state.reservedBytes : held != state.reservedBytes {
        throw simulation.fail("\(state.reservedBytes) bytes reserved, \(held) held")
      }
    } else if model.heldBytes != state.reservedBytes {
      throw simulation.fail("\(state.reservedBytes) bytes reserved, \(model.heldBytes) held")
    }
    if state.peakReservedBytes > bound {
      throw simulation.fail("\(state.peakReservedBytes) bytes reserved, the bound is \(bound)")
    }
  }

  private mutating func note(_ event: SchedulerEvent) {
    switch event {
    case .stop(let step): stops.append(step)
    case .cancel: wasCancelled = true
    case .failed(let task, let attempt, let isTransient):
      guard model.running[task]?.number == attempt else { return }
      if isTransient {
        troubles[task, default: (0, 0, 0)].failed += 1
      } else {
        troubles[task, default: (0, 0, 0)].forGood += 1
      }
    case .lost(let task, let attempt):
      guard model.running[task]?.number == attempt else { return }
      troubles[task, default: (0, 0, 0)].lost += 1
    case .notStored: wasDiskFull = true
    case .begin, .finished, .stored, .fetched, .notFetched: break
    }
  }
}
