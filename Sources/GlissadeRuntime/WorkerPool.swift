package import GlissadeSystem
import Synchronization

/// Threads of our own that run numbered pieces of work and steal them from each other.
///
/// Each worker keeps what it is given in a deque of its own: it takes the newest piece, a thief takes the oldest. A worker
/// that finds nothing spins briefly, since waking costs more than most tasks, then sleeps. Which deque a thief looks
/// into first is drawn from a seed, so that tests can try many orders; results never depend on it.
package final class WorkerPool<Work: Sendable>: Sendable {
  /// Runs a piece of work on a worker and gives the work that it made possible.
  package typealias Body = @Sendable (_ work: Work, _ worker: Int, _ made: inout [Work]) -> Void

  private struct Idle {
    var sleeping = 0
    /// Grows with every piece that is offered, so that a worker does not sleep on news.
    var offers = 0
    var isClosed = false
  }

  /// How often a worker looks around before it sleeps: about 20 µs.
  private static var spins: Int { 400 }

  private let deques: [Lock<WorkDeque<Work>>]
  private let idle = Gate(Idle())
  private let waiting = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private let isClosed = Atomic<Bool>(false)
  private let seed: UInt64
  private let body: Body
  private let threads = Lock<[SystemThread]>([])

  /// Starts the workers.
  ///
  /// - Throws: `SystemError` where the system has no thread to give; workers that were started are ended.
  package init(threads count: Int, seed: UInt64 = 0, body: @escaping Body) throws(SystemError) {
    precondition(count > 0, "a pool of \(count) threads")
    deques = (0..<count).map { _ in Lock(WorkDeque()) }
    self.seed = seed
    self.body = body
    for worker in 0..<count {
      do throws(SystemError) {
        let thread = try SystemThread(name: "glissade-\(worker)") { [self] in run(worker) }
        threads.withLock { $0.append(thread) }
      } catch {
        close()
        throw error
      }
    }
  }

  /// Offers work from outside the pool.
  package func offer(_ work: [Work]) { give(work[...], to: 0) }

  /// Ends the workers once they have finished what they run; what waits is dropped. Waits for them.
  package func close() {
    isClosed.store(true, ordering: .releasing)
    idle.change { $0.isClosed = true }
    let all = threads.withLock { threads in
      defer { threads = [] }
      return threads
    }
    for thread in all { thread.join() }
  }

  private func run(_ worker: Int) {
    var made: [Work] = []
    var order = WorkerRandom(seed: seed &+ UInt64(worker) &* 0x9E37_79B9_7F4A_7C15)
    while let work = next(worker, &order) {
      var current = work
      while true {
        made.removeAll(keepingCapacity: true)
        body(current, worker, &made)
        guard let first = made.first, !isClosed.load(ordering: .acquiring) else { break }
        // This worker goes on with the most urgent one itself; the others may be stolen.
        current = first
        if made.count > 1 { give(made.dropFirst(), to: worker) }
      }
    }
  }

  private func give(_ work: ArraySlice<Work>, to worker: Int) {
    guard !work.isEmpty else { return }
    waiting.add(work.count, ordering: .sequentiallyConsistent)
    // The first is the most urgent: it comes to lie on top.
    deques[worker].withLock { deque in for piece in work.reversed() { deque.push(piece) } }
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
      idle.change(waking: work.count == 1 ? .one : .all) { $0.offers += 1 }
    }
  }

  private func next(_ worker: Int, _ order: inout WorkerRandom) -> Work? {
    while !isClosed.load(ordering: .acquiring) {
      for _ in 0..<Self.spins {
        if waiting.load(ordering: .sequentiallyConsistent) > 0, let work = find(worker, &order) {
          waiting.subtract(1, ordering: .sequentiallyConsistent)
          return work
        }
        if isClosed.load(ordering: .acquiring) { return nil }
        pause()
      }
      sleep()
    }
    return nil
  }

  private func find(_ worker: Int, _ order: inout WorkerRandom) -> Work? {
    if let own = deques[worker].withLock({ $0.popNewest() }) { return own }
    guard deques.count > 1 else { return nil }
    let first = order.next(below: deques.count)
    for offset in 0..<deques.count {
      let victim = (first + offset) % deques.count
      if victim != worker, let stolen = deques[victim].withLock({ $0.popOldest() }) {
        return stolen
      }
    }
    return nil
  }

  private func sleep() {
    sleepers.add(1, ordering: .sequentiallyConsistent)
    defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
    _ = idle.wait { (idle: inout Idle) -> Bool? in
      idle.isClosed || waiting.load(ordering: .sequentiallyConsistent) > 0 ? true : nil
    }
  }

  /// Lets the other thread of the core go on for a moment.
  @inline(never)
  private func pause() {
    for _ in 0..<8 { _ = waiting.load(ordering: .relaxed) }
  }
}

/// A double-ended queue: the owner works at one end, thieves at the other. All operations are O(1) amortized.
struct WorkDeque<Work> {
  private var items: [Work?] = []
  private var first = 0

  mutating func push(_ work: Work) { items.append(work) }

  mutating func popNewest() -> Work? {
    guard items.count > first, let work = items.removeLast() else { return nil }
    if items.count == first { reset() }
    return work
  }

  mutating func popOldest() -> Work? {
    guard items.count > first else { return nil }
    let work = items[first]
    items[first] = nil
    first += 1
    if items.count == first { reset() }
    return work
  }

  private mutating func reset() {
    items.removeAll(keepingCapacity: true)
    first = 0
  }
}

/// Small random numbers that only decide whom a worker steals from.
struct WorkerRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed | 1 }

  mutating func next(below bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }
}
