import GlissadeGraph
import GlissadeRuntime
import Synchronization
import Testing

/// What happens when tasks fail, for both ways to decide.
struct FailureTests {
  /// A training graph of tasks that run `kernel`.
  private func engine(
    _ decides: Decision, threads: Int = 2, tasks: Int = 400, kernel: @escaping Kernel
  ) throws -> Engine {
    let plan = try TaskShape.training8.plan(tasks: tasks, kernel: kernel)
    var options = RunOptions(threads: threads, windowDepth: 3)
    options.decides = decides
    return Engine(plan, options: options)
  }

  @Test(arguments: Decision.allCases)
  func transientFailuresAreTriedAgain(decides: Decision) throws {
    let attempts = Mutex<[Int: Int]>([:])
    let engine = try engine(decides) { call in
      guard call.step == 7 && call.place == 3 && call.inputs.count == 1 else { return }
      let attempt = attempts.withLock { counts -> Int in
        counts[call.place, default: 0] += 1
        return counts[call.place]!
      }
      if attempt <= 2 { throw KernelError("the disk did not answer", isTransient: true) }
    }
    let result = try engine.run()
    #expect(result.status == .done)
    #expect(result.retries == 2)
    #expect(result.tasks == 25 * 16 + 1)
  }

  @Test(arguments: Decision.allCases)
  func aFailureForGoodEndsTheRunAndNamesTheTask(decides: Decision) throws {
    let engine = try engine(decides) { call in
      if call.step == 5 && call.place == 2 { throw KernelError("no such thing") }
    }
    let error = #expect(throws: RunError.self) { try engine.run() }
    #expect(error?.description == "node 'grad', step 6, place grad=2: no such thing")
  }

  @Test(arguments: Decision.allCases)
  func retriesHaveAnEnd(decides: Decision) throws {
    let attempts = Mutex(0)
    let engine = try engine(decides) { call in
      guard call.step == 1 && call.place == 6 else { return }
      attempts.withLock { $0 += 1 }
      throw KernelError("the disk did not answer", isTransient: true)
    }
    #expect(throws: RunError.self) { try engine.run() }
    #expect(attempts.withLock { $0 } == 4)
  }

  /// Hundreds of short runs end: no lost wake-up, no task left behind.
  @Test(arguments: Decision.allCases, [1, 2, 3, 8])
  func shortRunsAlwaysEnd(decides: Decision, threads: Int) throws {
    for shape in TaskShape.allCases {
      let plan = try shape.plan(tasks: 300)
      for seed in 0..<8 as Range<UInt64> {
        var options = RunOptions(threads: threads, windowDepth: Int(seed) + 1, stealingSeed: seed)
        options.decides = decides
        let result = try Engine(plan, options: options).run()
        #expect(result.status == .done)
        #expect(
          result.tasks == plan.steps * plan.step.table.taskCount + plan.prologue.table.taskCount)
      }
    }
  }
}
