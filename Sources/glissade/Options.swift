import ArgumentParser
import Glissade
import GlissadeFormat
import GlissadeGraph
import GlissadeRuntime
import GlissadeSystem
import GlissadeTensor

/// How a result, or an error, is written.
enum TextFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json

  /// Writes a result to standard output in this form.
  func write(
    text: @autoclosure () throws -> String, json: @autoclosure () throws -> JSONText
  ) rethrows {
    Terminal.standardOutput.write(self == .json ? try json().written() + "\n" : try text())
  }
}

/// How a verb writes what is wrong, where it has no graph or model to ask for it.
struct ErrorOptions: ParsableArguments {
  @Option(help: "How errors are written.")
  var errorFormat = TextFormat.text
}

/// The graph that a verb works on.
struct GraphOptions: ParsableArguments {
  @Argument(
    help: "The graph file, YAML or JSON.", completion: .file(extensions: ["yaml", "yml", "json"]))
  var graph: String

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp(
      "Changes a value of the graph, such as nodes.step.optimizer.rate=0.05; repeatable.",
      valueName: "path=value"))
  var overrides: [String] = []

  @Option(help: "How errors are written.")
  var errorFormat = TextFormat.text

  /// The graphs that were read: kept, since freeing a great one piece by piece shortly before the process ends takes time
  /// and gives nothing.
  private static let kept = Lock<[Graph]>([])

  /// Reads and checks the graph, then hands it to `body`; what is wrong with it is shown with its lines.
  ///
  /// - Parameters:
  ///   - checkingCells: Whether each cell of CSV files is looked at.
  ///   - options: Those of a run of the graph, where it is wanted as it fits into their memory.
  func withGraph<Result>(
    checkingCells: Bool = false, fitting options: ((Graph) -> RunOptions)? = nil,
    _ body: (Graph) throws -> Result
  ) throws -> Result {
    let file = try GraphFile(graph, overrides: overrides)
    do {
      let operations = Operations(checksCells: checkingCells)
      var graph = try file.graph(operations)
      if let options { graph = try options(graph).fitted(graph, with: operations) }
      // LeakSanitizer cannot follow what is kept: see Tools/support/leaks.supp.
      #if !SANITIZE_ADDRESS
        Self.kept.withLock { $0.append(graph) }
      #endif
      return try body(graph)
    } catch let error as GraphError {
      throw Failure(graph: error) { file.text(of: $0) }
    } catch let error as Diagnostic {
      throw Failure(graph: GraphError(error)) { file.text(of: $0) }
    }
  }
}

/// How tasks are carried out.
struct ThreadOptions: ParsableArguments {
  @Option(help: "Worker threads; as many as there are processors by default.")
  var threads: Int?

  @Option(help: "Steps that may be under way at once.")
  var window = 4

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads expects a number from 1 to 1024, found \(threads)")
    }
    guard (1...1024).contains(window) else {
      throw ValidationError("--window expects a number from 1 to 1024, found \(window)")
    }
  }

  /// The number of worker threads.
  var threadCount: Int { threads ?? Machine.processorCount }

  /// The engine's options.
  ///
  /// From here on Ctrl-C, once, ends the run after the steps under way.
  func runOptions(_ progress: ProgressDisplay) -> RunOptions {
    Interrupts.install()
    return RunOptions(
      threads: threadCount, windowDepth: window,
      isCancelled: {
        guard Interrupts.received != nil else { return false }
        progress.noteInterrupt()
        return true
      }, onProgress: { progress.show($0) })
  }

  /// The exit code of a run that a signal ended: 128 and the signal's number.
  static var interruptedExit: ExitCode { ExitCode(128 + (Interrupts.received ?? 2)) }
}

/// How much memory tensors may take.
struct MemoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The most bytes that tensors and buffers may take, such as 512MiB; no bound by default.",
      valueName: "bytes"))
  var memory: String?

  func validate() throws {
    guard let memory else { return }
    guard let bytes = ByteCount(parsing: memory), bytes.bytes > 0 else {
      throw ValidationError("--memory expects bytes such as 512MiB, found '\(memory)'")
    }
  }

  /// The bytes; nil for no bound.
  var budget: ByteCount? { memory.flatMap { ByteCount(parsing: $0) } }

  /// How a run of a plan keeps to them.
  func plan(_ plan: Plan, _ threads: ThreadOptions) throws(GraphError) -> MemoryPlan {
    try MemoryPlan(
      plan, threads: threads.threadCount, windowDepth: threads.window, budget: budget)
  }
}

/// What is written, and how much of it.
struct OutputOptions: ParsableArguments {
  @Option(help: "How the result is written.")
  var format = TextFormat.text

  @Flag(name: .shortAndLong, help: "No progress.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "More about what is being done.")
  var verbose = false

  func validate() throws {
    if quiet && verbose { throw ValidationError("--quiet and --verbose exclude each other") }
  }

  /// The display of progress that these options ask for.
  func progress() -> ProgressDisplay { ProgressDisplay(isQuiet: quiet, isVerbose: verbose) }
}
