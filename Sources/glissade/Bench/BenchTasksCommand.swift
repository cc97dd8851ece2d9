import ArgumentParser
import GlissadeRuntime

/// `bench tasks`: what a task costs besides its kernel.
struct BenchTasksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tasks",
    abstract: "Nanoseconds of a task that does nothing.",
    discussion: """
      Runs graphs of tasks that do nothing through the real scheduler and the real pool.

      Examples:
        glissade bench tasks
        glissade bench tasks --count 1000000 --runs 11 --format json
      """)

  @Option(help: "Tasks of a run.")
  var count = 1_000_000

  @OptionGroup var options: BenchOptions

  func validate() throws {
    guard (1000...100_000_000).contains(count) else {
      throw ValidationError("--count must be from 1000 to 100000000, not \(count)")
    }
  }

  func run() throws {
    var measurements: [BenchMeasurement] = []
    for shape in TaskShape.allCases {
      for threads in [1, 2] {
        let sample = try TaskBench.measure(
          shape, tasks: count, threads: threads, runs: options.runs)
        measurements.append(
          BenchMeasurement(
            name: "tasks", case: shape.name, threads: threads, unit: "ns/task",
            values: sample.nanoseconds))
      }
    }
    options.write(measurements)
  }
}
