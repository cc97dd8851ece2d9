import GlissadeGraph

/// Sums over the tasks of a plan.
///
/// Bytes are clamped at `Int.max / 2`: a plan beyond that is refused long before for its memory.
struct TaskCounts {
  struct Node {
    var tasks = 0
    var bytes = 0
    var seconds = 0.0
  }

  private(set) var nodes: [Node]
  private(set) var tasksOfSteps = 0
  private(set) var bytesMade = 0
  private(set) var bytesRead = 0
  private(set) var bytesKept = 0
  private(set) var secondsOnce = 0.0
  private(set) var secondsOfFullStep = 0.0
  private(set) var secondsPerStep = 0.0

  init(_ plan: Plan) {
    nodes = [Node](repeating: Node(), count: plan.graph.nodes.count)
    let prologue = plan.prologue.table
    for task in 0..<prologue.taskCount {
      secondsOnce += Double(prologue.cost[task])
      note(task, of: plan.prologue)
    }
    for value in TaskCounts.kept(prologue) {
      TaskCounts.add(prologue.valueBytes[value], to: &bytesKept)
    }
    let table = plan.step.table
    for task in 0..<table.taskCount {
      let period = Int(table.period[task])
      let due = plan.steps / period + (plan.steps % period == 0 ? 0 : 1)
      TaskCounts.add(due, to: &tasksOfSteps)
      let cost = Double(table.cost[task])
      secondsOfFullStep += cost
      if plan.steps > 0 { secondsPerStep += cost * Double(due) / Double(plan.steps) }
      note(task, of: plan.step)
      for value in table.outputs(of: task) {
        TaskCounts.add(table.valueBytes[value], to: &bytesMade)
      }
      for use in table.uses(of: task) {
        let bytes = use.time == .once ? prologue.valueBytes : table.valueBytes
        TaskCounts.add(bytes[Int(use.value)], to: &bytesRead)
      }
    }
  }

  /// The values of the prologue that the run keeps: what is pinned, and what pinned views show.
  private static func kept(_ table: TaskTable) -> [Int] {
    var isKept = table.isPinned
    var stack = isKept.indices.filter { isKept[$0] }
    while let value = stack.popLast() {
      guard table.valueBytes[value] == 0 else { continue }
      for use in table.uses(of: Int(table.producer[value])) where !isKept[Int(use.value)] {
        isKept[Int(use.value)] = true
        stack.append(Int(use.value))
      }
    }
    return isKept.indices.filter { isKept[$0] }
  }

  private mutating func note(_ task: Int, of tasks: Plan.Tasks) {
    let members = tasks.members(of: task)
    let last = Int(members[members.endIndex - 1].node)
    nodes[last].tasks += 1
    nodes[last].seconds += Double(tasks.table.cost[task])
    for value in tasks.table.outputs(of: task) {
      TaskCounts.add(tasks.table.valueBytes[value], to: &nodes[last].bytes)
    }
  }

  private static func add(_ more: Int, to sum: inout Int) {
    sum = min(sum, Int.max / 2) + min(more, Int.max / 2)
    sum = min(sum, Int.max / 2)
  }
}
