import GlissadeData
import GlissadeFormat
public import GlissadeGraph
public import GlissadeRuntime
public import GlissadeSystem

/// A graph made ready to run with its outputs: planned, and every file name checked.
///
/// ```swift
/// let run = try GraphRun(GraphFile("digits.yaml").graph())
/// try run.prepare()
/// print(try run.run().text)
/// ```
public struct GraphRun: Sendable {
  /// The graph.
  public let graph: Graph
  /// Its tasks.
  public let plan: Plan
  /// The SHA-256 of the graph's canonical form.
  public let sha256: String
  /// What the run writes.
  public let outputs: RunOutputs
  /// The run directory.
  public let directory: String
  private let world: World

  /// Plans a graph.
  ///
  /// - Parameters:
  ///   - graph: The graph.
  ///   - directory: The run directory; by default `runs/NAME` where the process stands.
  ///   - world: The files that outputs are written to.
  /// - Throws: `GraphError` where an output cannot be, or the plan passes a limit.
  public init(_ graph: Graph, directory: String? = nil, world: World = World()) throws(GraphError) {
    self.graph = graph
    self.world = world
    self.directory = directory ?? GraphRun.directory(of: graph)
    sha256 = CanonicalForm.sha256(of: graph.description)
    outputs = try RunOutputs(graph, sha256: sha256, directory: self.directory)
    plan = try GraphRun.plan(of: graph, outputs)
  }

  /// The run directory of a graph where none is named: `runs/NAME` where the process stands.
  public static func directory(of graph: Graph) -> String { "runs/" + graph.description.name }

  /// The plan that a run of a graph has, for those who only look at it.
  ///
  /// - Throws: `GraphError` where an output cannot be, or the plan passes a limit.
  public static func plan(of graph: Graph) throws(GraphError) -> Plan {
    try plan(of: graph, RunOutputs(graph, sha256: "", directory: ""))
  }

  private static func plan(of graph: Graph, _ outputs: RunOutputs) throws(GraphError) -> Plan {
    do throws(Diagnostic) {
      return try Plan(expanding: graph, keeping: outputs.keeping)
    } catch { throw GraphError(error) }
  }

  /// Makes the directories and tries whether files can be made there.
  public func prepare() throws(OutputError) { try outputs.prepare(world) }

  /// Runs the graph, writes its outputs and the report.
  ///
  /// An interrupted run leaves what it has, too.
  /// - Throws: `GraphError` where the graph asks for what this version cannot do, `RunError` where a task failed,
  ///   `OutputError` where a file could not be written, `SystemError` where no threads can be had.
  public func run(_ options: RunOptions = RunOptions()) throws -> RunReport {
    try runRecording(options).report
  }

  /// Runs the graph, writes its outputs and the report, and gives what was noted of its tasks, too.
  ///
  /// - Throws: As `run`.
  public func runRecording(
    _ options: RunOptions
  ) throws -> (report: RunReport, record: RunRecord?) {
    let result = try Engine(plan, options: options).run()
    let written = try outputs.write(result, world)
    let report = RunReport(
      result, graph: graph, sha256: sha256, outputs: written, runDirectory: directory)
    try outputs.write(report: report.json.written() + "\n", world)
    if let record = result.record { try write(record) } else { removeRecord() }
    return (report, result.record)
  }

  /// The record of an earlier run would tell a story that is not this run's.
  private func removeRecord() {
    let prefix = directory.isEmpty ? "" : directory + "/"
    for path in [prefix + RecordFile.name, prefix + RecordFile.graphName]
    where world.files.exists(path) { try? world.files.remove(path) }
  }

  /// Writes what was run when, and the graph as it was run, into the run directory.
  private func write(_ record: RunRecord) throws {
    let base = graph.baseDirectory
    let file = RecordFile(
      record, graphSHA256: sha256, shapesSHA256: DataShapes.sha256(of: graph),
      baseDirectory: base.hasPrefix("/") ? base : Machine.workingDirectory + "/" + base,
      rowsOnDisk: graph.rowsOnDisk)
    let prefix = directory.isEmpty ? "" : directory + "/"
    do throws(DataError) {
      try file.write(to: prefix + RecordFile.name, files: world.files)
    } catch { throw OutputError(error) }
    try OutputText.write(
      GraphWriter.json(graph.description) + "\n", to: prefix + RecordFile.graphName, world: world)
  }
}
