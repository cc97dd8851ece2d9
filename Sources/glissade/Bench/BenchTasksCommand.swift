import ArgumentParser
import GlissadeRuntime

/// `bench tasks`: what a task costs besides its kernel.
struct BenchTasksCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "tasks",
    abstract: "Nanoseconds and bytes of a task that does nothing.",
    discussion: """
      Runs graphs of tasks that do nothing through the real scheduler and the real pool. The bytes are those of the heap \
      that plan and run hold, by the tasks of the run: where steps repeat they are next to none, 'wide' has all tasks in \
      one step.

      Examples:
        glissade bench tasks
        glissade bench tasks --shape training --threads 2 --runs 11 --format json
      """)

  @Option(help: "Tasks of a run.")
  var count = 1_000_000

  @Option(help: "Only shapes whose name begins so.")
  var shape = ""

  @Option(help: ArgumentHelp("The numbers of threads.", valueName: "n,n…"))
  var threads = "1,2"

  @OptionGroup var options: BenchOptions

  var errorFormat: TextFormat { options.errorFormat }

  func validate() throws {
    guard threadCounts.allSatisfy({ (1...256).contains($0 ?? 0) }) else {
      throw ValidationError("--threads takes numbers from 1 to 256, not '\(threads)'")
    }
    guard !shapes.isEmpty else {
      let names = TaskShape.allCases.map(\.name).joined(separator: ", ")
      throw ValidationError("no shape begins with '\(shape)'; there are \(names)")
    }
    guard (1000...100_000_000).contains(count) else {
      throw ValidationError("--count must be from 1000 to 100000000, not \(count)")
    }
  }

  private var threadCounts: [Int?] {
    threads.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
  }

  private var shapes: [TaskShape] { TaskShape.allCases.filter { $0.name.hasPrefix(shape) } }

  func run() throws {
    var measurements: [BenchMeasurement] = []
    var bytes: [BenchMeasurement] = []
    for shape in shapes {
      for threads in threadCounts.compactMap({ $0 }) {
        let sample = try TaskBench.measure(
          shape, tasks: count, threads: threads, runs: options.runs)
        func measurement(_ unit: String, _ values: [Double]) -> BenchMeasurement {
          BenchMeasurement(
            name: "tasks", case: shape.name, threads: threads, unit: unit, values: values)
        }
        measurements.append(measurement("ns/task", sample.nanoseconds))
        bytes.append(measurement("bytes/task", [sample.bytes]))
      }
    }
    options.write(measurements, bytes)
  }
}
