/// What a thread of its own computes while the one that asked for it goes on.
public final class Background<Value: Sendable>: Sendable {
  private let result = Lock<Result<Value, any Error>?>(nil)
  private let body: @Sendable () throws -> Value
  private let thread = Lock<SystemThread?>(nil)

  /// Begins with it; where the system has no thread to give, it is computed when it is asked for.
  public init(_ body: @escaping @Sendable () throws -> Value) {
    self.body = body
    let started = try? SystemThread(name: "background") { [self] in compute() }
    thread.withLock { $0 = started }
  }

  private func compute() {
    let computed = Result { try body() }
    result.withLock { $0 = computed }
  }

  /// What has come of it, once it is there.
  ///
  /// Ask once.
  public func get() throws -> Value {
    if let thread = thread.withLock({ $0.take() }) { thread.join() }
    if let result = result.withLock({ $0 }) { return try result.get() }
    return try body()
  }
}
