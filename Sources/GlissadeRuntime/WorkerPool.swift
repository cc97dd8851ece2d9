package import GlissadeSchedule
package import GlissadeSystem
import Synchronization

/// Threads of our own that run tasks and steal them from each other.
///
/// Each worker keeps what it is given in a deque of its own: it takes the newest task, a thief takes the oldest. A worker
/// that finds nothing looks around for some 50 µs, ever less often so that it does not slow the others, since waking costs more
/// than most tasks; then it sleeps. Which deque a thief looks into first is drawn from a seed, so that tests can try
/// many orders; results never depend on it.
package final class WorkerPool: Sendable {
  /// Runs a task on a worker and gives the tasks that it made possible, the most urgent first.
  package typealias Body =
    @Sendable (_ task: TaskID, _ worker: Int, _ made: inout [TaskID]) -> Void

  private struct Idle {
    var isClosed = false
  }

  /// How often an idle worker looks around before it sleeps.
  private static let looks = 48

  private let deques: [WorkDeque]
  /// What was offered from outside the pool, and whether there is any.
  private let inbox = Lock<[TaskID]>([])
  private let hasMail = Atomic<Bool>(false)
  private let idle = Gate(Idle())
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
    deques = (0..<count).map { _ in WorkDeque() }
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

  /// Offers tasks from outside the pool, the most urgent first.
  package func offer(_ tasks: [TaskID]) {
    guard !tasks.isEmpty else { return }
    inbox.withLock { $0 += tasks }
    hasMail.store(true, ordering: .sequentiallyConsistent)
    wake(forMany: tasks.count > 1)
  }

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
    var made: [TaskID] = []
    made.reserveCapacity(64)
    var order = WorkerRandom(seed: seed &+ UInt64(worker) &* 0x9E37_79B9_7F4A_7C15)
    let deque = deques[worker]
    while let task = next(worker, &order) {
      var current = task
      while true {
        body(current, worker, &made)
        guard let first = made.first, !isClosed.load(ordering: .relaxed) else { break }
        // This worker goes on with the most urgent one itself; the others may be stolen.
        current = first
        if made.count > 1 {
          deque.push(made.dropFirst())
          wake(forMany: made.count > 2)
        }
        made.removeAll(keepingCapacity: true)
      }
      made.removeAll(keepingCapacity: true)
    }
  }

  /// Wakes sleepers, after something was pushed.
  @inline(__always)
  private func wake(forMany: Bool) {
    if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
      idle.change(waking: forMany ? .all : .one) { _ in }
    }
  }

  private func next(_ worker: Int, _ order: inout WorkerRandom) -> TaskID? {
    while true {
      for look in 0..<Self.looks {
        if isClosed.load(ordering: .acquiring) { return nil }
        if let task = find(worker, &order) { return task }
        // 1, 2, 4 … 64 pauses of some 20 ns.
        for _ in 0..<1 << min(look, 6) { SystemThread.pause() }
      }
      sleep()
    }
  }

  private func find(_ worker: Int, _ order: inout WorkerRandom) -> TaskID? {
    if let own = deques[worker].popNewest() { return own }
    if hasMail.load(ordering: .relaxed), let task = openMail(worker) { return task }
    guard deques.count > 1 else { return nil }
    let first = order.next(below: deques.count)
    for offset in 0..<deques.count {
      let victim = (first + offset) % deques.count
      if victim != worker, let stolen = steal(half: deques[victim], for: deques[worker]) {
        return stolen
      }
    }
    return nil
  }

  /// Takes half of what a worker has, one after another: tasks that lie side by side mostly meet again in the same join,
  /// and so stay with one worker.
  private func steal(half victim: WorkDeque, for own: WorkDeque) -> TaskID? {
    guard var last = victim.steal() else { return nil }
    for _ in 0..<victim.count / 2 {
      guard let next = victim.steal() else { break }
      own.push(CollectionOfOne(last))
      last = next
    }
    return last
  }

  /// Takes all that was offered from outside: the first to run, the rest into the worker's deque.
  private func openMail(_ worker: Int) -> TaskID? {
    let mail = inbox.withLock { inbox in
      defer { inbox = [] }
      hasMail.store(false, ordering: .sequentiallyConsistent)
      return inbox
    }
    guard let first = mail.first else { return nil }
    if mail.count > 1 {
      deques[worker].push(mail.dropFirst())
      wake(forMany: mail.count > 2)
    }
    return first
  }

  private var hasWork: Bool {
    hasMail.load(ordering: .sequentiallyConsistent) || deques.contains { $0.count > 0 }
  }

  private func sleep() {
    sleepers.add(1, ordering: .sequentiallyConsistent)
    defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
    _ = idle.wait { (idle: inout Idle) -> Bool? in idle.isClosed || hasWork ? true : nil }
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
