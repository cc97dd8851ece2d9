public import GlissadeGraph

/// A task table in the making, whose tasks are named by the order in which they were added.
///
/// It is frozen into a `TaskTable` under any numbering, so that a test can show that names decide nothing.
public struct TableSketch: Sendable {
  /// A use by the number of the producer and of its output.
  public struct Use: Sendable {
    /// The producing task, in the order of adding; it may be added later.
    public var task: Int
    /// Which of its outputs.
    public var output: Int
    /// How many steps back.
    public var lag: Int
    /// The earliest step that is read.
    public var floor: Int
    /// In which time the value lives.
    public var time: ValueUse.Time

    /// A use of an output of a task.
    public init(
      _ task: Int, output: Int = 0, lag: Int = 0, floor: Int = 0, time: ValueUse.Time = .step
    ) {
      self.task = task
      self.output = output
      self.lag = lag
      self.floor = floor
      self.time = time
    }
  }

  /// A task that was added.
  public struct Entry: Sendable {
    /// What it reads.
    public var uses: [Use]
    /// The bytes of its outputs.
    public var outputs: [Int]
    /// The bytes that it needs while it runs.
    public var workspace: Int
    /// The period of the steps that it is due in.
    public var period: Int
    /// Its cost.
    public var cost: Float
    /// Which of its outputs are pinned.
    public var pinned: Set<Int>
  }

  /// The tasks, in the order of adding.
  public var entries: [Entry] = []

  /// A sketch without tasks.
  public init() {}

  /// Adds a task and gives its number.
  @discardableResult
  public mutating func add(
    uses: [Use] = [], outputs: [Int] = [1], workspace: Int = 0, period: Int = 1, cost: Float = 1,
    pinned: Set<Int> = []
  ) -> Int {
    entries.append(
      Entry(
        uses: uses, outputs: outputs, workspace: workspace, period: period, cost: cost,
        pinned: pinned))
    return entries.count - 1
  }

  /// The table in which task `k` of this sketch has the number `numbering[k]`; without a numbering, `k`.
  ///
  /// A use of time `once` names a value of another table: its task number is taken as the value's.
  public func table(numbering: [Int]? = nil) -> TaskTable {
    let numbering = numbering ?? Array(entries.indices)
    var order = [Int](repeating: 0, count: entries.count)
    for (entry, number) in numbering.enumerated() { order[number] = entry }
    var firstOutput = [Int](repeating: 0, count: entries.count)
    var count = 0
    for entry in order {
      firstOutput[entry] = count
      count += entries[entry].outputs.count
    }
    var table = TaskTable()
    for index in order {
      let entry = entries[index]
      let uses = entry.uses.map { use in
        ValueUse(
          use.time == .once ? use.task : firstOutput[use.task] + use.output, lag: use.lag,
          floor: use.floor, time: use.time)
      }
      table.append(
        uses: uses, outputs: entry.outputs, workspace: entry.workspace, period: entry.period,
        cost: entry.cost)
    }
    for (index, entry) in entries.enumerated() {
      for output in entry.pinned { table.isPinned[firstOutput[index] + output] = true }
    }
    return table
  }
}
