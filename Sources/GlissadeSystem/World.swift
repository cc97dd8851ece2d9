/// Everything that a program can reach outside itself, as one value: production by default, faulty or simulated in tests.
public struct World: Sendable {
  /// The files.
  public var files: any FileSystem
  /// Nanoseconds that never go back.
  public var now: @Sendable () -> UInt64

  /// A world from its parts.
  public init(
    files: any FileSystem = LocalFileSystem(),
    now: @escaping @Sendable () -> UInt64 = { MonotonicClock.now() }
  ) {
    self.files = files
    self.now = now
  }
}
