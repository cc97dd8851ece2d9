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
  }

  private var live: [Version: (bytes: Int, isDropped: Bool)] = [:]
  private(set) package var moves = Moves()
  /// The trace of what was read when, for a bound.
  private var trace: [Event] = []

  private enum Event {
    case made([Version: (bytes: Int, isDropped: Bool)], need: Int)
    case reads([Version], need: Int)
    case released(Version)
  }

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
      let old = Version(value, step: Version.once)
      if let bytes = live.removeValue(forKey: old) {
        live[Version(state, step: -1)] = bytes
        trace.append(.released(old))
        trace.append(.made([Version(state, step: -1): bytes], need: 0))
      }
    }
    guard steps > 0 else { return }
    _ = drive(step, steps: steps, stepLimit { places[$0] }) { $0 }
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
          note(task, state, table, limit, name)
          events.append(.finished(task, attempt: attempt))
        case .release(let value, let step):
          trace.append(.released(name(Version(Int(value), step: step))))
        case .evict, .completed, .finished: break
        }
      }
    }
    return state
  }

  private mutating func note(
    _ task: TaskID, _ state: SchedulerState, _ table: TaskTable, _ limit: MemoryLimit,
    _ name: (Version) -> Version
  ) {
    var reads: [Version] = []
    state.forEachRoot(of: Int(task.index), step: task.step) { reads.append(name($0)) }
    var made: [Version: (bytes: Int, isDropped: Bool)] = [:]
    for value in table.outputs(of: Int(task.index)) where table.valueBytes[value] > 0 {
      made[name(Version(value, step: task.step))] = (
        table.valueBytes[value], limit.traits[value].isDropped
      )
    }
    for (version, bytes) in made { live[version] = bytes }
    let workspace = table.workspaceBytes[Int(task.index)]
    trace.append(.reads(reads, need: workspace + made.values.reduce(0) { $0 + $1.bytes }))
    trace.append(.made(made, need: workspace))
  }

  // MARK: The bound

  /// Bytes that no rule can do without, even one that knows the future.
  ///
  /// For reads: where bytes are pages that are asked for in groups, evicting what is needed furthest ahead reads least
  /// (L. A. Belady, 1966); whole values can only read more, and read a sum of their sizes. For writes: what lives, cannot be
  /// read again from the data and has no room in memory must be on the disk, in whole values. The sum of both is reached by
  /// no rule for certain.
  package func bound(budget: Int) -> Moves {
    var nextUses: [Version: [Int]] = [:]
    for (time, event) in trace.enumerated().reversed() {
      if case .reads(let versions, _) = event {
        for version in Set(versions) { nextUses[version, default: []].append(time) }
      }
    }
    var alive: [Version: (bytes: Int, isDropped: Bool, resident: Int)] = [:]
    var moves = Moves()
    var resident = 0
    for (time, event) in trace.enumerated() {
      switch event {
      case .released(let version):
        if let old = alive.removeValue(forKey: version) { resident -= old.resident }
      case .made(let made, _):
        for (version, value) in made {
          alive[version] = (value.bytes, value.isDropped, value.bytes)
          resident += value.bytes
        }
        let solid = alive.values.reduce(0) { $0 + ($1.isDropped ? 0 : $1.bytes) }
        moves.written = max(moves.written, solid - budget)
      case .reads(let versions, let need):
        let wanted = Set(versions)
        for version in wanted {
          guard let value = alive[version] else { continue }
          moves.read += value.bytes - value.resident
          resident += value.bytes - value.resident
          alive[version]?.resident = value.bytes
          while let last = nextUses[version]?.last, last <= time { nextUses[version]?.removeLast() }
        }
        var over = resident + need - budget
        guard over > 0 else { continue }
        let order = alive.keys.filter { !wanted.contains($0) && (alive[$0]?.resident ?? 0) > 0 }
          .map { ($0, nextUses[$0]?.last ?? .max) }
          .sorted { ($0.1, $0.0.value, $0.0.step) > ($1.1, $1.0.value, $1.0.step) }
        for (version, _) in order where over > 0 {
          let part = min(over, alive[version]?.resident ?? 0)
          alive[version]?.resident -= part
          resident -= part
          over -= part
        }
      }
    }
    let sizes = live.values.map(\.bytes)
    moves.written = EvictionStudy.leastSum(of: sizes, from: moves.written)
    moves.read = EvictionStudy.leastSum(of: sizes, from: moves.read)
    return moves
  }

  /// The least sum of some of these numbers, each as often as is liked, that is not below a bound.
  ///
  /// Where there are more than a few thousand such sums the bound itself is next to one.
  package static func leastSum(of sizes: [Int], from bound: Int) -> Int {
    let sizes = Set(sizes.filter { $0 > 0 })
    guard bound > 0, !sizes.isEmpty else { return max(0, bound) }
    var best = Int.max
    var sums: Set<Int> = [0]
    var open = [0]
    while let sum = open.popLast() {
      for size in sizes {
        let next = sum + size
        if next >= bound {
          best = min(best, next)
        } else if sums.insert(next).inserted {
          if sums.count > 5_000 { return bound }
          open.append(next)
        }
      }
    }
    return best
  }
}
