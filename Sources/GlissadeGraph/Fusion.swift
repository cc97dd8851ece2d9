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

  var chains: [[Int]] = []
  for task in 0..<table.taskCount where !hasPredecessor[task] {
    var chain = [task]
    while successor[chain[chain.count - 1]] >= 0 { chain.append(successor[chain[chain.count - 1]]) }
    chains.append(chain)
  }
  var map = [Int](repeating: -1, count: table.valueCount)
  var next = 0
  for chain in chains {
    for value in table.outputs(of: chain[chain.count - 1]) {
      map[value] = next
      next += 1
    }
  }
  var result = Plan.Tasks()
  for chain in chains { append(chain, of: tasks, to: &result, map: map) }
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
    if !waitsForOthers && table.period[task] == table.period[reader] { links[task] = reader }
  }
  return links
}

private func append(_ chain: [Int], of tasks: Plan.Tasks, to result: inout Plan.Tasks, map: [Int]) {
  let table = tasks.table
  var uses: [ValueUse] = []
  var inner: [Int: Int32] = [:]
  var outputCount: Int32 = 0
  var workspace = 0
  var cost: Float = 0
  for (position, task) in chain.enumerated() {
    for member in tasks.members(of: task) {
      var copy = member
      copy.firstInput = Int32(result.inputs.count)
      for use in table.uses(of: task) {
        if use.time == .step, use.lag == 0, let local = inner[Int(use.value)] {
          result.inputs.append(-1 - local)
        } else {
          result.inputs.append(Int32(uses.count))
          var use = use
          if use.time != .once { use.value = Int32(map[Int(use.value)]) }
          uses.append(use)
        }
      }
      result.members.append(copy)
    }
    workspace = max(workspace, table.workspaceBytes[task])
    cost += table.cost[task]
    for value in table.outputs(of: task) {
      inner[value] = outputCount
      outputCount += 1
      if position < chain.count - 1 { workspace += table.valueBytes[value] }
    }
  }
  let last = chain[chain.count - 1]
  result.memberStart.append(Int32(result.members.count))
  result.table.append(
    uses: uses, outputs: table.outputs(of: last).map { table.valueBytes[$0] }, workspace: workspace,
    period: Int(table.period[last]), cost: cost)
}
