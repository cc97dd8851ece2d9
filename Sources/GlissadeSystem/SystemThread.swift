internal import CSystem
import Glibc

/// A thread of our own.
///
/// Kernels run here and not on Swift's cooperative pool, where a task costs 8 µs and must not
/// block.
///
/// `@unchecked Sendable`: the handle is written once, before the object is shared.
public final class SystemThread: @unchecked Sendable {
  private var handle = pthread_t()

  private final class Start {
    let name: String
    let body: @Sendable () -> Void
    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Starts a thread.
  ///
  /// Its name is cut to the 15 bytes that the kernel keeps.
  ///
  /// - Throws: `SystemError` where the system has no thread to give.
  public init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, 8 << 20)
    defer { pthread_attr_destroy(&attributes) }
    let code = pthread_create(
      &handle, &attributes,
      { argument in
        let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
        glissade_name_thread(String(start.name.prefix(15)))
        start.body()
        return nil
      }, start.toOpaque())
    if code != 0 {
      start.release()
      throw SystemError(.startThread, path: nil, code: code)
    }
  }

  /// Waits until the thread has ended.
  ///
  /// Call it once.
  public func join() { pthread_join(handle, nil) }

  /// Lets the processor rest for some 20 ns, in a loop that waits for another thread.
  public static func pause() { glissade_pause() }

  /// Gives the processor to another thread.
  public static func yield() { sched_yield() }
}
