package import GlissadeSchedule

/// Workers in simulated time: they take started attempts in order, need random times, fail, vanish and answer late.
package struct SimulatedPool {
  /// How often things go wrong: once in so many attempts; 0 is never.
  package struct Faults: Sendable {
    /// Failures after which another attempt may succeed.
    package var transientOnceIn = 0
    /// Failures for good.
    package var permanentOnceIn = 0
    /// Replies that never come, or come after the attempt was given up.
    package var lostOnceIn = 0
    /// Replies that come twice.
    package var doubledOnceIn = 0
    /// Values that the disk does not take.
    package var fullOnceIn = 0
    /// Values that the disk does not give back.
    package var unreadableOnceIn = 0
  }

  private struct Message {
    var time: Int
    var event: SchedulerEvent
  }

  private var freeAt: [Int]
  private let latency: ClosedRange<Int>
  private let faults: Faults
  private var generator: SeededGenerator
  /// In the order of sending.
  ///
  /// Few are under way at a time, so the earliest is found by looking at all.
  private var messages: [Message] = []
  /// The simulated time.
  package private(set) var now = 0

  /// Idle workers.
  package init(
    workers: Int, latency: ClosedRange<Int>, faults: Faults, generator: SeededGenerator
  ) {
    freeAt = Array(repeating: 0, count: workers)
    self.latency = latency
    self.faults = faults
    self.generator = generator
  }

  /// Lets an event happen at a time.
  package mutating func schedule(_ event: SchedulerEvent, at time: Int) {
    messages.append(Message(time: time, event: event))
  }

  /// Gives an attempt to the worker that is free first.
  package mutating func start(_ task: TaskID, attempt: UInt16) {
    let worker = freeAt.indices.min { freeAt[$0] < freeAt[$1] } ?? 0
    let end = max(now, freeAt[worker]) + generator.number(latency)
    freeAt[worker] = end
    if happens(faults.permanentOnceIn) {
      schedule(.failed(task, attempt: attempt, isTransient: false), at: end)
    } else if happens(faults.transientOnceIn) {
      schedule(.failed(task, attempt: attempt, isTransient: true), at: end)
    } else if happens(faults.lostOnceIn) {
      schedule(.lost(task, attempt: attempt), at: end)
      if generator.once(in: 2) {
        let late = end + generator.number(latency)
        schedule(.finished(task, attempt: attempt), at: late)
      }
    } else {
      schedule(.finished(task, attempt: attempt), at: end)
      if happens(faults.doubledOnceIn) {
        schedule(.finished(task, attempt: attempt), at: end + generator.number(latency))
      }
    }
  }

  /// Moves a value to the disk.
  package mutating func spill(_ version: Version) {
    let event = happens(faults.fullOnceIn) ? SchedulerEvent.notStored(version) : .stored(version)
    schedule(event, at: now + generator.number(latency))
  }

  /// Moves a value back.
  package mutating func fetch(_ version: Version) {
    let isLost = happens(faults.unreadableOnceIn)
    let event = isLost ? SchedulerEvent.notFetched(version) : .fetched(version)
    schedule(event, at: now + generator.number(latency))
  }

  private mutating func happens(_ onceIn: Int) -> Bool {
    onceIn > 0 && generator.once(in: onceIn)
  }

  /// The events of the next moment at which something happens, in the order in which they were
  /// sent; sometimes those of the next few moments at once.
  ///
  /// Empty when nothing is under way.
  package mutating func nextEvents() -> [SchedulerEvent] {
    guard let first = messages.map(\.time).min() else { return [] }
    now = generator.once(in: 4) ? first + generator.number(0...latency.upperBound) : first
    let due = messages.enumerated().filter { $0.element.time <= now }
      .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
    messages.removeAll { $0.time <= now }
    return due.map(\.element.event)
  }
}
