import GlissadeGraph

/// The uses of a table, sorted by what a window has to count: the first half of making a `WindowTemplate`.
struct WindowUses {
  /// A use of an earlier step's value.
  struct FarUse {
    let reader: Int32
    let producer: Int32
    let lag: Int32
  }

  /// How many dependencies each task waits for.
  private(set) var waits: [Int32]
  private(set) var far: [FarUse] = []
  /// What the tasks read, one task after another; without readings that surely end before another one of the same value.
  private(set) var claims: [(value: Int32, lag: Int32)] = []
  private(set) var claimStart: [Int32] = [0]
  /// By value: its claims by tasks that are due in every step, and one where it is pinned.
  private(set) var steady: [Int32]
  private(set) var periodic: [(value: Int32, reader: Int32)] = []
  /// By value: whether it has one claim, by a task of its own step that is due whenever it is made.
  private(set) var isSole: [Bool]
  /// By value: whether in every step in which it is made a task of that step reads it, or the run does.
  private(set) var isSurelyRead: [Bool]

  /// Nil where the dependencies of a step depend on more than who is due.
  ///
  /// - Complexity: O(tasks + uses).
  init?(_ table: TaskTable) {
    waits = [Int32](repeating: 0, count: table.taskCount)
    steady = table.isPinned.map { $0 ? 1 : 0 }
    isSole = [Bool](repeating: false, count: table.valueCount)
    isSurelyRead = table.isPinned
    for task in 0..<table.taskCount {
      for use in table.uses(of: task) where use.time != .once {
        guard use.time == .step, use.lag == 0 || (use.floor < 0 && table.period[task] == 1) else {
          return nil
        }
      }
    }
    let last = LastReaders(of: table)
    var count = table.isPinned.map { $0 ? 2 : 0 }
    for task in 0..<table.taskCount {
      for use in table.uses(of: task) where use.time == .step {
        let value = Int(use.value)
        let maker = table.producer[value]
        waits[task] += 1
        if use.lag > 0 {
          far.append(FarUse(reader: Int32(task), producer: maker, lag: use.lag))
        }
        guard last.isLast(task, of: value) else { continue }
        claims.append((use.value, use.lag))
        count[value] += 1
        if use.lag == 0, table.period[task] == table.period[Int(maker)] {
          isSole[value] = true
          isSurelyRead[value] = true
        }
        if table.period[task] == 1 {
          steady[value] += 1
        } else {
          periodic.append((use.value, Int32(task)))
        }
      }
      claimStart.append(Int32(claims.count))
    }
    for value in 0..<table.valueCount where count[value] != 1 { isSole[value] = false }
  }
}
