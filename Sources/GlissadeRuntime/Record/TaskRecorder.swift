import GlissadeSchedule
import GlissadeSystem
import GlissadeTensor

/// Notes which worker runs which task when. It costs two readings of the clock a task.
///
/// One would do where a worker goes straight on, the end of the one being the begin of the next; but the next may be ready
/// by what another worker ended a moment later, and would seem to begin before that.
///
/// Of each task the whole time and the number of runs are kept, and of each worker the newest runs one by one.
///
/// `@unchecked Sendable`: each worker writes a lane of its own; lanes are read when the workers have ended.
final class TaskRecorder: @unchecked Sendable {
  /// One run of a task as a lane keeps it: nanoseconds since `epoch`.
  struct Run: BitwiseCopyable {
    let task: TaskID
    let start: UInt64
    let end: UInt64
  }

  /// What one worker has noted.
  private struct Lane {
    var start: UInt64 = 0
    var count = 0
    let runs: UnsafeMutablePointer<Run>
    let nanoseconds: UnsafeMutablePointer<UInt64>
    let times: UnsafeMutablePointer<UInt64>
  }

  private let lanes: [UnsafeMutablePointer<Lane>]
  private let taskCount: Int
  /// How many runs of each worker are kept: a power of two.
  let capacity: Int
  private let epoch: UInt64

  /// - Parameters:
  ///   - taskCount: The tasks of the table.
  ///   - capacity: How many runs of each worker are kept, rounded up to a power of two.
  ///   - epoch: The moment from which is counted.
  init(taskCount: Int, threads: Int, capacity: Int, epoch: UInt64) {
    var power = 1
    while power < capacity { power *= 2 }
    self.capacity = power
    self.taskCount = taskCount
    self.epoch = epoch
    lanes = (0..<threads).map { _ in
      let nanoseconds: UnsafeMutablePointer<UInt64> = CacheLines.allocate(capacity: taskCount)
      nanoseconds.initialize(repeating: 0, count: taskCount)
      let times: UnsafeMutablePointer<UInt64> = CacheLines.allocate(capacity: taskCount)
      times.initialize(repeating: 0, count: taskCount)
      let lane: UnsafeMutablePointer<Lane> = CacheLines.allocate(capacity: 1)
      // Pages that are never written take no memory.
      lane.initialize(
        to: Lane(
          runs: CacheLines.allocate(capacity: power), nanoseconds: nanoseconds, times: times))
      return lane
    }
  }

  deinit {
    for lane in lanes {
      lane.pointee.runs.deallocate()
      lane.pointee.nanoseconds.deallocate()
      lane.pointee.times.deallocate()
      lane.deallocate()
    }
  }

  /// A worker is about to run a task.
  @inline(__always)
  func begin(on worker: Int) { lanes[worker].pointee.start = MonotonicClock.now() }

  /// A worker has run a task.
  @inline(__always)
  func end(_ task: TaskID, on worker: Int) {
    let lane = lanes[worker]
    let now = MonotonicClock.now()
    let start = lane.pointee.start
    lane.pointee.runs[lane.pointee.count & (capacity - 1)] = Run(
      task: task, start: start &- epoch, end: now &- epoch)
    lane.pointee.count += 1
    lane.pointee.nanoseconds[Int(task.index)] &+= now &- start
    lane.pointee.times[Int(task.index)] += 1
  }

  /// What was noted; the workers have ended.
  ///
  /// - Parameter waits: What runs of tasks have waited for besides.
  func record(_ waits: WaitingTime) -> TableRecord {
    var record = TableRecord(taskCount: taskCount)
    record.waits = waits.newest
    for (worker, lane) in lanes.enumerated() {
      for task in 0..<taskCount {
        record.nanoseconds[task] += Int(lane.pointee.nanoseconds[task])
        record.runs[task] += Int(lane.pointee.times[task])
      }
      let count = lane.pointee.count
      record.dropped += max(0, count - capacity)
      for index in max(0, count - capacity)..<count {
        let run = lane.pointee.runs[index & (capacity - 1)]
        record.events.append(
          TaskEvent(
            task: Int(run.task.index), step: run.task.step, worker: worker, start: Int(run.start),
            end: Int(run.end)))
      }
    }
    record.events.sort { ($0.start, $0.worker) < ($1.start, $1.worker) }
    return record
  }
}
