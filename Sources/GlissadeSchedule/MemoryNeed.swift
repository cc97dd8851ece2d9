package import GlissadeGraph

/// The least memory with which a run never starves, before anything runs.
///
/// What stays in memory is counted for as many versions as can be alive at once. Beside it, the task that needs the most
/// must find room for all that it reads and makes when everything else has been sent away. With so many bytes a
/// run ends under every order in which tasks may end: the first ready task waits for memory only while something runs
/// or moves, and then gets it.
package struct MemoryNeed: Sendable, Hashable {
  /// The bytes of what stays in memory.
  package var fixed: Int
  /// The task that needs the most beside it; nil where there are no tasks.
  package var task: Int?
  /// What that task needs.
  package var taskBytes: Int
  /// The least limit.
  package var total: Int

  /// The need of a table; nil where the bytes are more than can be counted.
  ///
  /// - Complexity: O(tasks + uses), and as much again for each level of views of views.
  package init?(of table: TaskTable, steps: Int, windowDepth: Int, limit: MemoryLimit) {
    let template = StepTemplate(table, steps: steps)
    let memory = MemoryState(template, of: table, limit: limit)
    var sum = Checked(0)
    let depth = min(windowDepth, max(steps, 1)) + memory.viewReach
    let versions = PeakEstimate.versions(of: table, steps: steps + memory.viewReach, depth: depth)
    for (value, count) in versions.enumerated() where memory.isFixed[value] {
      sum.add(table.valueBytes[value], times: count)
    }
    let movable = Set(memory.movableOnce)
    for (value, once) in limit.once.enumerated() where !movable.contains(Int32(value)) {
      sum.add(once.bytes, times: 1)
    }
    var most = Checked(0)
    var greatest: Int?
    var roots = RootWalk(template: template, memory: memory)
    for task in 0..<table.taskCount {
      var need = roots.bytes(ofInputsOf: task)
      for value in table.outputs(of: task) where !memory.isFixed[value] {
        need.add(table.valueBytes[value], times: 1)
      }
      need.add(table.workspaceBytes[task], times: 1)
      if greatest == nil || need.isAbove(most) { (most, greatest) = (need, task) }
    }
    guard let fixed = sum.bytes, let taskBytes = most.bytes else { return nil }
    let (total, overflow) = fixed.addingReportingOverflow(taskBytes)
    if overflow { return nil }
    self.fixed = fixed
    task = greatest
    self.taskBytes = taskBytes
    self.total = total
  }
}

/// A sum that knows whether it is right.
private struct Checked {
  private(set) var bytes: Int?

  init(_ bytes: Int) { self.bytes = bytes }

  mutating func add(_ more: Int, times: Int) {
    guard let old = bytes else { return }
    let (product, tooMany) = more.multipliedReportingOverflow(by: times)
    let (sum, tooLarge) = old.addingReportingOverflow(product)
    bytes = tooMany || tooLarge ? nil : sum
  }

  func isAbove(_ other: Checked) -> Bool { (bytes ?? .max) > (other.bytes ?? .max) }
}

/// Finds what a task in the middle of a run reads, through views.
private struct RootWalk {
  let template: StepTemplate
  let memory: MemoryState
  private let movableOnce: Set<Int32>
  private var seen: Set<Version> = []
  private var seenOnce: Set<Int32> = []

  init(template: StepTemplate, memory: MemoryState) {
    self.template = template
    self.memory = memory
    movableOnce = Set(memory.movableOnce)
  }

  /// The bytes of the movable values that a task reads, each once.
  mutating func bytes(ofInputsOf task: Int) -> Checked {
    seen.removeAll(keepingCapacity: true)
    seenOnce.removeAll(keepingCapacity: true)
    var sum = Checked(0)
    visit(task, back: 0, &sum)
    return sum
  }

  private mutating func visit(_ task: Int, back: Int, _ sum: inout Checked) {
    for position in template.useRange(of: task) {
      let use = template.uses[position]
      let value = Int(use.value)
      guard use.time != .once else {
        for root in memory.limit?.once[value].roots ?? []
        where movableOnce.contains(root) && seenOnce.insert(root).inserted {
          sum.add(memory.limit?.once[Int(root)].bytes ?? 0, times: 1)
        }
        continue
      }
      // A held version is some version: it has a key of its own.
      let source = use.time == .held ? -1 - Int(use.lag) : back + Int(use.lag)
      guard seen.insert(Version(value, step: source)).inserted else { continue }
      if template.valueBytes[value] > 0 {
        if !memory.isFixed[value] { sum.add(template.valueBytes[value], times: 1) }
      } else if memory.isView[value], use.time == .step {
        visit(Int(template.producer[value]), back: source, &sum)
      }
    }
  }
}
