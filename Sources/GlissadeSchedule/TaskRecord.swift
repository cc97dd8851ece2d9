/// Where a task of an open step is.
enum TaskPhase: UInt8, Sendable {
  /// It waits for others.
  case waiting
  /// It could start.
  case ready
  /// It is admitted, and waits for inputs that come back from the disk.
  case fetching
  /// An attempt has been started and has not ended.
  case running
  /// It has made its outputs.
  case finished
  /// It is not due in this step and counts as finished.
  case notDue
  /// It failed for good.
  case failed
  /// It will never start, since its step is discarded.
  case withdrawn
}

/// What the scheduler remembers of a task in an open step: 16 bytes.
struct TaskRecord: Sendable {
  /// How many of its uses are of unfinished tasks.
  var waits: Int32
  /// The task whose end made it ready; negative where something else did.
  var causeTask = TaskRecord.stepOpened
  /// How many steps earlier that task was.
  var causeLag: Int32 = 0
  /// The attempt that runs, ran last or comes next, from 1.
  var attempt: UInt16 = 1
  /// How many attempts have failed; the others before this one were lost.
  var failures: UInt8 = 0
  var phase = TaskPhase.waiting

  static let stepOpened: Int32 = -1
  static let retry: Int32 = -2

  /// One task less to wait for; true if it was the last, which is noted as the cause.
  @inline(__always)
  mutating func dropWait(cause: Int32, lag: Int32) -> Bool {
    guard phase == .waiting else { return false }
    waits -= 1
    guard waits == 0 else { return false }
    causeTask = cause
    causeLag = lag
    phase = .ready
    return true
  }
}

/// What the scheduler remembers of a value of a step.
struct ValueRecord: Sendable {
  /// How many reasons there are to keep it: uses by tasks that have not finished, one for a pin until its step is complete,
  /// one while it is held for tasks of steps in which its producer is not due.
  var claims: Int32
  /// Whether it has been made and not been released.
  var isAlive = false

  /// One reason less; true if that was the last and the value is there to be released.
  @inline(__always)
  mutating func dropClaim() -> Bool {
    claims -= 1
    return claims == 0 && isAlive
  }
}
