package import GlissadeGraph
package import GlissadeSchedule

/// One random run of the scheduler in a simulated world, drawn from one seed.
///
/// The seed draws the table, the number of steps, workers and slots, the depth of the window, the times, failures, losses
/// and late replies, an early stop and a cancellation. After each batch of events the scheduler's
/// invariants are checked, and against a model of the world: that every input is alive when an attempt starts and
/// when it ends, that bytes agree and stay below the planner's bound, that steps complete in order with the pinned values of the
/// `ReferenceExecutor`, and that the outcome is one that the events allow.
public struct Simulation: Sendable {
  /// The seed that draws all.
  public let seed: UInt64
  /// The table of the run.
  package let table: TaskTable
  /// The number of steps.
  package private(set) var steps: Int
  /// How many steps are open at most.
  package let windowDepth: Int
  /// How many tasks run at most.
  package let slots: Int
  private let workers: Int
  private let latency: ClosedRange<Int>
  private let faults: SimulatedPool.Faults
  private let retries: Int
  private let losses: Int
  private let generator: SeededGenerator
  /// How memory is short; nil where it is not.
  package private(set) var limit: MemoryLimit?
  /// How often the disk takes no more, and how often it loses something: once in so many; 0 is never.
  package private(set) var diskFaults = (full: 0, lost: 0)

  /// The simulation of a seed; under pressure memory is limited, most often to the least that never starves.
  public init(seed: UInt64, underPressure: Bool) {
    self.init(seed: seed)
    guard underPressure else { return }
    var generator = SeededGenerator(seed: seed ^ 0x4D45_4D4F_5259)
    var limit = MemoryLimit(
      budget: .max, ahead: generator.number(1...6),
      traits: (0..<table.valueCount).map { _ in
        // A value can be made again only by a task that reads nothing: here none is.
        .init(isFixed: generator.once(in: 8))
      })
    limit.once = Simulation.once(table, &generator)
    if generator.once(in: 5) {
      // As what is computed once before the steps: one step whose pinned values are kept, and some of which can be made again.
      steps = min(steps, 1)
      limit.keepsPinned = true
      for task in 0..<table.taskCount where table.uses(of: task).isEmpty {
        for value in table.outputs(of: task) {
          limit.traits[value].isDropped = generator.once(in: 2)
          limit.traits[value].isRepeatable = limit.traits[value].isDropped
        }
      }
    }
    limit.leastMoved = generator.once(in: 2) ? 1 : generator.number(1...6)
    if generator.once(in: 5) { limit.eviction = .leastRecent }
    let need = MemoryNeed(of: table, steps: steps, windowDepth: windowDepth, limit: limit)
    let least = need?.total ?? 0
    limit.budget = least + (generator.once(in: 2) ? 0 : generator.number(0...max(1, least)))
    Simulation.sendAway(&limit, table)
    self.limit = limit
    // 1: it never takes anything.
    if generator.once(in: 4) { diskFaults.full = generator.number(1...8) }
    if generator.once(in: 8) { diskFaults.lost = generator.number(2...20) }
  }

  /// What is computed once: values with bytes, and views of them.
  private static func once(
    _ table: TaskTable, _ generator: inout SeededGenerator
  ) -> [MemoryLimit.Once] {
    let count = 1 + table.uses.reduce(-1) { $1.time == .once ? max($0, Int($1.value)) : $0 }
    var once: [MemoryLimit.Once] = []
    for value in 0..<count {
      if value > 0, generator.once(in: 3) {
        let roots = once[generator.number(0...value - 1)].roots
        once.append(.init(bytes: 0, roots: roots, traits: .init(isFixed: true)))
        continue
      }
      let isDropped = generator.once(in: 3)
      once.append(
        .init(
          bytes: generator.number(0...30), roots: [Int32(value)],
          traits: .init(isRepeatable: isDropped, isDropped: isDropped),
          place: .init(isStored: generator.once(in: 2))))
    }
    return once
  }

  /// Begins with as much in memory as fits; what stays there in any case first.
  private static func sendAway(_ limit: inout MemoryLimit, _ table: TaskTable) {
    var free = limit.budget
    func isSmall(_ bytes: Int) -> Bool { bytes < max(1, limit.leastMoved) }
    for once in limit.once where isSmall(once.bytes) { free -= once.bytes }
    let initial = Set(
      table.uses.lazy.filter { $0.time == .step && $0.lag > 0 && $0.floor == -1 }.map(\.value)
    ).sorted()
    func isFixed(_ value: Int32) -> Bool {
      limit.traits[Int(value)].isFixed || table.isPinned[Int(value)]
        || table.valueBytes[Int(value)] < limit.leastMoved
    }
    for value in initial where isFixed(value) { free -= table.valueBytes[Int(value)] }
    for value in initial where !isFixed(value) {
      let bytes = table.valueBytes[Int(value)]
      if bytes > free { limit.initial[value] = .init(isResident: false, isStored: true) }
      if bytes <= free { free -= bytes }
    }
    for value in limit.once.indices where !isSmall(limit.once[value].bytes) {
      if limit.once[value].bytes <= free {
        free -= limit.once[value].bytes
      } else {
        limit.once[value].place.isResident = false
        if !limit.once[value].traits.isDropped { limit.once[value].place.isStored = true }
      }
    }
  }

  /// The simulation of a seed.
  public init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    self.seed = seed
    table = RandomTables.table(using: &generator)
    steps = generator.number(generator.once(in: 20) ? 0...1 : 1...10)
    windowDepth = generator.number(1...5)
    workers = generator.number(1...6)
    slots = generator.once(in: 3) ? workers : generator.number(1...2 * workers)
    latency = 1...(generator.once(in: 3) ? 2 : generator.number(1...50))
    var faults = SimulatedPool.Faults()
    if generator.once(in: 2) { faults.transientOnceIn = generator.number(3...30) }
    if generator.once(in: 6) { faults.permanentOnceIn = generator.number(20...400) }
    if generator.once(in: 2) { faults.lostOnceIn = generator.number(3...30) }
    if generator.once(in: 2) { faults.doubledOnceIn = generator.number(1...10) }
    self.faults = faults
    retries = generator.number(0...5)
    losses = generator.number(0...9)
    self.generator = generator
  }

  /// What a run has shown.
  public struct Report: Sendable {
    /// How many attempts were started.
    public let attempts: Int
    /// How many steps were completed.
    public let completedSteps: Int
    /// How the run ended.
    package let outcome: RunOutcome
    /// All instructions, in order.
    package let log: [Instruction]
  }

  /// Runs it to its end.
  public func run() throws(SimulationFailure) -> Report {
    var world = SimulatedWorld(self, generator: generator)
    try world.run()
    try check(world)
    return Report(
      attempts: world.model.attempts, completedSteps: world.model.pinned.count,
      outcome: world.outcome, log: world.log)
  }

  /// The pool of this simulation, with its early stop and its cancellation.
  func makePool(_ generator: inout SeededGenerator) -> SimulatedPool {
    var faults = faults
    faults.fullOnceIn = diskFaults.full
    faults.unreadableOnceIn = diskFaults.lost
    var pool = SimulatedPool(
      workers: workers, latency: latency, faults: faults, generator: generator.split())
    let work = steps * table.taskCount * (latency.upperBound + 1) / 2
    let about = max(work / min(workers, slots), 1)
    if generator.once(in: 4) {
      pool.schedule(
        .stop(afterStep: generator.number(-1...steps)), at: generator.number(0...about))
    }
    if generator.once(in: 6) { pool.schedule(.cancel, at: generator.number(0...about)) }
    return pool
  }

  /// The scheduler of this simulation: sometimes with ranks that nobody would choose.
  func makeState(_ generator: inout SeededGenerator) -> SchedulerState {
    let ranks = Priorities.order(of: table)
    return SchedulerState(
      table: table, ranks: generator.once(in: 4) ? ranks.shuffled(using: &generator) : ranks,
      steps: steps, windowDepth: windowDepth, slots: slots, retries: retries, losses: losses,
      limit: limit)
  }

  /// Compares what was made with the reference, and the outcome with what happened.
  private func check(_ world: SimulatedWorld) throws(SimulationFailure) {
    let completed = world.model.pinned.count
    let reference = ReferenceExecutor<UInt64>(
      table: table, steps: steps, once: ModelKernel.once, initial: ModelKernel.initial
    ) { task, step, inputs in
      ModelKernel.compute(task, step, inputs, outputs: table.outputs(of: task).count)
    }.run()
    for step in 0..<completed {
      let expected = (0..<table.valueCount).compactMap {
        table.isPinned[$0] ? reference[step][$0] : nil
      }
      if world.model.pinned[step] != expected {
        throw fail("the pinned values of step \(step) are not the reference's")
      }
    }
    let isAllowed =
      switch world.outcome {
      case .done(let count): count == steps && completed == steps
      case .stopped(let last):
        completed > last && world.stops.contains { max($0, -1) == last }
      case .cancelled(let last): completed == last + 1 && world.wasCancelled
      case .failed(let id):
        world.unreadable.contains(id)
          || world.troubles[id].map { $0.forGood > 0 || $0.failed > retries || $0.lost > losses }
            ?? false
      case .starved: world.wasDiskFull
      }
    if !isAllowed {
      throw fail("outcome \(world.outcome) with \(completed) of \(steps) steps complete")
    }
  }

  /// A failure of this simulation.
  func fail(_ reason: String) -> SimulationFailure { SimulationFailure(seed: seed, reason: reason) }
}
