import GlissadeSystem
import Testing

@Suite struct GateTests {
  @Test func aConditionThatHoldsNeedsNoWait() {
    let gate = Gate(3)
    #expect(gate.wait { $0 == 3 ? "three" : nil } == "three")
    #expect(gate.wait(nanoseconds: 0) { $0 == 3 ? "three" : nil } == "three")
  }

  @Test func aWaitThatIsNotMetGivesNil() {
    let gate = Gate(0)
    let start = MonotonicClock.now()
    let result: Int? = gate.wait(nanoseconds: 3_000_000) { _ in nil }
    #expect(result == nil)
    #expect(MonotonicClock.now() - start >= 3_000_000)
  }

  @Test func aChangeWakesTheWaiter() throws {
    let gate = Gate(0)
    let thread = try SystemThread(name: "setter") {
      for _ in 0..<10 { gate.change { $0 += 1 } }
    }
    #expect(gate.wait { $0 == 10 ? $0 : nil } == 10)
    thread.join()
  }

  /// The longest time that can be written waits; it does not wrap around to a moment in the past.
  @Test func aWaitWithoutEndIsNoTimeout() throws {
    let gate = Gate(false)
    let thread = try SystemThread(name: "setter") {
      MonotonicClock.sleep(nanoseconds: 2_000_000)
      gate.change { $0 = true }
    }
    #expect(gate.wait(nanoseconds: .max) { $0 ? 1 : nil } == 1)
    thread.join()
  }

  /// ```
  ///   producer ─▶ [ queue of at most one ] ─▶ three consumers
  /// ```
  /// Waking one at a time is enough where each change lets exactly one waiter pass.
  @Test(arguments: [Gate<Int>.Wake.one, .all])
  func everyItemIsTakenOnce(waking: Gate<Int>.Wake) throws {
    struct Queue {
      var items: [Int] = []
      var closed = false
    }
    let gate = Gate(Queue())
    let taken = Lock<[Int]>([])
    let wakeItem: Gate<Queue>.Wake =
      switch waking {
      case .one: .one
      default: .all
      }
    let consumers = try (0..<3).map { _ in
      try SystemThread(name: "consumer") {
        while true {
          let item: Int?? = gate.wait { queue in
            if let item = queue.items.popLast() { return .some(item) }
            return queue.closed ? .some(nil) : nil
          }
          guard let item = item ?? nil else { return }
          taken.withLock { $0.append(item) }
        }
      }
    }
    for item in 0..<300 { gate.change(waking: wakeItem) { $0.items.append(item) } }
    gate.change { $0.closed = true }
    for consumer in consumers { consumer.join() }
    #expect(taken.withLock { $0.sorted() } == Array(0..<300))
  }

  @Test func aBodyThatThrowsLeavesTheGateOpen() {
    struct Refused: Error, Equatable {}
    let gate = Gate(1)
    #expect(throws: Refused()) { try gate.change { _ throws(Refused) in throw Refused() } }
    #expect(gate.change(waking: .none) { $0 } == 1)
  }
}
