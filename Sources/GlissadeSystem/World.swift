/// Everything that a program can reach outside itself, as one value: production by default, faulty or simulated in tests.
public struct World: Sendable {
  /// The files.
  public var files: any FileSystem
  /// Nanoseconds that never go back.
  public var now: @Sendable () -> UInt64
  /// Where what was found out about large files is kept for the next process; nil for nowhere.
  public var cacheDirectory: String?

  /// A world from its parts.
  public init(
    files: any FileSystem = LocalFileSystem(),
    now: @escaping @Sendable () -> UInt64 = { MonotonicClock.now() },
    cacheDirectory: String? = World.usersCache
  ) {
    self.files = files
    self.now = now
    self.cacheDirectory = cacheDirectory
  }

  /// `glissade` in the user's directory for caches: `XDG_CACHE_HOME`, or else `~/.cache` (XDG Base Directory Specification).
  public static var usersCache: String? {
    if let caches = Machine.environment("XDG_CACHE_HOME"), caches.hasPrefix("/") {
      return caches + "/glissade"
    }
    return Machine.environment("HOME").flatMap { $0.isEmpty ? nil : $0 + "/.cache/glissade" }
  }
}
