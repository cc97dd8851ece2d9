import ArgumentParser
import Glissade
import GlissadeFormat
import GlissadeRuntime

/// `plan`: what a graph costs, before anything runs.
struct PlanCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say what a graph will cost, before anything runs.",
    discussion: """
      Prints the tasks of each node, the bytes that a step makes and reads, a bound of the memory, the critical path, \
      how many threads can be kept busy, and an estimate of the time.

      Examples:
        glissade plan Graphs/digits.yaml
        glissade plan Graphs/fashion-mnist.yaml --threads 8 --window 2 --format json
      """)

  @OptionGroup var graph: GraphOptions
  @OptionGroup var threads: ThreadOptions

  @Option(help: "How the result is written.")
  var format = TextFormat.text

  var errorFormat: TextFormat { graph.errorFormat }

  func run() throws {
    let run = try graph.withGraph { try GraphRun($0, directory: "") }
    let report = PlanReport(run.plan, threads: threads.threadCount, windowDepth: threads.window)
    format.write(text: report.text, json: JSONText(report.fields))
  }
}
