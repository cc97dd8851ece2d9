import ArgumentParser
import Glissade
import GlissadeGraph
import GlissadeRuntime
import GlissadeSystem

/// `run`: trains, or does whatever the graph says.
struct RunCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a graph: train a model, or use one.",
    discussion: """
      Reads the graph, runs it on the threads of this machine, writes its outputs and report.json into the run \
      directory, and prints the report. Threads, window and memory change how fast it is, never the result.
      With --memory, tensors and all buffers keep within so many bytes: what there is no room for is read again when it is \
      needed, or put away in a private directory until then. 'plan' says beforehand what the smallest memory is; \
      each thread adds to it.
      Ctrl-C once finishes the steps under way, saves, and exits with 130; twice ends at once, without saving.

      Examples:
        glissade run Graphs/digits.yaml
        glissade run Graphs/digits.yaml --set nodes.step.optimizer.rate=0.05 --set seed=8 --format json
        glissade run Graphs/digits.yaml --trace digits.trace.json
        glissade run Graphs/out-of-core.yaml --memory 512MiB
      """)

  @OptionGroup var graph: GraphOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var memory: MemoryOptions

  @Option(
    help: ArgumentHelp(
      "Where what --memory has no room for is written; the run directory by default.",
      valueName: "directory"), completion: .directory)
  var spillDir: String?

  @Option(
    help: "Where outputs go; runs/NAME by default, NAME being the graph's.", completion: .directory)
  var runDir: String?

  @Option(
    help: ArgumentHelp(
      "Writes which thread ran which task when, for Perfetto or Chrome.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var trace: String?

  @Option(
    help: """
      How many runs of tasks are noted for each thread, the newest; 65536 by default, or 1048576 with --trace; 0 notes \
      nothing, and 'explain' has nothing to tell then.
      """)
  var record: Int?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let record, !(0...1 << 26).contains(record) {
      throw ValidationError("--record expects a number from 0 to \(1 << 26), found \(record)")
    }
    if trace != nil && record == 0 {
      throw ValidationError("--trace has nothing to write with --record 0")
    }
    if spillDir != nil && memory.budget == nil {
      throw ValidationError("--spill-dir has no effect without --memory")
    }
  }

  /// How many runs of tasks are noted for each thread.
  private var recording: Int? {
    let count = record ?? (trace == nil ? RunRecord.usualCapacity : 1 << 20)
    return count == 0 ? nil : count
  }

  /// What decides whether the graph's rows fit into memory.
  private func fitting(_ graph: Graph) -> RunOptions {
    var options = RunOptions(threads: threads.threadCount, windowDepth: threads.window)
    options.memory = memory.budget
    options.spillDirectory = spillDir ?? runDir ?? GraphRun.directory(of: graph)
    return options
  }

  var errorFormat: TextFormat { graph.errorFormat }

  func run() throws {
    let progress = output.progress()
    let run = try graph.withGraph(fitting: fitting) { graph in
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
    var options = threads.runOptions(progress)
    options.recording = recording
    options.memory = memory.budget
    // Else holes between blocks make the process larger than what it holds: by 40 % at 60 MB of Fashion-MNIST.
    if options.memory != nil { Machine.returnBlocks(from: 256 << 10) }
    options.spillDirectory = spillDir ?? run.directory
    let (report, record) = try run.runRecording(options)
    if let trace, let record {
      try OutputText.write(ChromeTrace.json(of: record, plan: run.plan), to: trace)
    }
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
