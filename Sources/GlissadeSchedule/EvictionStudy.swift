package import GlissadeGraph

/// What a rule of eviction moves between memory and disk, on a machine with one worker and a disk that answers at once:
/// the rule itself, without the luck of threads.
package struct EvictionStudy {
  /// Bytes that were moved.
  package struct Moves: Sendable, Hashable {
    /// Bytes that were written to the disk.
    package var written = 0
    /// Bytes that were read, from the disk or again from the data.
    package var read = 0
    /// Both.
    package var all: Int { written + read }

    /// Moves of so many bytes.
    package init(written: Int = 0, read: Int = 0) {
      self.written = written
      self.read = read
    }
  }

  private(set) package var moves = Moves()
  /// What ran, for a bound.
  private(set) var trace = EvictionTrace()
  private var numbers: [Version: Int] = [:]

  /// A study of nothing.
  package init() {}

  /// What two tables move: the first runs once and its pinned values are kept for the second, which runs `steps` times.
  ///
  /// - Parameter onceLimit: That of the first, with the places of its values still open.
  /// - Parameter stepLimit: Gives that of the second, from where the first has left its values.
  package mutating func run(
    once: TaskTable, onceLimit: MemoryLimit, step: TaskTable, steps: Int,
    moved: [Int: Int], stepLimit: ((Int) -> MemoryLimit.Place) -> MemoryLimit
  ) {
    var places: [MemoryLimit.Place] = []
    if once.taskCount > 0 {
      let state = drive(once, steps: 1, onceLimit) { Version(Int($0.value), step: Version.once) }
      places = (0..<once.valueCount).map { state.place(of: $0) }
    }
    // Initial versions go on under the names of the states.
    for (value, state) in moved {
      if let number = numbers.removeValue(forKey: Version(value, step: Version.once)) {
        numbers[Version(state, step: -1)] = number
      }
    }
    guard steps > 0 else { return }
    _ = drive(step, steps: steps, stepLimit { places[$0] }) { $0 }
  }

  /// Bytes that no rule can do without, even one that knows the future.
  ///
  /// - Parameter budget: That of both tables.
  package func bound(budget: Int) -> Moves {
    EvictionBound(trace, budget: budget).least(atMost: moves)
  }

  private mutating func drive(
    _ table: TaskTable, steps: Int, _ limit: MemoryLimit, _ name: (Version) -> Version
  ) -> SchedulerState {
    var state = SchedulerState(
      table: table, ranks: Priorities.order(of: table), steps: steps, windowDepth: 1, slots: 1,
      limit: limit)
    var events: [SchedulerEvent] = [.begin]
    var instructions: [Instruction] = []
    while !events.isEmpty {
      instructions.removeAll(keepingCapacity: true)
      state.handle(events.removeFirst(), into: &instructions)
      for instruction in instructions {
        switch instruction {
        case .spill(let version):
          moves.written += state.bytes(of: version)
          events.append(.stored(version))
        case .fetch(let version):
          moves.read += state.bytes(of: version)
          events.append(.fetched(version))
        case .start(let task, let attempt, _):
          note(task, state, table, name)
          events.append(.finished(task, attempt: attempt))
        case .release(let value, let step):
          if let number = numbers.removeValue(forKey: name(Version(Int(value), step: step))) {
            trace.release(number)
          }
        case .evict, .completed, .finished: break
        }
      }
    }
    return state
  }

  private mutating func note(
    _ task: TaskID, _ state: SchedulerState, _ table: TaskTable, _ name: (Version) -> Version
  ) {
    trace.begin(workspace: table.workspaceBytes[Int(task.index)])
    state.forEachRoot(of: Int(task.index), step: task.step) {
      if let number = numbers[name($0)] { trace.read(number) }
    }
    for value in table.outputs(of: Int(task.index)) where table.valueBytes[value] > 0 {
      numbers[name(Version(value, step: task.step))] = trace.make(
        bytes: table.valueBytes[value], isFixed: state.memory.isFixed[value],
        isDropped: state.memory.limit?.traits[value].isDropped ?? false)
    }
  }
}
