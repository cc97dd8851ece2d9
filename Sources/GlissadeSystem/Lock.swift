import Glibc

#if !SANITIZE_THREAD
  public import Synchronization
#endif

#if SANITIZE_THREAD
  /// A value that one thread at a time may touch.
  ///
  /// In this build a pthread mutex: ThreadSanitizer does not know `Synchronization.Mutex` on Linux and would report races that are none.
  /// `@unchecked Sendable`: the mutex guards `value`; it lies on the heap, since pthread knows it by its address.
  public final class Lock<Value>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    /// A lock around a value.
    public init(_ value: sending Value) {
      self.value = value
      pthread_mutex_init(mutex, nil)
    }

    deinit {
      pthread_mutex_destroy(mutex)
      mutex.deallocate()
    }

    /// Runs `body` while nobody else can touch the value.
    public func withLock<Result, Failure: Error>(
      _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      pthread_mutex_lock(mutex)
      defer { pthread_mutex_unlock(mutex) }
      return try body(&value)
    }
  }
#else
  /// A value that one thread at a time may touch.
  ///
  /// `Synchronization.Mutex` in a class: a contended pthread mutex measured 400–1,200 ns a task where `Mutex` cost 67–230.
  /// `@unchecked Sendable`: `body` is not required to be sendable, since callers pass and return values by copy.
  public final class Lock<Value>: @unchecked Sendable {
    @usableFromInline let mutex = Mutex<Void>(())
    @usableFromInline var value: Value

    /// A lock around a value.
    public init(_ value: sending Value) { self.value = value }

    /// Runs `body` while nobody else can touch the value.
    @inlinable
    public func withLock<Result, Failure: Error>(
      _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      mutex._unsafeLock()
      defer { mutex._unsafeUnlock() }
      return try body(&value)
    }
  }
#endif

/// A lock that threads can wait on until another changes the value: a pthread mutex with its condition variable,
/// which `Synchronization` does not have.
///
/// `@unchecked Sendable`: the mutex guards `value`.
public final class Gate<Value>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var value: Value

  /// A gate around a value.
  public init(_ value: sending Value) {
    self.value = value
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Changes the value and, where `waking` says so, wakes the waiters.
  public func change<Result, Failure: Error>(
    waking: Wake = .all, _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer {
      pthread_mutex_unlock(mutex)
      switch waking {
      case .none: break
      case .one: pthread_cond_signal(condition)
      case .all: pthread_cond_broadcast(condition)
      }
    }
    return try body(&value)
  }

  /// Waits until `body` gives a result; it is asked again after each change.
  ///
  /// Nil after `nanoseconds` without one.
  public func wait<Result>(
    nanoseconds: UInt64? = nil, until body: (inout Value) -> Result?
  ) -> Result? {
    let deadline = nanoseconds.map { duration in
      let (moment, overflow) = MonotonicClock.now().addingReportingOverflow(duration)
      return overflow ? UInt64.max : moment
    }
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&value) { return result }
      if let deadline {
        var until = timespec(
          tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        if pthread_cond_timedwait(condition, mutex, &until) == ETIMEDOUT { return body(&value) }
      } else {
        pthread_cond_wait(condition, mutex)
      }
    }
  }

  /// Who is woken by a change.
  public enum Wake: Sendable {
    /// Nobody: the change lets no waiter pass.
    case none
    /// One waiter.
    case one
    /// Every waiter.
    case all
  }
}
