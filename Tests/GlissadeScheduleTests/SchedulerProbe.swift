import GlissadeGraph
import GlissadeSchedule
import GlissadeTesting

/// A scheduler in a test's hands: events by number, instructions as short words, invariants checked after each.
///
/// Words: `start 2@0` (task 2 of step 0), `start 2@0 #2` (its second attempt), `release 1@-1`, `completed 0`, and at the end
/// `done 3`, `stopped 1`, `cancelled 1` or `failed 2@0`.
struct SchedulerProbe {
  private(set) var state: SchedulerState
  private(set) var log: [Instruction] = []

  init(
    _ table: TaskTable, ranks: [Int32]? = nil, steps: Int = 1, window: Int = 1, slots: Int = 1,
    retries: Int = 3, losses: Int = 16
  ) {
    state = SchedulerState(
      table: table, ranks: ranks ?? Priorities.order(of: table), steps: steps, windowDepth: window,
      slots: slots, retries: retries, losses: losses)
  }

  mutating func send(_ events: SchedulerEvent...) throws -> [String] {
    var instructions: [Instruction] = []
    state.handle(events, into: &instructions)
    try state.checkInvariants()
    log += instructions
    return instructions.map(SchedulerProbe.words)
  }

  mutating func begin() throws -> [String] { try send(.begin) }

  mutating func finish(_ task: Int, _ step: Int = 0, attempt: UInt16 = 1) throws -> [String] {
    try send(.finished(TaskID(step: step, index: task), attempt: attempt))
  }

  mutating func fail(
    _ task: Int, _ step: Int = 0, attempt: UInt16 = 1, transient: Bool
  ) throws -> [String] {
    try send(
      .failed(TaskID(step: step, index: task), attempt: attempt, isTransient: transient))
  }

  mutating func lose(_ task: Int, _ step: Int = 0, attempt: UInt16 = 1) throws -> [String] {
    try send(.lost(TaskID(step: step, index: task), attempt: attempt))
  }

  /// Finishes what was started first, one after another, until the run is over.
  ///
  /// Gives all instructions since the beginning.
  mutating func runToTheEnd() throws -> [String] {
    if log.isEmpty { _ = try begin() }
    var next = 0
    while next < log.count {
      if case .start(let id, let attempt, _) = log[next] {
        _ = try send(.finished(id, attempt: attempt))
      }
      next += 1
    }
    return log.map(SchedulerProbe.words)
  }

  private static func words(_ instruction: Instruction) -> String {
    switch instruction {
    case .start(let id, let attempt, _):
      "start \(id.index)@\(id.step)" + (attempt == 1 ? "" : " #\(attempt)")
    case .release(let value, let step): "release \(value)@\(step)"
    case .completed(let step): "completed \(step)"
    case .spill(let version): "spill \(version.value)@\(version.step)"
    case .evict(let version): "evict \(version.value)@\(version.step)"
    case .fetch(let version): "fetch \(version.value)@\(version.step)"
    case .finished(.starved(let id)): "starved \(id.index)@\(id.step)"
    case .finished(.done(let steps)): "done \(steps)"
    case .finished(.stopped(let step)): "stopped \(step)"
    case .finished(.cancelled(let step)): "cancelled \(step)"
    case .finished(.failed(let id)): "failed \(id.index)@\(id.step)"
    }
  }
}

/// ```
///   v(t-1) ── task 0 ── v(t)
/// ```
/// One task that makes the next version of a state, whose versions are wanted.
func counter(pinned: Bool = true) -> TaskTable {
  var sketch = TableSketch()
  sketch.add(uses: [.init(0, lag: 1, floor: -1)], outputs: [4], pinned: pinned ? [0] : [])
  return sketch.table()
}
