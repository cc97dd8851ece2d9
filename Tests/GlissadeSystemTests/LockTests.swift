import GlissadeSystem
import Testing

@Suite struct LockTests {
  /// Four threads add to one number and to one array; each increment is there at the end.
  @Test func losesNothingUnderContention() throws {
    struct State {
      var sum = 0
      var entries: [Int] = []
    }
    let lock = Lock(State())
    let threads = try (0..<4).map { number in
      try SystemThread(name: "adder") {
        for round in 0..<5000 {
          lock.withLock { state in
            state.sum += 1
            if round % 100 == 0 { state.entries.append(number) }
          }
        }
      }
    }
    for thread in threads { thread.join() }
    let (sum, entries) = lock.withLock { ($0.sum, $0.entries) }
    #expect(sum == 20_000)
    #expect((0..<4).map { number in entries.count { $0 == number } } == [50, 50, 50, 50])
  }

  @Test func isFreeAgainAfterAThrow() {
    struct Refused: Error, Equatable {}
    let lock = Lock(1)
    #expect(throws: Refused()) {
      try lock.withLock { value throws(Refused) in
        value = 2
        throw Refused()
      }
    }
    #expect(lock.withLock { $0 } == 2)
  }
}
