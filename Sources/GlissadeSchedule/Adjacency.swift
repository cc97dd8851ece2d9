import GlissadeGraph

/// For each task, others: a list of lists in two flat arrays.
struct Adjacency: Sendable {
  private(set) var start: [Int32]
  private(set) var items: [Int32]

  /// Those who read a task's outputs in the same step, in their own order, once for each use.
  ///
  /// - Complexity: O(tasks + uses).
  init(readersWithinStepOf table: TaskTable) {
    let count = table.taskCount
    var start = [Int32](repeating: 0, count: count + 1)
    Adjacency.forEachUse(of: table) { _, producer in start[producer + 1] += 1 }
    for task in 0..<count { start[task + 1] += start[task] }
    var next = start
    var items = [Int32](repeating: 0, count: Int(start[count]))
    Adjacency.forEachUse(of: table) { task, producer in
      items[Int(next[producer])] = Int32(task)
      next[producer] += 1
    }
    self.start = start
    self.items = items
  }

  /// Whom a task reads from in its own step, in the order of its uses, once for each use.
  init(producersWithinStepOf table: TaskTable) {
    var start: [Int32] = [0]
    var items: [Int32] = []
    start.reserveCapacity(table.taskCount + 1)
    for task in 0..<table.taskCount {
      for use in table.uses(of: task) where use.time == .step && use.lag == 0 {
        items.append(table.producer[Int(use.value)])
      }
      start.append(Int32(items.count))
    }
    self.start = start
    self.items = items
  }

  private static func forEachUse(of table: TaskTable, _ body: (Int, Int) -> Void) {
    for task in 0..<table.taskCount {
      for use in table.uses(of: task) where use.time == .step && use.lag == 0 {
        body(task, Int(table.producer[Int(use.value)]))
      }
    }
  }

  /// Where the others of a task lie in `items`.
  @inline(__always)
  func range(_ task: Int) -> Range<Int> { Int(start[task])..<Int(start[task + 1]) }

  /// Puts a part of the items into an order.
  ///
  /// - Complexity: O(k log k) for k items.
  mutating func sort(_ range: Range<Int>, by precedes: (Int32, Int32) -> Bool) {
    items[range].sort(by: precedes)
  }
}
