import ArgumentParser
import GlissadeFormat

/// `bench`: measurements of Glissade itself, one subcommand and one file a subject.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure Glissade itself on this machine.",
    discussion: """
      Machines are noisy: compare medians of one call, not numbers of two days.

      Examples:
        glissade bench tasks
        glissade bench tasks --runs 11 --format json
        glissade bench spill --bytes 1GiB
        glissade bench eviction Graphs/fashion-softmax.yaml
      """,
    subcommands: [
      BenchTasksCommand.self, BenchGranularityCommand.self, BenchSpillCommand.self,
      BenchEvictionCommand.self,
    ])
}

/// What every subject of `bench` is asked.
struct BenchOptions: ParsableArguments {
  @Option(help: "Runs of each case; the median counts.")
  var runs = 5

  @Option(help: "How the result is written.")
  var format = TextFormat.text

  @Option(help: "How errors are written.")
  var errorFormat = TextFormat.text

  func validate() throws {
    guard (1...1000).contains(runs) else {
      throw ValidationError("--runs must be from 1 to 1000, not \(runs)")
    }
  }

  /// Writes measurements in the form asked for: a table for each unit.
  func write(_ measurements: [BenchMeasurement]...) {
    format.write(
      text: measurements.map { BenchMeasurement.table($0) }.joined(separator: "\n"),
      json: .list(measurements.joined().map(\.json)))
  }
}
