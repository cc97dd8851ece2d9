import GlissadeSchedule
import GlissadeSystem

/// How long workers were idle since memory was full, and since values had not come back from the disk.
struct WaitingTime: Sendable {
  /// Nanoseconds in which a worker was idle and the first ready task waited for memory, by task.
  private(set) var forMemory: [Int32: UInt64] = [:]
  /// Nanoseconds in which a worker was idle and a task waited for the disk, by task.
  private(set) var forDisk: [Int32: UInt64] = [:]
  /// The newest waits of single runs, as many as are to be kept, from `oldest` on and round.
  private var ofRuns: [TaskWait] = []
  private var oldest = 0
  private let capacity: Int
  private var last: UInt64 = 0

  /// - Parameter capacity: How many waits of single runs are kept.
  init(keeping capacity: Int = 0) { self.capacity = capacity }

  /// The newest waits of single runs, in order. One that was broken by another's is there more than once.
  var newest: [TaskWait] { Array(ofRuns[oldest...] + ofRuns[..<oldest]) }

  /// Counts the time since the last call, in which the scheduler was as it is.
  mutating func note(_ scheduler: borrowing SchedulerState, threads: Int) {
    let now = MonotonicClock.now()
    defer { last = now }
    guard last > 0, scheduler.running < threads else { return }
    if let task = scheduler.waitingForDisk {
      forDisk[task.index, default: 0] += now - last
      keep(task, memory: 0, disk: Int(now - last))
    } else if let task = scheduler.heldUp {
      forMemory[task.index, default: 0] += now - last
      keep(task, memory: Int(now - last), disk: 0)
    }
  }

  private mutating func keep(_ task: TaskID, memory: Int, disk: Int) {
    guard capacity > 0 else { return }
    let newest = oldest == 0 ? ofRuns.count - 1 : oldest - 1
    if newest >= 0, ofRuns[newest].task == Int(task.index), ofRuns[newest].step == task.step {
      ofRuns[newest].memory += memory
      ofRuns[newest].disk += disk
      return
    }
    let wait = TaskWait(task: Int(task.index), step: task.step, memory: memory, disk: disk)
    guard ofRuns.count == capacity else { return ofRuns.append(wait) }
    ofRuns[oldest] = wait
    oldest = (oldest + 1) % capacity
  }
}

extension SchedulerEvent {
  /// The same about a version under another name.
  func about(_ version: Version) -> SchedulerEvent {
    switch self {
    case .stored: .stored(version)
    case .notStored: .notStored(version)
    case .fetched: .fetched(version)
    case .notFetched: .notFetched(version)
    case .begin, .finished, .failed, .lost, .stop, .cancel: self
    }
  }
}
