import GlissadeGraph

/// Which readings of a value need no counting, since another reader of it waits for them: in training an update reads
/// the parameters after all gradients at them have.
struct LastReaders {
  /// By value: the reader that waits for all others; -1 where there is none, or none was found.
  private var reader: [Int32]

  /// Looks at values that more than two tasks read, all of them equally far, at most one step, and in every step.
  ///
  /// - Complexity: O(tasks + uses): the search ends once it has looked at four times as many tasks as there are.
  init(of table: TaskTable) {
    reader = [Int32](repeating: -1, count: table.valueCount)
    let readers = LastReaders.comparableReaders(in: table)
    guard readers.contains(where: { $0.count > 2 }) else { return }
    let producers = Adjacency(producersWithinStepOf: table)
    var place = [Int32](repeating: 0, count: table.taskCount)
    let sorted = producers.sortedTopologically(readers: Adjacency(readersWithinStepOf: table))
    for (index, task) in sorted.enumerated() { place[Int(task)] = Int32(index) }
    var seen = [Int32](repeating: -1, count: table.taskCount)
    var budget = 4 * table.taskCount
    for value in readers.indices where readers[value].count > 2 && budget > 0 {
      // Nobody else can come after all others.
      guard let last = readers[value].max(by: { place[Int($0)] < place[Int($1)] }) else { continue }
      var open = [last]
      seen[Int(last)] = Int32(value)
      while let task = open.popLast(), budget > 0 {
        budget -= 1
        for position in producers.range(Int(task)) {
          let part = Int(producers.items[position])
          if seen[part] != Int32(value) {
            seen[part] = Int32(value)
            open.append(Int32(part))
          }
        }
      }
      let isOnce = readers[value].count { $0 == last } == 1
      if isOnce, readers[value].allSatisfy({ seen[Int($0)] == Int32(value) }) {
        reader[value] = last
      }
    }
  }

  /// By value, its readers, once for each use; none where they are due in other steps or lie more than a step away.
  private static func comparableReaders(in table: TaskTable) -> [[Int32]] {
    var readers = [[Int32]](repeating: [], count: table.valueCount)
    var lag = [Int32](repeating: -1, count: table.valueCount)
    for task in 0..<table.taskCount {
      for use in table.uses(of: task) where use.time == .step {
        let value = Int(use.value)
        let isFirst = lag[value] == -1
        let fits = use.lag <= 1 && table.period[task] == 1 && (isFirst || lag[value] == use.lag)
        // -2 stays for good.
        lag[value] = fits ? use.lag : -2
        readers[value].append(Int32(task))
      }
    }
    for value in readers.indices where lag[value] < 0 { readers[value] = [] }
    return readers
  }

  /// Whether a task's reading of a value counts.
  func isLast(_ task: Int, of value: Int) -> Bool {
    reader[value] < 0 || reader[value] == Int32(task)
  }
}
