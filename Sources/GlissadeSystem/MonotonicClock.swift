import Glibc

/// Time that never goes back.
public enum MonotonicClock {
  /// Nanoseconds since some fixed moment.
  public static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Seconds since an earlier moment of this clock.
  public static func seconds(since start: UInt64) -> Double { Double(now() &- start) * 1e-9 }

  /// Lets the calling thread sleep.
  public static func sleep(nanoseconds: UInt64) {
    var time = timespec(
      tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    var left = timespec()
    while nanosleep(&time, &left) != 0 && errno == EINTR { time = left }
  }
}
