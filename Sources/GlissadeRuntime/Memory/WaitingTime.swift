import GlissadeSchedule
import GlissadeSystem

/// How long workers were idle since memory was full, and since values had not come back from the disk.
struct WaitingTime: Sendable {
  /// Nanoseconds in which a worker was idle and the first ready task waited for memory, by task.
  private(set) var forMemory: [Int32: UInt64] = [:]
  /// Nanoseconds in which a worker was idle and a task waited for the disk, by task.
  private(set) var forDisk: [Int32: UInt64] = [:]
  private var last: UInt64 = 0

  /// Counts the time since the last call, in which the scheduler was as it is.
  mutating func note(_ scheduler: borrowing SchedulerState, threads: Int) {
    let now = MonotonicClock.now()
    defer { last = now }
    guard last > 0, scheduler.running < threads else { return }
    if let task = scheduler.waitingForDisk {
      forDisk[task.index, default: 0] += now - last
    } else if let task = scheduler.heldUp {
      forMemory[task.index, default: 0] += now - last
    }
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
