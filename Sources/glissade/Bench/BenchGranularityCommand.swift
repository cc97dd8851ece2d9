import ArgumentParser
import GlissadeRuntime
import GlissadeSystem

/// `bench granularity`: how small tasks may be.
struct BenchGranularityCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "granularity",
    abstract: "The smallest tasks at which 50 % and 95 % of the machine still does useful work.",
    discussion: """
      Runs graphs of tasks that compute for a known time through the real scheduler and the real pool, with records, \
      retries and a memory budget on, and halves the time until less than half of the work is useful (Slaughter et al., "Task Bench", 2020). \
      'steps' decides for whole windows, 'tasks' for each task.

      Examples:
        glissade bench granularity
        glissade bench granularity --threads 2 --runs 9 --format json
      """)

  @Option(help: "Worker threads; as many as there are processors by default.")
  var threads: Int?

  @Option(help: "Only shapes whose name begins so.")
  var shape = ""

  @Flag(help: "The efficiency at every size, on standard error.")
  var points = false

  @OptionGroup var options: BenchOptions

  var errorFormat: TextFormat { options.errorFormat }

  func validate() throws {
    if let threads, !(1...256).contains(threads) {
      throw ValidationError("--threads expects a number from 1 to 256, found \(threads)")
    }
  }

  func run() throws {
    let threads = threads ?? Machine.processorCount
    var measurements: [BenchMeasurement] = []
    for shape in [TaskShape.independent, .stencil, .training8, .training32]
    where shape.name.hasPrefix(self.shape) {
      for (decides, word) in [(Decision.automatic, "steps"), (.taskByTask, "tasks")] {
        let bench = try GranularityBench(
          shape, threads: threads, decides: decides, runs: options.runs)
        for point in bench.points where points {
          Terminal.standardError.write(
            "\(shape.name), \(word): \(point.nanoseconds / 1000) us \(point.efficiency)\n")
        }
        for share in [0.5, 0.95] {
          guard let size = bench.least(efficiency: share) else { continue }
          measurements.append(
            BenchMeasurement(
              name: "granularity", case: "\(shape.name), \(word), \(Int(share * 100)) %",
              threads: threads, unit: "us/task", values: [size / 1000]))
        }
      }
    }
    options.write(measurements)
  }
}
