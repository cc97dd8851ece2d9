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

    /// Nanoseconds a task of each run, sorted.
    package var nanoseconds: [Double] { seconds.map { $0 / Double(tasks) * 1e9 }.sorted() }
  }

  /// Runs a shape of about `tasks` tasks `runs` times, after one run to warm up.
  package static func measure(
    _ shape: TaskShape, tasks: Int, threads: Int, window: Int = 4, runs: Int
  ) throws -> Sample {
    let plan = try shape.plan(tasks: tasks)
    let engine = Engine(plan, options: RunOptions(threads: threads, windowDepth: window))
    _ = try engine.run()
    var seconds: [Double] = []
    var count = 0
    for _ in 0..<runs {
      let result = try engine.run()
      seconds.append(result.seconds)
      count = result.tasks
    }
    return Sample(tasks: count, seconds: seconds)
  }
}
