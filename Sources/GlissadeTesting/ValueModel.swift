import GlissadeGraph
import GlissadeSchedule

/// What went wrong in a simulation, and how to see it again.
public struct SimulationFailure: Error, Sendable, CustomStringConvertible {
  /// The seed of the simulation.
  public let seed: UInt64
  /// What was expected and what happened.
  public let reason: String

  /// With the one-line rerun.
  public var description: String {
    "simulation of seed \(seed): \(reason); again with: Tools/test --seed \(seed) simulation"
  }
}

/// The world of values in which a simulated run takes place: which are alive, what they are, who works on them.
///
/// It performs instructions as the engine does, and does its own book-keeping from them alone.
struct ValueModel {
  struct Key: Hashable {
    var value: Int
    var step: Int
  }

  /// An attempt that has been started: its number and what it has read.
  struct Attempt {
    var number: UInt16
    var inputs: [UInt64?]
  }

  let table: TaskTable
  let steps: Int
  private(set) var alive: [Key: UInt64] = [:]
  private(set) var running: [TaskID: Attempt] = [:]
  private(set) var finished: Set<TaskID> = []
  /// By completed step: the pinned values, in the order of their numbers.
  private(set) var pinned: [[UInt64]] = []
  private(set) var outcome: RunOutcome?
  private(set) var attempts = 0

  init(table: TaskTable, steps: Int) {
    self.table = table
    self.steps = steps
    if steps == 0 { return }
    for use in table.uses where use.time == .step && use.lag > 0 && use.floor == -1 {
      alive[Key(value: Int(use.value), step: -1)] = ModelKernel.initial(Int(use.value))
    }
  }

  /// The bytes of all that is alive, and of what running attempts need.
  var heldBytes: Int {
    alive.keys.reduce(0) { $0 + table.valueBytes[$1.value] } + runningBytes
  }

  /// The bytes that running attempts need.
  var runningBytes: Int {
    running.keys.reduce(0) { sum, id in
      let outputs = table.outputs(of: Int(id.index)).reduce(0) { $0 + table.valueBytes[$1] }
      return sum + outputs + table.workspaceBytes[Int(id.index)]
    }
  }

  /// What the world does by itself before the scheduler hears of it.
  ///
  /// Gives a complaint, or nil.
  mutating func happen(_ event: SchedulerEvent) -> String? {
    switch event {
    case .finished(let id, let attempt):
      guard let current = running[id], current.number == attempt else { return nil }
      guard inputs(of: id) == .some(current.inputs) else {
        return "\(id): an input was released while it ran"
      }
      running[id] = nil
      finished.insert(id)
      let outputs = table.outputs(of: Int(id.index))
      let made = ModelKernel.compute(
        Int(id.index), id.step, current.inputs, outputs: outputs.count)
      for (value, number) in zip(outputs, made) { alive[Key(value: value, step: id.step)] = number }
    case .failed(let id, let attempt, _), .lost(let id, let attempt):
      if running[id]?.number == attempt { running[id] = nil }
    case .begin, .stop, .cancel: break
    case .stored, .notStored, .fetched, .notFetched: break
    }
    return nil
  }

  /// Performs an instruction.
  ///
  /// Gives a complaint, or nil.
  mutating func perform(_ instruction: Instruction) -> String? {
    if outcome != nil { return "\(instruction) after the end of the run" }
    switch instruction {
    case .start(let id, let attempt, _):
      if running[id] != nil || finished.contains(id) { return "\(id) was started twice" }
      guard table.isDue(Int(id.index), step: id.step, of: steps) else { return "\(id) is not due" }
      guard let inputs = inputs(of: id) else { return "\(id) was started without an input" }
      running[id] = Attempt(number: attempt, inputs: inputs)
      attempts += 1
    case .release(let value, let step):
      guard alive.removeValue(forKey: Key(value: Int(value), step: step)) != nil else {
        return "value \(value) of step \(step) was released but is not alive"
      }
    case .completed(let step):
      if step != pinned.count { return "step \(step) completed, expected \(pinned.count)" }
      return complete(step)
    case .spill, .evict, .fetch: break
    case .finished(let end):
      if !running.isEmpty { return "the run ended with \(running.count) attempts running" }
      outcome = end
    }
    return nil
  }

  private mutating func complete(_ step: Int) -> String? {
    var values: [UInt64] = []
    for task in 0..<table.taskCount where table.isDue(task, step: step, of: steps) {
      if !finished.contains(TaskID(step: step, index: task)) {
        return "step \(step) completed without task \(task)"
      }
      for value in table.outputs(of: task) where table.isPinned[value] {
        guard let number = alive[Key(value: value, step: step)] else {
          return "pinned value \(value) was released before step \(step) completed"
        }
        values.append(number)
      }
    }
    pinned.append(values)
    return nil
  }

  /// What a task reads now; nil where something that it needs is not alive.
  private func inputs(of id: TaskID) -> [UInt64?]? {
    var inputs: [UInt64?] = []
    for use in table.uses(of: Int(id.index)) {
      let value = Int(use.value)
      var step = id.step - Int(use.lag)
      switch use.time {
      case .once:
        inputs.append(ModelKernel.once(value))
        continue
      case .step: step = max(step, Int(use.floor))
      case .held:
        let producer = Int(table.producer[value])
        while step >= 0, !table.isDue(producer, step: step, of: steps) { step -= 1 }
        if step < 0 {
          inputs.append(nil)
          continue
        }
      }
      guard let number = alive[Key(value: value, step: step)] else { return nil }
      inputs.append(number)
    }
    return inputs
  }
}
