package import GlissadeGraph

/// What the scheduler knows of memory, where it has a limit.
package struct MemoryState: Sendable {
  /// Nil where all is admitted.
  let limit: MemoryLimit?
  /// By value of the table, whether it stays in memory.
  let isFixed: [Bool]
  /// By value of the table, whether it shows the bytes of others.
  let isView: [Bool]
  /// Values of the table that can be put away.
  let movable: [Int32]
  /// By value of the table: who reads it.
  let readers: ValueReaders
  /// By value that is computed once: who reads it or a view of it.
  let onceReaders: ValueReaders
  /// Values that are computed once and can be put away.
  let movableOnce: [Int32]
  /// By value: its place among those that are held, or -1.
  let heldIndex: [Int32]
  /// How many steps older than what they show views can be read.
  let viewReach: Int

  /// By place of the ring and value, then by held value, then by value that is computed once.
  var records: [MemoryRecord] = []
  /// Admitted tasks, some of whose inputs are on their way back.
  var coming: [TaskID] = []
  /// Values that were released while their bytes were on their way.
  var orphans: [Version] = []
  /// How many values are on their way to the disk or back.
  var moving = 0
  /// The bytes that will be free when what is being written has been.
  var leavingBytes = 0
  /// Whether the disk took no more when it was last asked.
  var isDiskFull = false
  /// How often in a row the disk took nothing.
  var refusals = 0
  /// Counts readings.
  var clock: UInt32 = 0
  /// Inputs, while they are gone through.
  var touched: [Version] = []
  /// The inputs of the task looked at last that nobody brings back.
  var away: [Version] = []
  /// Who could go, while that is looked for.
  var candidates: [Candidate] = []

  struct Candidate: Sendable {
    var version: Version
    var index: Int32
    var bytes: Int
    /// The later it is wanted, or the longer unused, the greater.
    var order: UInt64
    /// Whether it goes without being written: it was, or nobody will read it.
    var isFree: Bool
    /// Whether it is data, which is read from files.
    var isRepeatable: Bool

    /// Of those that are wanted at the same time what costs nothing goes first, and data before what the first step changes.
    /// Of those that nobody is known to read, the first ones are wanted first by whoever comes next.
    func goesBefore(_ other: Candidate) -> Bool {
      if order != other.order { return order > other.order }
      if isFree != other.isFree { return isFree }
      if isRepeatable != other.isRepeatable { return isRepeatable }
      return index > other.index
    }
  }

  var isLimited: Bool { limit != nil }

  init(_ template: StepTemplate, of table: TaskTable, limit: MemoryLimit?) {
    self.limit = limit
    guard let limit else {
      (isFixed, isView) = ([], [])
      (movable, movableOnce, heldIndex, viewReach) = ([], [], [], 0)
      (readers, onceReaders) = (ValueReaders(), ValueReaders())
      return
    }
    precondition(limit.traits.count == template.valueCount, "traits of other values")
    var isFixed = (0..<template.valueCount).map {
      limit.traits[$0].isFixed || template.valueBytes[$0] < limit.leastMoved
    }
    // The run itself reads what is pinned when the step is complete.
    if !limit.keepsPinned { for value in template.pinned { isFixed[Int(value)] = true } }
    self.isFixed = isFixed
    movable = (0..<Int32(template.valueCount)).filter {
      !isFixed[Int($0)] && template.valueBytes[Int($0)] > 0
    }
    movableOnce = (0..<Int32(limit.once.count)).filter {
      let once = limit.once[Int($0)]
      return !once.traits.isFixed && once.bytes >= max(1, limit.leastMoved)
    }
    var heldIndex = [Int32](repeating: -1, count: template.valueCount)
    for (index, held) in template.held.enumerated() { heldIndex[Int(held.value)] = Int32(index) }
    self.heldIndex = heldIndex
    readers = ValueReaders(of: template)
    onceReaders = ValueReaders(ofOnce: limit.once, in: template)
    isView = TableViews(of: table).isView
    viewReach = MemoryState.viewReach(template, isView)
  }

  /// The greatest lag between a view and what it shows, through views of views.
  package static func viewReach(of table: TaskTable, steps: Int) -> Int {
    viewReach(StepTemplate(table, steps: steps), TableViews(of: table).isView)
  }

  private static func viewReach(_ template: StepTemplate, _ isView: [Bool]) -> Int {
    var reach = [Int](repeating: 0, count: template.valueCount)
    // As many rounds as views stand upon views: they form no cycle.
    while true {
      var changed = false
      for value in 0..<template.valueCount where isView[value] {
        var own = 0
        for position in template.useRange(of: Int(template.producer[value])) {
          let use = template.uses[position]
          guard use.time == .step else { continue }
          own = max(own, min(template.steps, Int(use.lag) + reach[Int(use.value)]))
        }
        if own > reach[value] {
          reach[value] = own
          changed = true
        }
      }
      if !changed { break }
    }
    return min(reach.max() ?? 0, template.steps)
  }
}

/// Who reads each value: a list of lists in two flat arrays.
struct ValueReaders: Sendable {
  private var start: [Int32] = [0]
  private var uses: [StepTemplate.FarUse] = []

  init() {}

  /// The readers of the values of a step.
  ///
  /// - Complexity: O(values + uses).
  init(of template: StepTemplate) {
    var all: [(value: Int32, use: StepTemplate.FarUse)] = []
    for task in 0..<template.taskCount {
      for position in template.useRange(of: task) where template.uses[position].time != .once {
        let use = template.uses[position]
        let entry = StepTemplate.FarUse(
          reader: Int32(task), producer: template.producer[Int(use.value)], use: use)
        all.append((use.value, entry))
      }
    }
    fill(all, count: template.valueCount)
  }

  /// Those tasks of a step that read what is computed once, by where the bytes are.
  init(ofOnce once: [MemoryLimit.Once], in template: StepTemplate) {
    var all: [(value: Int32, use: StepTemplate.FarUse)] = []
    for task in 0..<template.taskCount {
      for position in template.useRange(of: task) where template.uses[position].time == .once {
        let use = template.uses[position]
        for root in once[Int(use.value)].roots {
          all.append((root, .init(reader: Int32(task), producer: -1, use: use)))
        }
      }
    }
    fill(all, count: once.count)
  }

  private mutating func fill(
    _ all: [(value: Int32, use: StepTemplate.FarUse)], count: Int
  ) {
    start = [Int32](repeating: 0, count: count + 1)
    for entry in all { start[Int(entry.value) + 1] += 1 }
    for value in 0..<count { start[value + 1] += start[value] }
    uses = all.enumerated().sorted {
      ($0.element.value, $0.offset) < ($1.element.value, $1.offset)
    }.map(\.element.use)
  }

  /// Those who read a value.
  subscript(value: Int) -> ArraySlice<StepTemplate.FarUse> {
    uses[Int(start[value])..<Int(start[value + 1])]
  }
}
