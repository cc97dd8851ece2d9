/// One run of a task: where and when.
public struct TaskEvent: Sendable, Hashable {
  /// The number of the task in its table.
  public let task: Int
  /// The step, from 0; 0 for what is computed once.
  public let step: Int
  /// The worker thread.
  public let worker: Int
  /// Nanoseconds from the begin of the run to the begin of the task.
  public let start: Int
  /// Nanoseconds from the begin of the run to the end of the task.
  public let end: Int

  /// An event from its parts.
  public init(task: Int, step: Int, worker: Int, start: Int, end: Int) {
    self.task = task
    self.step = step
    self.worker = worker
    self.start = start
    self.end = end
  }
}

/// What a run of a task waited for besides other tasks, while a worker stood idle.
public struct TaskWait: Sendable, Hashable {
  /// The number of the task in its table.
  public let task: Int
  /// The step, from 0; 0 for what is computed once.
  public let step: Int
  /// Nanoseconds in which it did not fit into the memory budget.
  public internal(set) var memory: Int
  /// Nanoseconds in which its inputs came back from the disk.
  public internal(set) var disk: Int

  /// A wait from its parts.
  public init(task: Int, step: Int, memory: Int, disk: Int) {
    self.task = task
    self.step = step
    self.memory = memory
    self.disk = disk
  }
}

/// What was noted of the tasks of one table.
public struct TableRecord: Sendable, Hashable {
  /// By task, the nanoseconds of all its runs.
  public var nanoseconds: [Int]
  /// By task, how often it was run.
  public var runs: [Int]
  /// The newest runs of each worker, by their begin.
  public var events: [TaskEvent] = []
  /// How many older ones were not kept.
  public var dropped = 0
  /// The newest waits for memory and for the disk, in order.
  public var waits: [TaskWait] = []

  /// A record of tasks that were never run.
  public init(taskCount: Int) {
    nanoseconds = [Int](repeating: 0, count: taskCount)
    runs = nanoseconds
  }
}

/// What was noted of a run: which worker ran which task when.
public struct RunRecord: Sendable, Hashable {
  /// What is computed once.
  public var once: TableRecord
  /// What is computed in steps.
  public var steps: TableRecord
  /// The worker threads.
  public var threads: Int

  /// A record from its parts.
  public init(once: TableRecord, steps: TableRecord, threads: Int) {
    self.once = once
    self.steps = steps
    self.threads = threads
  }

  /// How many runs of each worker are kept where nothing else is said: 1.5 MiB.
  public static let usualCapacity = 65_536
}
