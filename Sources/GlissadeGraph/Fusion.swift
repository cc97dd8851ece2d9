/// Joins straight chains into one task each: where a task is the only reader of another and waits, within the step, for
/// nothing else, both run on one worker without asking the scheduler in between.
///
/// - Parameters:
///   - tasks: The tasks of a step.
///   - kept: Values that must stay values of the table.
/// - Returns: The fused tasks, and for each old value its new number, or -1 where it is now inside a task.
/// - Complexity: O(tasks + uses).
func fuse(_ tasks: Plan.Tasks, keeping kept: [Int]) -> (tasks: Plan.Tasks, values: [Int]) {
  let table = tasks.table
  let successor = chainLinks(table, keeping: kept)
  var hasPredecessor = [Bool](repeating: false, count: table.taskCount)
  for next in successor where next >= 0 { hasPredecessor[next] = true }

  // The value map first: uses may name values of later chains.
  var map = [Int](repeating: -1, count: table.valueCount)
  var next = 0
  let heads = (0..<table.taskCount).filter { !hasPredecessor[$0] }
  for head in heads {
    var last = head
    while successor[last] >= 0 { last = successor[last] }
    for value in table.outputs(of: last) {
      map[value] = next
      next += 1
    }
  }
  var result = Plan.Tasks()
  result.reserveCapacity(tasks: heads.count, values: next, uses: table.uses.count)
  result.members.reserveCapacity(tasks.members.count)
  var joiner = ChainJoiner(tasks: tasks, map: map)
  for head in heads { joiner.append(from: head, successor, to: &result) }
  for value in 0..<table.valueCount where map[value] >= 0 {
    result.table.isPinned[map[value]] = table.isPinned[value]
  }
  return (result, map)
}

/// For each task the one that it is joined with, or -1.
private func chainLinks(_ table: TaskTable, keeping kept: [Int]) -> [Int] {
  var readers = [Int](repeating: -1, count: table.taskCount)
  var isJoinable = [Bool](repeating: true, count: table.taskCount)
  for value in kept { isJoinable[Int(table.producer[value])] = false }
  for value in 0..<table.valueCount where table.isPinned[value] {
    isJoinable[Int(table.producer[value])] = false
  }
  for task in 0..<table.taskCount {
    for use in table.uses(of: task) where use.time != .once {
      let producer = Int(table.producer[Int(use.value)])
      if use.time == .held || use.lag > 0 || (readers[producer] >= 0 && readers[producer] != task) {
        isJoinable[producer] = false
      } else {
        readers[producer] = task
      }
    }
  }
  var links = [Int](repeating: -1, count: table.taskCount)
  for task in 0..<table.taskCount where readers[task] >= 0 && isJoinable[task] {
    let reader = readers[task]
    let waitsForOthers = table.uses(of: reader).contains { use in
      guard use.time != .once else { return false }
      let producer = Int(table.producer[Int(use.value)])
      return use.lag == 0 && use.time == .step ? producer != task : producer != reader
    }
    // A view must stay a value of its own: who reads it must be seen to read what it shows.
    let makesView = table.outputs(of: reader).contains { table.valueBytes[$0] == 0 }
    if makesView { continue }
    if !waitsForOthers && table.period[task] == table.period[reader] { links[task] = reader }
  }
  return links
}

/// Writes chains as tasks; its buffers serve one chain after another.
private struct ChainJoiner {
  let tasks: Plan.Tasks
  let map: [Int]
  /// By value of the old table, its number among the outputs of the chain's members; -1 outside of the chain.
  private var inner: [Int32]
  private var uses: [ValueUse] = []

  init(tasks: Plan.Tasks, map: [Int]) {
    self.tasks = tasks
    self.map = map
    inner = Array(repeating: -1, count: tasks.table.valueCount)
  }

  /// Adds the chain that begins with a task.
  mutating func append(from head: Int, _ successor: [Int], to result: inout Plan.Tasks) {
    let table = tasks.table
    uses.removeAll(keepingCapacity: true)
    var outputCount: Int32 = 0
    var workspace = 0
    var cost: Float = 0
    var task = head
    while true {
      for member in tasks.members(of: task) {
        var copy = member
        copy.firstInput = Int32(result.inputs.count)
        for use in table.uses(of: task) { append(use, to: &result) }
        result.members.append(copy)
      }
      workspace = max(workspace, table.workspaceBytes[task])
      cost += table.cost[task]
      for value in table.outputs(of: task) {
        inner[value] = outputCount
        outputCount += 1
      }
      if successor[task] < 0 { break }
      for value in table.outputs(of: task) { workspace += table.valueBytes[value] }
      task = successor[task]
    }
    result.memberStart.append(Int32(result.members.count))
    result.table.append(
      uses: uses, outputs: table.outputs(of: task).map { table.valueBytes[$0] },
      workspace: workspace, period: Int(table.period[task]), cost: cost)
    forget(from: head, successor)
  }

  private mutating func append(_ use: ValueUse, to result: inout Plan.Tasks) {
    let value = Int(use.value)
    if use.time == .step, use.lag == 0, inner[value] >= 0 {
      result.inputs.append(-1 - inner[value])
      return
    }
    result.inputs.append(Int32(uses.count))
    var use = use
    if use.time != .once { use.value = Int32(map[value]) }
    uses.append(use)
  }

  private mutating func forget(from head: Int, _ successor: [Int]) {
    var task = head
    while task >= 0 {
      for value in tasks.table.outputs(of: task) { inner[value] = -1 }
      task = successor[task]
    }
  }
}
