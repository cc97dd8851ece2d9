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

/// Which readings of a value need no counting, since another reader of it waits for them: in training an update reads
/// the parameters after all gradients at them have.
struct LastReaders {
  /// By value: the reader that waits for all others; -1 where there is no such, -2 where nobody reads.
  private var reader: [Int32]

  /// Finds them where all readers lie equally far, at most one step, and are due in every step.
  ///
  /// - Complexity: O(tasks + uses): the search for others ends once it has looked at four times as many tasks.
  init(of table: TaskTable) {
    let producers = Adjacency(producersWithinStepOf: table)
    var readers = [[Int32]](repeating: [], count: table.valueCount)
    var lag = [Int32](repeating: -1, count: table.valueCount)
    var isPlain = [Bool](repeating: true, count: table.valueCount)
    for task in 0..<table.taskCount {
      for use in table.uses(of: task) where use.time == .step {
        let value = Int(use.value)
        if lag[value] >= 0 && lag[value] != use.lag { isPlain[value] = false }
        lag[value] = use.lag
        if use.lag > 1 || table.period[task] != 1 { isPlain[value] = false }
        readers[value].append(Int32(task))
      }
    }
    reader = [Int32](repeating: -1, count: table.valueCount)
    var seen = [Int32](repeating: -1, count: table.taskCount)
    var budget = 4 * table.taskCount
    var open: [Int32] = []
    for value in 0..<table.valueCount
    where isPlain[value] && readers[value].count > 2 && budget > 0 {
      // Whoever waits for the others comes after them in most numberings.
      for candidate in Set([readers[value].min()!, readers[value].max()!]).sorted() where budget > 0 {
        let mark = Int32(truncatingIfNeeded: 2 * value + (candidate == readers[value].max()! ? 1 : 0))
        open = [candidate]
        seen[Int(candidate)] = mark
        while let task = open.popLast(), budget > 0 {
          budget -= 1
          for position in producers.range(Int(task)) {
            let part = Int(producers.items[position])
            if seen[part] != mark {
              seen[part] = mark
              open.append(Int32(part))
            }
          }
        }
        let isOnce = readers[value].count { $0 == candidate } == 1
        if isOnce, readers[value].allSatisfy({ seen[Int($0)] == mark }) {
          reader[value] = candidate
          break
        }
      }
    }
  }

  /// Whether a task's reading of a value counts.
  func isLast(_ task: Int, of value: Int) -> Bool {
    reader[value] < 0 || reader[value] == Int32(task)
  }
}
