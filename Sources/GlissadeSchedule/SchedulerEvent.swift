/// What has happened, as the scheduler is told.
///
/// An event that names a task names its attempt too. One that is not about the current attempt of a running task is
/// ignored: it is a late reply or a duplicate.
package enum SchedulerEvent: Sendable, Hashable {
  /// The run begins: the first event, given once.
  case begin
  /// An attempt has made its outputs.
  case finished(TaskID, attempt: UInt16)
  /// An attempt has failed; after a transient failure another one may succeed.
  case failed(TaskID, attempt: UInt16, isTransient: Bool)
  /// The executor of an attempt, or its reply, is gone: another one may succeed.
  case lost(TaskID, attempt: UInt16)
  /// The run ends after this step; what was done in later ones is discarded. It may arrive when later steps have
  /// begun, or have even been completed. -1 discards all.
  case stop(afterStep: Int)
  /// The run ends after the oldest step that is not complete; later ones are discarded.
  case cancel
  /// A value that was to be spilled is on the disk.
  case stored(Version)
  /// A value that was to be spilled could not be written; it is in memory still.
  case notStored(Version)
  /// A value that was to be fetched is in memory.
  case fetched(Version)
  /// A value that was to be fetched cannot be had again.
  case notFetched(Version)
}
