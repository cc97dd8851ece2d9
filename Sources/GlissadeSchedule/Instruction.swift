/// What the scheduler wants done, in this order.
package enum Instruction: Sendable, Hashable {
  /// Runs an attempt of a task. Its inputs are alive until the attempt has ended.
  case start(TaskID, attempt: UInt16, reason: StartReason)
  /// The value of a step will not be read again and can be forgotten. Step -1 is the initial version of a state.
  case release(value: Int32, step: Int)
  /// Writes the bytes of a value to the disk; they stay in memory until `evict`.
  case spill(Version)
  /// Lets go of the bytes of a value, which has been written or can be made again.
  case evict(Version)
  /// Brings the bytes of a value back to memory, from the disk or by running its task again.
  case fetch(Version)
  /// All tasks of a step are finished. Steps complete in order; pinned values of the step are released only later.
  case completed(step: Int)
  /// The run is over and no attempt is running. Given exactly once and last; what is still alive can be dropped.
  case finished(RunOutcome)
}

/// How a run ended.
package enum RunOutcome: Sendable, Hashable {
  /// All steps are complete.
  case done(steps: Int)
  /// The steps up to this one are complete and the run was told to stop after it.
  case stopped(after: Int)
  /// The steps up to this one are complete and the run was cancelled.
  case cancelled(after: Int)
  /// A task failed for good; of several, the one in the earliest step.
  case failed(TaskID)
  /// Nothing moves any more, since this task finds no memory and the disk takes no more.
  case starved(TaskID)
}

/// Why a task was started now: what `explain` tells.
///
/// It holds no heap memory.
package struct StartReason: Sendable, Hashable {
  /// What made the task ready.
  package enum Cause: Sendable, Hashable {
    /// Its step was opened, and all that it reads was there.
    case stepOpened
    /// The last task that it waited for has finished.
    case dependency(TaskID)
    /// An earlier attempt has failed or was lost.
    case retry
  }

  /// What made the task ready.
  package var cause: Cause
  /// Its place in the order of its step.
  package var rank: Int32
  /// How many tasks were ready, this one included.
  package var ready: Int32

  /// A reason from its parts.
  package init(cause: Cause, rank: Int32, ready: Int32) {
    self.cause = cause
    self.rank = rank
    self.ready = ready
  }
}
