import ArgumentParser
import Glissade
import GlissadeFormat
import GlissadeGraph
import GlissadeRuntime
import GlissadeSystem

/// `plan`: what a graph costs, before anything runs.
struct PlanCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say what a graph will cost, before anything runs.",
    discussion: """
      Prints the tasks of each node, the bytes that a step makes and reads, a bound of the memory, the critical path, \
      how many threads can be kept busy, and an estimate of the time from the rates of this machine, which are measured \
      in 0.1 s. After a run, --after sets what each node took beside its estimate. --memory says how a run keeps to a \
      budget; one that is too small is refused with the task that needs the most and the smallest budget that works.

      Examples:
        glissade plan Graphs/digits.yaml
        glissade plan Graphs/digits.yaml --after runs/digits
        glissade plan Graphs/out-of-core.yaml --memory 512MiB
        glissade plan Graphs/fashion-mnist.yaml --threads 8 --window 2 --format json
      """)

  @OptionGroup var graph: GraphOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var memory: MemoryOptions

  @Option(help: "The directory of a run of this graph.", completion: .directory)
  var after: String?

  @Flag(help: "Assume 50 GFLOP/s and 10 GB/s a core in the place of measuring.")
  var usualRates = false

  @Option(help: "How the result is written.")
  var format = TextFormat.text

  var errorFormat: TextFormat { graph.errorFormat }

  /// What of a run's options decides where rows are.
  private func fitting(_ graph: Graph) -> RunOptions {
    var options = RunOptions(threads: threads.threadCount, windowDepth: threads.window)
    options.memory = memory.budget
    return options
  }

  func run() throws {
    let count = threads.threadCount
    let window = threads.window
    let rates = usualRates ? CostRates.usual : CostRates(try MachineRates.measure(seconds: 0.03))
    let report = try graph.withGraph(fitting: fitting) { graph in
      if let after {
        // As it was run: rows that were left on the disk make other tasks.
        let run = try RunDirectory(after, of: graph)
        return PlanReport(
          run.run.plan, threads: count, windowDepth: window, rates: rates, after: run.record)
      }
      let plan = try GraphRun.plan(of: graph)
      let (memory, threads, options) = (memory, threads, fitting(graph))
      let settling = Background {
        var settled = try memory.plan(plan, threads)
        settled.smallest = try options.smallestMemory(
          of: graph, whole: graph.streamsRows ? nil : settled.smallest)
        return settled
      }
      return try PlanReport(plan, threads: count, windowDepth: window, rates: rates) {
        try settling.get()
      }
    }
    format.write(text: report.text, json: JSONText(report.fields))
  }
}
