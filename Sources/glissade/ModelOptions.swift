import ArgumentParser
import Glissade
import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime
import GlissadeSystem

/// A model file and the data that it is used on.
struct ModelOptions: ParsableArguments {
  @Argument(
    help: "The model file, as a run has left it.", completion: .file(extensions: ["safetensors"]))
  var model: String

  @Argument(
    help:
      "The data: CSV, IDX or NPY files, plain or gzip, a pattern in quotes, or - for standard input.",
    completion: .file())
  var data: String

  @Flag(help: "CSV files begin with data, not with the names of their columns.")
  var noHeader = false

  @Option(help: "How errors are written.")
  var errorFormat = TextFormat.text

  /// The most bytes that are taken from standard input: 64 GiB.
  private static let standardInputLimit = 1 << 36

  /// Hands the model and its data to `body`; standard input is put into a file first.
  func withData<Result>(_ body: (ModelUse) throws -> Result) throws -> Result {
    // That a model is missing is said before data is waited for.
    _ = try LocalFileSystem().status(model)
    let input = data == "-" ? try StandardInput(limit: Self.standardInputLimit) : nil
    defer { withExtendedLifetime(input) {} }
    var use = ModelUse(model: model, data: input?.path ?? data)
    use.hasHeader = !noHeader
    do { return try body(use) } catch let code as ExitCode { throw code } catch {
      let failure = Failure(describing: error)
      throw input.map { failure.naming($0.path, "standard input") } ?? failure
    }
  }
}

/// A graph that a verb makes itself; relative paths in it start from where the user stands.
struct ModelGraph {
  let graph: Graph
  let outputs: RunOutputs
  private let plan: Plan

  init(_ description: GraphDescription) throws {
    graph = try Graph(resolving: description, registry: Operations().registry)
    outputs = try RunOutputs(graph, sha256: "", directory: "")
    plan = try Plan(expanding: graph)
  }

  /// The rows that a node reads.
  func rowCount(of node: String) -> Int? {
    let facts = graph.index(of: node).map { graph.nodes[$0].shape.ports[0].specs.first.facts }
    return (facts as? RowFacts)?.totalRows
  }

  /// Runs it; an interruption ends the process's work with its own exit code.
  func run(_ threads: ThreadOptions, _ progress: ProgressDisplay) throws -> RunResult {
    defer { progress.end() }
    let result = try Engine(plan, options: threads.runOptions(progress)).run()
    if result.status == .interrupted { throw ThreadOptions.interruptedExit }
    return result
  }
}
