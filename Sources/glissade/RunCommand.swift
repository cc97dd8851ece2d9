import ArgumentParser
import Glissade
import GlissadeGraph
import GlissadeRuntime

/// `run`: trains, or does whatever the graph says.
struct RunCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a graph: train a model, or use one.",
    discussion: """
      Reads the graph, runs it on the threads of this machine, writes its outputs and report.json into the run \
      directory, and prints the report. Threads and window change how fast it is, never the result.
      Ctrl-C once finishes the steps under way, saves, and exits with 130; twice ends at once.

      Examples:
        glissade run Graphs/digits.yaml
        glissade run Graphs/digits.yaml --set nodes.step.optimizer.rate=0.05 --set seed=8 --format json
      """)

  @OptionGroup var graph: GraphOptions
  @OptionGroup var threads: ThreadOptions

  @Option(
    help: "Where outputs go; runs/NAME by default, NAME being the graph's.", completion: .directory)
  var runDir: String?

  @OptionGroup var output: OutputOptions

  var errorFormat: TextFormat { graph.errorFormat }

  func run() throws {
    let progress = output.progress()
    let run = try graph.withGraph { graph in
      if !graph.notBuilt.isEmpty { throw GraphError(graph.notBuilt) }
      return try GraphRun(graph, directory: runDir)
    }
    try run.prepare()
    progress.say(
      "\(run.graph.description.name): \(run.graph.nodes.count) nodes, "
        + "\(run.plan.prologue.table.taskCount) tasks once, \(run.plan.step.table.taskCount) a step, "
        + "\(run.plan.steps) steps, \(threads.threadCount) threads, window \(threads.window)",
      verbose: true)
    defer { progress.end() }
    let report = try run.run(threads.runOptions(progress))
    if report.status == .interrupted {
      let saved = report.outputs.map { "\($0.name) to \($0.path)" }.joined(separator: ", ")
      progress.say(
        saved.isEmpty
          ? "interrupted after \(report.steps) steps: there was nothing to save yet"
          : "interrupted: saved after \(report.steps) steps: \(saved)")
    }
    progress.end()
    output.format.write(text: report.text, json: report.json)
    if report.status == .interrupted { throw ThreadOptions.interruptedExit }
  }
}
