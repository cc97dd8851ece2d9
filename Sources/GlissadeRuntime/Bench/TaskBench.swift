import GlissadeGraph
import GlissadeSystem

/// Measures what a task costs besides its kernel.
package enum TaskBench {
  /// One measurement: seconds of whole runs.
  package struct Sample: Sendable {
    /// Tasks of a run.
    package let tasks: Int
    /// The seconds of each run.
    package let seconds: [Double]
    /// The bytes of the heap that the plan and the run held, by the tasks of the run.
    package let bytes: Double

    /// Nanoseconds a task of each run, sorted.
    package var nanoseconds: [Double] { seconds.map { $0 / Double(tasks) * 1e9 }.sorted() }
  }

  /// Runs a shape of about `tasks` tasks `runs` times, after one run to warm up and to measure its memory.
  package static func measure(
    _ shape: TaskShape, tasks: Int, threads: Int, window: Int = 4, runs: Int
  ) throws -> Sample {
    let options = RunOptions(threads: threads, windowDepth: window)
    let bytes = try heldBytes(shape, tasks: tasks, options)
    let engine = Engine(try shape.plan(tasks: tasks), options: options)
    _ = try engine.run()
    var seconds: [Double] = []
    var count = 0
    for _ in 0..<runs {
      let result = try engine.run()
      seconds.append(result.seconds)
      count = result.tasks
    }
    return Sample(tasks: count, seconds: seconds, bytes: bytes / Double(count))
  }

  /// What the heap holds more, in the midst of the last step, than before the graph was planned.
  private static func heldBytes(
    _ shape: TaskShape, tasks: Int, _ options: RunOptions
  ) throws -> Double {
    let held = Lock(0)
    let before = Machine.heapBytes
    let plan = try shape.plan(tasks: tasks) { call in
      guard call.step == call.steps - 1, call.place == 0 else { return }
      held.withLock { $0 = max($0, Machine.heapBytes) }
    }
    _ = try Engine(plan, options: options).run()
    return Double(max(0, held.withLock { $0 } - before))
  }
}
