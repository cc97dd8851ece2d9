/// What a value holds that moves rows between memory and the disk: the attachment of a value that stays where it is until
/// the run ends.
public protocol MovingRows: AnyObject, Sendable {
  /// What it moves; several may count together.
  var traffic: any DiskTraffic { get }
}

/// What has been moved between memory and the disk, counted.
public protocol DiskTraffic: AnyObject, Sendable {
  /// All that was moved so far.
  var moved: DiskMoves { get }
}

/// Bytes that were moved between memory and the disk, and the time that tasks waited for them.
public struct DiskMoves: Sendable, Hashable {
  /// Bytes of tensors that were written.
  public var spilledBytes = 0
  /// Bytes of the files that they were written to.
  public var writtenBytes = 0
  /// Bytes that were read from those files.
  public var readBackBytes = 0
  /// Bytes that were read from files of data.
  public var rereadBytes = 0
  /// Nanoseconds in which tasks waited for any of these.
  public var waitNanoseconds = 0

  /// Nothing.
  public init() {}
}
