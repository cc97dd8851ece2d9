import GlissadeGraph
import GlissadeOperations
import GlissadeSchedule
import GlissadeStore
import GlissadeTensor

/// The bytes that the tasks of a table take when they run, as the buffers take them: what a budget counts.
struct TableMemory {
  /// The table with the bytes of its buffers; the workspaces of the workers are not in it.
  private(set) var table: TaskTable
  /// What can be done with the bytes of each value.
  private(set) var traits: [MemoryLimit.Traits]
  /// By value, whether something goes along with its tensors: texts that are kept.
  private var hasTexts: [Bool] = []
  /// Views that are counted as if the bytes were their own.
  private(set) var ownViews: [Int] = []
  /// By task, whether it only makes views of what it reads, and looks at no byte.
  private var isViewing: [Bool] = []

  /// The tasks before the first step whose values are read only when a step needs them.
  private(set) var deferredTasks: [Bool] = []
  /// The table as it is before the first step: what is left to later takes nothing yet.
  private(set) var tableWithoutDeferred: TaskTable

  /// Of no tasks.
  init() { (table, tableWithoutDeferred, traits) = (TaskTable(), TaskTable(), []) }

  init(_ tasks: Plan.Tasks, of plan: Plan, rates: CostRates) {
    let old = tasks.table
    var valueBytes = [Int](repeating: 0, count: old.valueCount)
    var extra = [Int](repeating: 0, count: old.taskCount)
    var traits = [MemoryLimit.Traits](repeating: .init(), count: old.valueCount)
    var isHeld = [Bool](repeating: false, count: old.valueCount)
    hasTexts = isHeld
    isViewing = [Bool](repeating: false, count: old.taskCount)
    for use in old.uses where use.time == .held { isHeld[Int(use.value)] = true }
    for task in 0..<old.taskCount {
      let members = tasks.members(of: task)
      guard let last = members.last else { continue }
      let inner = members.dropLast().reduce(0) { $0 + TableMemory.outputBytes(of: $1, plan) }
      // A copy of a stage would count each of its parts.
      let (stages, stage) = (plan.graph.nodes[Int(last.node)].shape.stages, Int(last.stage))
      isViewing[task] =
        members.count == 1
        && stages[stage].outputs.indices.allSatisfy {
          stages[stage].outputs[$0][Int(last.place)].aliasesInput
        }
      for (number, value) in old.outputs(of: task).enumerated() {
        let spec = stages[stage].outputs[number][Int(last.place)]
        var bytes = TableMemory.bytes(of: spec)
        if spec.aliasesInput, members.count > 1 || isHeld[value] {
          // A view of what was made inside of the task, or one that outlives what it shows: it counts itself, and what it
          // shows besides stays.
          bytes = max(inner, spec.tensors.reduce(0) { $0 + TableMemory.bytes(of: $1) })
          traits[value].isFixed = true
          ownViews.append(value)
        } else if members.count == 1, stages[stage].isRepeatable, old.uses(of: task).isEmpty,
          stages[stage].outputs.count == 1
        {
          traits[value].isRepeatable = true
          hasTexts[value] = !((spec.facts as? RowFacts)?.kept.isEmpty ?? true)
          traits[value].isDropped =
            stages[stage].cost.seconds(at: rates) < TableMemory.moveSeconds(bytes)
        }
        if stages[stage].isResident { traits[value].isFixed = true }
        valueBytes[value] = bytes
      }
      extra[task] = inner
    }
    self.traits = traits
    table = old.resized(valueBytes: valueBytes, workspaceBytes: extra)
    tableWithoutDeferred = table
  }

  /// Finds the tasks before the first step that are left to whoever needs their value first: it is read from files, and
  /// nothing before the first step looks at it. To be called when it is known which values stay in memory.
  mutating func deferReading() {
    var isWanted = [Bool](repeating: false, count: table.valueCount)
    for value in keptValues { isWanted[value] = true }
    for task in 0..<table.taskCount where !isViewing[task] {
      for use in table.uses(of: task) {
        for root in roots(of: Int(use.value)) { isWanted[root] = false }
      }
    }
    deferredTasks = (0..<table.taskCount).map { task in
      table.outputs(of: task).allSatisfy {
        isWanted[$0] && traits[$0].isRepeatable && !traits[$0].isFixed && !hasTexts[$0]
      }
    }
    var (valueBytes, workspaceBytes) = (table.valueBytes, table.workspaceBytes)
    for task in deferredTasks.indices where deferredTasks[task] {
      workspaceBytes[task] = 0
      for value in table.outputs(of: task) { valueBytes[value] = 0 }
    }
    tableWithoutDeferred = table.resized(valueBytes: valueBytes, workspaceBytes: workspaceBytes)
  }

  /// Lets no value be dropped: nobody could make it again.
  mutating func dropNothing() {
    for value in traits.indices {
      (traits[value].isRepeatable, traits[value].isDropped) = (false, false)
    }
  }

  /// Lets a value be written rather than dropped.
  mutating func writeRatherThanDrop(_ value: Int) { traits[value].isDropped = false }

  /// Lets a value of a step, or what it shows, stay in memory; `once` what it shows of the prologue.
  mutating func fixRoots(ofStep value: Int, in once: inout TableMemory) {
    fix(value)
    guard showsOthers(value) else { return }
    var seen: Set<Int> = []
    var open = [value]
    while let next = open.popLast() {
      guard seen.insert(next).inserted else { continue }
      fix(next)
      guard showsOthers(next) else { continue }
      for use in table.uses(of: Int(table.producer[next])) {
        if use.time == .once {
          once.fixRoots(of: Int(use.value))
        } else {
          open.append(Int(use.value))
        }
      }
    }
  }

  /// Whether a value is a view; what counts itself may show something besides.
  private func showsOthers(_ value: Int) -> Bool {
    table.valueBytes[value] == 0 || ownViews.contains(value)
  }

  /// The values of a step that a value shows: itself where it has bytes.
  func stepRoots(of value: Int) -> Set<Int> {
    if table.valueBytes[value] > 0 { return [value] }
    var found: Set<Int> = []
    var seen: Set<Int> = []
    var open = [value]
    while let next = open.popLast() {
      guard seen.insert(next).inserted else { continue }
      if table.valueBytes[next] > 0 {
        found.insert(next)
      } else {
        for use in table.uses(of: Int(table.producer[next])) where use.time != .once {
          open.append(Int(use.value))
        }
      }
    }
    return found
  }

  /// Lets a value stay in memory as long as it lives.
  mutating func fix(_ value: Int) { traits[value].isFixed = true }

  /// The seconds to write bytes to a disk of the usual rate and to read them back.
  private static func moveSeconds(_ bytes: Int) -> Double {
    SpillRates().secondsToMove(ByteCount(bytes))
  }

  private static func outputBytes(of member: Plan.Member, _ plan: Plan) -> Int {
    plan.graph.nodes[Int(member.node)].shape.stages[Int(member.stage)].outputs
      .reduce(0) { $0 + bytes(of: $1[Int(member.place)]) }
  }

  /// The bytes that an output's buffers take; none where it is a view.
  static func bytes(of spec: ValueSpec) -> Int {
    spec.aliasesInput ? 0 : spec.tensors.reduce(0) { $0 + bytes(of: $1) }
  }

  private static func bytes(of tensor: TensorSpec) -> Int {
    BufferPool.heldBytes(byteCount: tensor.byteCount)
  }
}

extension TableMemory {
  /// Lets a value of the prologue, or what it shows, stay in memory.
  mutating func fixRoots(of value: Int) {
    for root in roots(of: value) { fix(root) }
  }

  /// Where the bytes of a value of the prologue are: its own, or for a view those of others.
  ///
  /// - Complexity: O(uses of the tasks on the way).
  func roots(of value: Int) -> [Int] {
    if table.valueBytes[value] > 0 { return [value] }
    var found: [Int] = []
    var seen: Set<Int> = []
    var open = [value]
    while let next = open.popLast() {
      guard seen.insert(next).inserted else { continue }
      if table.valueBytes[next] > 0 {
        found.append(next)
      } else {
        for use in table.uses(of: Int(table.producer[next])) { open.append(Int(use.value)) }
      }
    }
    return found.sorted()
  }

  /// The values of the prologue that outlive it, as the scheduler of the steps sees them.
  ///
  /// - Parameter moved: Values that go on as initial versions of states, and are none of these.
  func asOnce(
    without moved: Set<Int>, place: (Int) -> MemoryLimit.Place = { _ in .init() }
  ) -> [MemoryLimit.Once] {
    let kept = Set(keptValues)
    return (0..<table.valueCount).map { value in
      guard kept.contains(value), !moved.contains(value) else {
        let roots = table.isPinned[value] && !moved.contains(value) ? self.roots(of: value) : []
        return .init(bytes: 0, roots: roots.map { Int32($0) }, traits: .init(isFixed: true))
      }
      return .init(
        bytes: table.valueBytes[value], roots: [Int32(value)], traits: traits[value],
        place: place(value))
    }
  }

  /// The values with bytes that are pinned, or shown by what is pinned.
  var keptValues: [Int] {
    var isKept = [Bool](repeating: false, count: table.valueCount)
    for value in 0..<table.valueCount where table.isPinned[value] {
      for root in roots(of: value) { isKept[root] = true }
    }
    return isKept.indices.filter { isKept[$0] }
  }

  /// The bytes of what outlives the prologue.
  var keptBytes: Int { keptValues.reduce(0) { $0 + table.valueBytes[$1] } }
}
