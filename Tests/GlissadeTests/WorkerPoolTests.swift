import GlissadeRuntime
import GlissadeSchedule
import GlissadeSystem
import Synchronization
import Testing

/// The pool runs each task that it is given once, whoever takes it.
@Suite struct WorkerPoolTests {
  /// How often each task was run.
  ///
  /// `@unchecked Sendable`: the counters are atomic.
  private final class Counts: @unchecked Sendable {
    private let base: UnsafeMutablePointer<Atomic<Int>>
    let count: Int
    let all = Atomic<Int>(0)

    init(_ count: Int) {
      self.count = count
      base = .allocate(capacity: count)
      for index in 0..<count { (base + index).initialize(to: Atomic(0)) }
    }

    deinit {
      base.deinitialize(count: count)
      base.deallocate()
    }

    func add(_ index: Int) -> Int {
      base[index].add(1, ordering: .relaxed)
      return all.add(1, ordering: .acquiringAndReleasing).newValue
    }

    subscript(index: Int) -> Int { base[index].load(ordering: .relaxed) }
  }

  /// Task n makes tasks 2n and 2n + 1 possible, or a row of many at once, which makes the deques grow.
  @Test(arguments: [1, 2, 4], [2, 700]) func everyTaskRunsOnce(threads: Int, fan: Int) throws {
    let size = 60_000
    let counts = Counts(size)
    let over = Gate(false)
    let pool = try WorkerPool(threads: threads, seed: 7) { task, worker, made in
      let number = Int(task.index)
      precondition((0..<threads).contains(worker))
      let first = number * fan + 1
      for next in first..<max(first, min(first + fan, size)) {
        made.append(TaskID(step: 3, index: next))
      }
      if counts.add(number) == size { over.change { $0 = true } }
    }
    pool.offer([TaskID(step: 3, index: 0)])
    #expect(over.wait(nanoseconds: 600_000_000_000, until: { $0 ? true : nil }) == true)
    pool.close()
    #expect((0..<size).allSatisfy { counts[$0] == 1 })
  }

  /// Workers that sleep are woken by what is offered from outside, each time.
  @Test func sleepersAreWoken() throws {
    let counts = Counts(20)
    let done = Gate(0)
    let pool = try WorkerPool(threads: 2) { task, _, _ in
      let all = counts.add(Int(task.index))
      done.change { $0 = all }
    }
    for number in 0..<20 {
      // Longer than an idle worker looks around.
      MonotonicClock.sleep(nanoseconds: 2_000_000)
      pool.offer([TaskID(step: 0, index: number)])
      let isDone = done.wait(nanoseconds: 60_000_000_000) { $0 > number ? true : nil }
      #expect(isDone == true)
    }
    pool.close()
    #expect((0..<20).allSatisfy { counts[$0] == 1 })
  }

  /// What waits when the pool is closed is dropped, and the threads end.
  @Test func closingEndsWorkThatNeverEnds() throws {
    let started = Gate(false)
    let pool = try WorkerPool(threads: 2) { task, _, made in
      started.change { $0 = true }
      made.append(task)
      made.append(task)
    }
    pool.offer([TaskID(step: 0, index: 0)])
    _ = started.wait(until: { $0 ? true : nil })
    pool.close()
  }
}
