import GlissadeGraph

/// What it takes to compute a task with all that it needs of its step, as if nothing of it were shared.
struct SubtreeNeeds {
  /// By task: the greatest bytes that are alive while its part of the step is computed, less those that it leaves.
  private(set) var excess: [Int]
  /// By task: the cost of the longest path that ends with it.
  private(set) var path: [Float]

  /// Labels all tasks from the sources on, and puts the parts of each into the best order.
  init(of table: TaskTable, parts: inout Adjacency, readers: Adjacency) {
    let sorted = parts.sortedTopologically(readers: readers)
    excess = Array(repeating: 0, count: table.taskCount)
    path = Array(repeating: 0, count: table.taskCount)
    var peaks = [Int](repeating: 0, count: table.taskCount)
    for task in sorted {
      let task = Int(task)
      let range = parts.range(task)
      if range.count > 1 { parts.sort(range) { precedes($0, $1) } }
      var held = 0
      var peak = 0
      var longest: Float = 0
      var previous: Int32 = -1
      for position in range {
        let part = parts.items[position]
        // Equal parts lie side by side: two uses of one task need it once.
        if part == previous { continue }
        previous = part
        peak = max(peak, held + peaks[Int(part)])
        held += table.outputs(of: Int(part)).reduce(0) { $0 + table.valueBytes[$1] }
        longest = max(longest, path[Int(part)])
      }
      let outputs = table.outputs(of: task).reduce(0) { $0 + table.valueBytes[$1] }
      peaks[task] = max(peak, held + outputs + table.workspaceBytes[task])
      excess[task] = peaks[task] - outputs
      path[task] = longest + table.cost[task]
    }
  }

  /// Whether one part should be computed before another.
  func precedes(_ left: Int32, _ right: Int32) -> Bool {
    if excess[Int(left)] != excess[Int(right)] { return excess[Int(left)] > excess[Int(right)] }
    if path[Int(left)] != path[Int(right)] { return path[Int(left)] > path[Int(right)] }
    return left < right
  }
}
