/// How a task of a step reads a value.
public struct ValueUse: Sendable, Hashable, BitwiseCopyable {
  /// In which time the value lives.
  public enum Time: UInt8, Sendable, BitwiseCopyable {
    /// The value of step `t − lag`, not before step `floor`. Step -1 is the initial version of a state.
    case step
    /// A value of the prologue's table: the same in every step.
    case once
    /// The value of the last step `≤ t − lag` in which its producer was due: what it holds in between. Before the
    /// first one there is none, and the kernel is given a value without tensors.
    case held
  }

  /// The number of the value in its table.
  public var value: Int32
  /// How many steps back. At least 1 for `held`.
  public var lag: Int32
  /// The earliest step that is read: -1 for states, 0 for all else.
  public var floor: Int8
  /// In which time the value lives.
  public var time: Time

  /// A use of a value.
  public init(_ value: Int, lag: Int = 0, floor: Int = 0, time: Time = .step) {
    self.value = Int32(value)
    self.lag = Int32(lag)
    self.floor = Int8(floor)
    self.time = time
  }
}

/// The tasks of one step as flat arrays of numbers: the template from which every step is made.
///
/// A task of the run is a pair (step, index in the table). Inside a table, uses with `time == .step` and `lag == 0` form
/// no cycle. Values are numbered by their producers: task `t` makes the values `outputStart[t]..<outputStart[t + 1]`.
/// The prologue, what is computed once before step 0, is a table of its own whose uses all have lag 0.
public struct TaskTable: Sendable {
  /// Where the uses of each task begin in `uses`; one more entry than tasks.
  public private(set) var useStart: [Int32] = [0]
  /// What the tasks read, one task after another, in the order of the kernel's inputs.
  public private(set) var uses: [ValueUse] = []
  /// Where the outputs of each task begin; one more entry than tasks.
  public private(set) var outputStart: [Int32] = [0]
  /// The greatest bytes of each value; 0 for a view of another.
  public private(set) var valueBytes: [Int] = []
  /// The task that makes each value.
  public private(set) var producer: [Int32] = []
  /// Whether the value of a finished step is wanted by the run itself (an output, a metric), until it has been told of
  /// the step's end.
  public var isPinned: [Bool] = []
  /// The bytes that a task needs while it runs, beyond its outputs.
  public private(set) var workspaceBytes: [Int] = []
  /// A task is due in step `t` if `(t + 1) % period == 0`, and in the last step; 1 is every step.
  public private(set) var period: [Int32] = []
  /// The estimated cost of a task, in any unit that is the same for all: what the critical path adds up.
  public private(set) var cost: [Float] = []

  /// A table without tasks.
  public init() {}

  /// The number of tasks.
  public var taskCount: Int { useStart.count - 1 }

  /// The number of values.
  public var valueCount: Int { valueBytes.count }

  /// Makes room for so many tasks, so that a large table is not copied as it grows.
  mutating func reserveCapacity(tasks: Int, values: Int, uses useCount: Int) {
    uses.reserveCapacity(useCount)
    useStart.reserveCapacity(tasks + 1)
    outputStart.reserveCapacity(tasks + 1)
    workspaceBytes.reserveCapacity(tasks)
    period.reserveCapacity(tasks)
    cost.reserveCapacity(tasks)
    valueBytes.reserveCapacity(values)
    producer.reserveCapacity(values)
    isPinned.reserveCapacity(values)
  }

  /// Adds a task and gives its number. Uses may name values of later tasks; `outputs` are the bytes of each output.
  @discardableResult
  public mutating func append(
    uses taskUses: [ValueUse], outputs: [Int], workspace: Int = 0, period taskPeriod: Int = 1,
    cost taskCost: Float = 1
  ) -> Int {
    let index = taskCount
    uses.append(contentsOf: taskUses)
    useStart.append(Int32(uses.count))
    for bytes in outputs {
      valueBytes.append(bytes)
      producer.append(Int32(index))
      isPinned.append(false)
    }
    outputStart.append(Int32(valueBytes.count))
    workspaceBytes.append(workspace)
    period.append(Int32(taskPeriod))
    cost.append(taskCost)
    return index
  }

  /// The same tasks with other bytes: of each value, and of what each task needs beyond its outputs.
  package func resized(valueBytes: [Int], workspaceBytes: [Int]) -> TaskTable {
    precondition(
      valueBytes.count == valueCount && workspaceBytes.count == taskCount, "bytes of other tasks")
    var table = self
    table.valueBytes = valueBytes
    table.workspaceBytes = workspaceBytes
    return table
  }

  /// What a task reads.
  public func uses(of task: Int) -> ArraySlice<ValueUse> {
    uses[Int(useStart[task])..<Int(useStart[task + 1])]
  }

  /// The values that a task makes.
  public func outputs(of task: Int) -> Range<Int> {
    Int(outputStart[task])..<Int(outputStart[task + 1])
  }

  /// Whether a task runs in a step of a run that has `steps` steps.
  public func isDue(_ task: Int, step: Int, of steps: Int) -> Bool {
    let period = Int(period[task])
    return period == 1 || (step + 1) % period == 0 || step + 1 == steps
  }

  /// The greatest lag of any use: how many finished steps must be remembered.
  public var greatestLag: Int { uses.reduce(0) { $1.time == .step ? max($0, Int($1.lag)) : $0 } }
}
