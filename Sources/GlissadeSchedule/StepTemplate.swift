import GlissadeGraph

/// What the scheduler knows about any step before it begins: the table, turned round so that a finished task finds those
/// that wait for it.
struct StepTemplate: Sendable {
  /// A use that reaches into another step: its reader waits for a task of an earlier one (or, where the floor clamps,
  /// of step 0).
  struct FarUse: Sendable {
    var reader: Int32
    var producer: Int32
    var use: ValueUse
  }

  /// A task whose output is held while it is not due.
  struct HeldValue: Sendable {
    var value: Int32
    var producer: Int32
    var period: Int
    var leastLag: Int
    var greatestLag: Int
  }

  let steps: Int
  let taskCount: Int
  let valueCount: Int
  // The table's arrays, shared with it: a copy of the whole table would count references of all of them.
  let useStart: [Int32]
  let uses: [ValueUse]
  let outputStart: [Int32]
  let valueBytes: [Int]
  let producer: [Int32]
  let workspaceBytes: [Int]
  let period: [Int32]
  /// The greatest lag of any use, at most `steps`: no step reads further back.
  let reach: Int
  /// The readers of each task within its step, once for each use.
  let near: Adjacency
  /// How many uses of each task are of its own step.
  let nearWaits: [Int32]
  /// Tasks that read nothing of their own step.
  let roots: [Int32]
  /// All uses that reach into other steps, grouped by producer.
  let farUses: [FarUse]
  let farStart: [Int32]
  /// Tasks that are not due in every step.
  let periodic: [Int32]
  /// The uses of periodic tasks that have step time.
  let periodicUses: [FarUse]
  let held: [HeldValue]
  let pinned: [Int32]
  /// How often each value is kept in a step far from both ends: uses by tasks that are always due, and one for a pin.
  let steadyClaims: [Int32]
  /// Values that have an initial version.
  let initial: [Int32]
  /// The bytes of the outputs of each task.
  let outputBytes: [Int]

  /// - Complexity: O(tasks + uses).
  init(_ table: TaskTable, steps: Int) {
    precondition(table.period.allSatisfy { $0 >= 1 }, "a period below 1")
    self.steps = steps
    taskCount = table.taskCount
    valueCount = table.valueCount
    useStart = table.useStart
    uses = table.uses
    outputStart = table.outputStart
    valueBytes = table.valueBytes
    producer = table.producer
    workspaceBytes = table.workspaceBytes
    period = table.period
    let count = table.taskCount
    near = Adjacency(readersWithinStepOf: table)
    var nearWaits = [Int32](repeating: 0, count: count)
    var far: [FarUse] = []
    var periodicUses: [FarUse] = []
    var steady = [Int32](repeating: 0, count: table.valueCount)
    var hasInitial = [Bool](repeating: false, count: table.valueCount)
    var lags: [Int32: (least: Int, greatest: Int)] = [:]
    var reach = 0
    for task in 0..<count {
      for use in table.uses(of: task) where use.time != .once {
        let producer = table.producer[Int(use.value)]
        let entry = FarUse(reader: Int32(task), producer: producer, use: use)
        StepTemplate.checkPeriods(of: entry, in: table)
        reach = max(reach, Int(use.lag))
        if use.time == .held {
          let old = lags[use.value] ?? (Int(use.lag), Int(use.lag))
          lags[use.value] = (min(old.least, Int(use.lag)), max(old.greatest, Int(use.lag)))
        } else {
          if table.period[task] == 1 {
            steady[Int(use.value)] += 1
          } else {
            periodicUses.append(entry)
          }
          if use.floor < 0 && use.lag > 0 { hasInitial[Int(use.value)] = true }
        }
        if use.lag == 0 { nearWaits[task] += 1 } else { far.append(entry) }
      }
    }
    for value in 0..<table.valueCount where table.isPinned[value] { steady[value] += 1 }
    self.nearWaits = nearWaits
    self.periodicUses = periodicUses
    self.reach = min(reach, steps)
    roots = (0..<Int32(count)).filter { nearWaits[Int($0)] == 0 }
    (farUses, farStart) = StepTemplate.grouped(far, tasks: count)
    periodic = (0..<Int32(count)).filter { table.period[Int($0)] != 1 }
    pinned = (0..<Int32(table.valueCount)).filter { table.isPinned[Int($0)] }
    initial = (0..<Int32(table.valueCount)).filter { hasInitial[Int($0)] }
    steadyClaims = steady
    held = lags.sorted { $0.key < $1.key }.map { value, lag in
      let producer = table.producer[Int(value)]
      return HeldValue(
        value: value, producer: producer, period: Int(table.period[Int(producer)]),
        leastLag: lag.least, greatestLag: lag.greatest)
    }
    outputBytes = (0..<count).map { task in
      table.outputs(of: task).reduce(0) { $0 + table.valueBytes[$1] }
    }
  }

  /// Traps where a task that is due would read a value of a step in which its producer is not: the planner's fault.
  private static func checkPeriods(of entry: FarUse, in table: TaskTable) {
    let reader = table.period[Int(entry.reader)]
    let producer = table.period[Int(entry.producer)]
    let fits =
      switch entry.use.time {
      case .once: true
      case .held: entry.use.lag >= 1
      case .step: entry.use.lag == 0 ? reader % producer == 0 : producer == 1
      }
    precondition(
      fits && entry.use.lag >= 0,
      "task \(entry.reader) with period \(reader) reads task \(entry.producer) with period "
        + "\(producer) at lag \(entry.use.lag)")
  }

  private static func grouped(_ uses: [FarUse], tasks: Int) -> ([FarUse], [Int32]) {
    var start = [Int32](repeating: 0, count: tasks + 1)
    for use in uses { start[Int(use.producer) + 1] += 1 }
    for task in 0..<tasks { start[task + 1] += start[task] }
    return (uses.sorted { ($0.producer, $0.reader) < ($1.producer, $1.reader) }, start)
  }
}

/// The arithmetic of steps: which one is read, who is due, how many read.
extension StepTemplate {
  @inline(__always)
  func isDue(_ task: Int32, step: Int) -> Bool {
    let period = Int(self.period[Int(task)])
    return period == 1 || (step + 1) % period == 0 || step + 1 == steps
  }

  /// The step that a use of step time reads in step `step`.
  @inline(__always)
  static func source(of use: ValueUse, at step: Int) -> Int {
    max(step - Int(use.lag), Int(use.floor))
  }

  /// The last due step of a task that is at most `step`; nil before the first.
  ///
  /// `step` must lie before the run's last.
  func lastDue(_ task: Int32, through step: Int) -> Int? {
    let period = Int(self.period[Int(task)])
    let due = (step + 1) / period * period - 1
    return step >= 0 && due >= 0 ? due : nil
  }

  /// How many steps of `0...step` a task is due in.
  func dueCount(_ task: Int32, through step: Int) -> Int {
    guard step >= 0 else { return 0 }
    let period = Int(self.period[Int(task)])
    let extra = step + 1 == steps && steps % period != 0 ? 1 : 0
    return (step + 1) / period + extra
  }

  /// How many steps before `end` read the value of step `source` through this use.
  ///
  /// - Complexity: O(1).
  func readers(_ entry: FarUse, of source: Int, before end: Int) -> Int {
    let floor = Int(entry.use.floor)
    let last = source + Int(entry.use.lag)
    // At lag 0 the floor clamps nothing: only step 0 itself reads step 0.
    if source > floor || entry.use.lag == 0 {
      return last >= 0 && last < end && isDue(entry.reader, step: last) ? 1 : 0
    }
    return source == floor ? dueCount(entry.reader, through: min(last, end - 1)) : 0
  }

  /// Whether any step of the run reads the version of step `step` while it is held.
  func isEverHeld(_ value: HeldValue, from step: Int) -> Bool { step + value.leastLag < steps }

  /// The values that a task makes.
  @inline(__always)
  func outputs(of task: Int) -> Range<Int> { Int(outputStart[task])..<Int(outputStart[task + 1]) }

  /// The places in `uses` of what a task reads.
  @inline(__always)
  func useRange(of task: Int) -> Range<Int> { Int(useStart[task])..<Int(useStart[task + 1]) }

  /// All uses of step time, with their readers.
  func forEachStepUse(_ body: (FarUse) -> Void) {
    for task in 0..<taskCount {
      for position in useRange(of: task) where uses[position].time == .step {
        let use = uses[position]
        body(FarUse(reader: Int32(task), producer: producer[Int(use.value)], use: use))
      }
    }
  }
}
