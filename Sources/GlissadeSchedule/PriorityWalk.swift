import GlissadeGraph

/// Walks a step depth first, without recursion, and numbers each task after its parts.
struct PriorityWalk {
  /// By task; -1 until it is numbered.
  private(set) var ranks: [Int32]

  private let table: TaskTable
  private let parts: Adjacency
  private let readers: Adjacency
  private var next: Int32 = 0
  /// By task, how many uses of its step are of tasks without number.
  private var missing: [Int32]
  /// By value, how many uses of its step are by tasks without number; one more where it outlives the step.
  private var uses: [Int32]
  /// By task, which of its parts to look at next.
  private var cursor: [Int32]
  private var stack: [Int32] = []
  /// Tasks that free at least what they make and wait for a number.
  private var eager: [Int32] = []

  /// A walk over parts that lie in the order in which they should be computed.
  init(table: TaskTable, parts: Adjacency, readers: Adjacency) {
    self.table = table
    self.parts = parts
    self.readers = readers
    ranks = Array(repeating: -1, count: table.taskCount)
    missing = (0..<table.taskCount).map { Int32(parts.range($0).count) }
    cursor = (0..<table.taskCount).map { parts.start[$0] }
    uses = table.isPinned.map { $0 ? 1 : 0 }
    for use in table.uses where use.time != .once { uses[Int(use.value)] += 1 }
  }

  /// Numbers a task and all that it needs.
  mutating func visit(_ sink: Int) {
    if ranks[sink] < 0 { stack.append(Int32(sink)) }
    while let top = stack.last {
      let task = Int(top)
      if ranks[task] >= 0 {
        stack.removeLast()
      } else if cursor[task] < parts.start[task + 1] {
        let part = parts.items[Int(cursor[task])]
        cursor[task] += 1
        if ranks[Int(part)] < 0 { stack.append(part) }
      } else {
        stack.removeLast()
        number(task)
      }
    }
  }

  /// Gives a task the next rank, and after it those of its readers that free at least what they make.
  private mutating func number(_ task: Int) {
    assign(task)
    while let freeing = eager.popLast() { if ranks[Int(freeing)] < 0 { assign(Int(freeing)) } }
  }

  private mutating func assign(_ task: Int) {
    ranks[task] = next
    next += 1
    for use in table.uses(of: task) where use.time == .step && use.lag == 0 {
      uses[Int(use.value)] -= 1
    }
    for position in readers.range(task).reversed() {
      let reader = Int(readers.items[position])
      missing[reader] -= 1
      if missing[reader] == 0 && freesWhatItMakes(reader) { eager.append(Int32(reader)) }
    }
  }

  /// Whether fewer bytes are alive after a task than before it, or as many, and it needs no workspace beyond that.
  private func freesWhatItMakes(_ task: Int) -> Bool {
    var balance = table.workspaceBytes[task]
    for output in table.outputs(of: task) { balance += table.valueBytes[output] }
    let taskUses = table.uses(of: task)
    for use in taskUses where use.time == .step && use.lag == 0 && uses[Int(use.value)] == 1 {
      balance -= table.valueBytes[Int(use.value)]
    }
    return balance <= 0
  }
}
