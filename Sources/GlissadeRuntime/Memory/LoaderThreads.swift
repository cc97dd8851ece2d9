import GlissadeGraph
import GlissadeSystem

/// Threads that run tasks again whose values were dropped: mostly they wait for a disk.
final class LoaderThreads: Sendable {
  typealias Job = @Sendable (_ loader: Int) -> Void

  private struct State {
    var jobs: [Job] = []
    var isClosed = false
  }

  private let gate = Gate(State())
  private let threads = Lock<[SystemThread]>([])

  /// Starts the threads; they work until `close`.
  init(count: Int) throws(SystemError) {
    for loader in 0..<count {
      let gate = gate
      do throws(SystemError) {
        let thread = try SystemThread(name: "loader-\(loader)") {
          while let job = LoaderThreads.next(gate) { job(loader) }
        }
        threads.withLock { $0.append(thread) }
      } catch {
        close()
        throw error
      }
    }
  }

  deinit { close() }

  private static func next(_ gate: Gate<State>) -> Job? {
    let next: Job?? = gate.wait { state in
      if !state.jobs.isEmpty { return .some(state.jobs.removeFirst()) }
      return state.isClosed ? .some(nil) : nil
    }
    return next ?? nil
  }

  /// Runs a job when its turn comes.
  func run(_ job: @escaping Job) {
    gate.change { state in
      if !state.isClosed { state.jobs.append(job) }
    }
  }

  /// Ends the threads once all jobs are done.
  func close() {
    gate.change { $0.isClosed = true }
    let ending = threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
    for thread in ending { thread.join() }
  }

  /// Tries again, as the workers do, what may succeed another time.
  static func retrying(_ body: () throws -> Void) throws {
    for _ in 0..<3 {
      do { return try body() } catch let error as KernelError {
        guard error.isTransient else { throw error }
      }
    }
    try body()
  }
}
