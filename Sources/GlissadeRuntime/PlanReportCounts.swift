import GlissadeGraph

/// Sums over the tasks of a plan.
///
/// Bytes are clamped at `Int.max / 2`: a plan beyond that is refused long before for its memory.
struct TaskCounts {
  struct Node {
    var tasks = 0
    var bytes = 0
    var seconds = 0.0
    /// What its tasks took on average in a run, where there was one.
    var realSeconds = 0.0
  }

  private(set) var nodes: [Node]
  private(set) var tasksOfSteps = 0
  private(set) var bytesMade = 0
  private(set) var bytesRead = 0
  private(set) var bytesKept = 0
  private(set) var secondsOnce = 0.0
  private(set) var secondsOfFullStep = 0.0
  private(set) var secondsPerStep = 0.0

  /// By task of a step, the estimated seconds.
  private(set) var stepCosts: [Float] = []

  /// - Parameter record: What a run of the plan took, if there was one.
  init(_ plan: Plan, rates: CostRates, record: RunRecord?) {
    let costs = TaskCosts(plan, rates)
    stepCosts = (0..<plan.step.table.taskCount).map { costs.seconds(of: $0, in: plan.step) }
    nodes = [Node](repeating: Node(), count: plan.graph.nodes.count)
    let prologue = plan.prologue.table
    for task in 0..<prologue.taskCount {
      let cost = Double(costs.seconds(of: task, in: plan.prologue))
      secondsOnce += cost
      note(task, of: plan.prologue, cost, record?.once)
    }
    for value in TaskCounts.kept(prologue) {
      TaskCounts.add(prologue.valueBytes[value], to: &bytesKept)
    }
    let table = plan.step.table
    for task in 0..<table.taskCount {
      let period = Int(table.period[task])
      let due = plan.steps / period + (plan.steps % period == 0 ? 0 : 1)
      TaskCounts.add(due, to: &tasksOfSteps)
      let cost = Double(stepCosts[task])
      secondsOfFullStep += cost
      if plan.steps > 0 { secondsPerStep += cost * Double(due) / Double(plan.steps) }
      note(task, of: plan.step, cost, record?.steps)
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

  private mutating func note(
    _ task: Int, of tasks: Plan.Tasks, _ cost: Double, _ record: TableRecord?
  ) {
    let members = tasks.members(of: task)
    let last = Int(members[members.endIndex - 1].node)
    nodes[last].tasks += 1
    nodes[last].seconds += cost
    if let record, record.runs[task] > 0 {
      nodes[last].realSeconds += Double(record.nanoseconds[task]) / Double(record.runs[task]) * 1e-9
    }
    for value in tasks.table.outputs(of: task) {
      TaskCounts.add(tasks.table.valueBytes[value], to: &nodes[last].bytes)
    }
  }

  private static func add(_ more: Int, to sum: inout Int) {
    sum = min(sum, Int.max / 2) + min(more, Int.max / 2)
    sum = min(sum, Int.max / 2)
  }
}

/// What tasks cost at some rates: a stage costs the same at every place.
private struct TaskCosts {
  private let numbers: StageNumbers
  /// By number of a stage.
  private var seconds: [Float]

  init(_ plan: Plan, _ rates: CostRates) {
    numbers = plan.stageNumbers
    seconds = []
    seconds.reserveCapacity(numbers.count)
    for node in plan.graph.nodes {
      let stages = node.shape.stages
      for stage in stages.indices { seconds.append(Float(stages[stage].cost.seconds(at: rates))) }
    }
  }

  /// The cost of all members of a task.
  func seconds(of task: Int, in tasks: Plan.Tasks) -> Float {
    tasks.members(of: task).reduce(0) { $0 + seconds[numbers[Int($1.node), Int($1.stage)]] }
  }
}
