import GlissadeData
import GlissadeFormat
public import GlissadeGraph
public import GlissadeOperations
public import GlissadeRuntime
public import GlissadeSystem

/// What a run has left in its directory, read back: the graph as it was run, planned anew, and what was run when.
public struct RunDirectory: Sendable {
  /// The directory.
  public let path: String
  /// The graph and its tasks.
  public let run: GraphRun
  /// What was run when.
  public let record: RunRecord

  /// Reads a run directory.
  ///
  /// - Throws: `RunDirectoryError` where it is none, or its files do not belong together; `GraphError` where the graph no
  ///   longer resolves, since its data are gone or others.
  public init(
    _ path: String, operations: Operations = Operations(), world: World = World()
  ) throws {
    self.path = path
    let graphPath = path + "/" + RecordFile.graphName
    let recordPath = path + "/" + RecordFile.name
    for file in [graphPath, recordPath] where !world.files.exists(file) {
      throw RunDirectoryError(
        "there is no '\(escaped(file, limit: 4096))': '\(escaped(path, limit: 4096))' is not the "
          + "directory of a run, or of one that was run with --record 0", isMissing: true)
    }
    let file: RecordFile
    do throws(DataError) {
      file = try RecordFile(reading: recordPath, files: world.files)
    } catch { throw RunDirectoryError(error.description, isMissing: error.isMissing) }
    let bytes = try world.files.readAll(graphPath, limit: GraphLimits.standard.byteCount)
    let asRun =
      switch file.rowsOnDisk {
      case .none: operations
      case .batches: operations.streaming(RowStreaming(windowBytes: 0, directory: path))
      case .places(let bytes):
        operations.streaming(RowStreaming(windowBytes: 0, placeBytes: bytes, directory: path))
      }
    let graph = try Graph(
      resolving: GraphReader.read(bytes, file: graphPath), registry: asRun.registry,
      baseDirectory: file.baseDirectory)
    run = try GraphRun(graph, directory: path, world: world)
    record = file.record
    guard run.sha256 == file.graphSHA256, DataShapes.sha256(of: graph) == file.shapesSHA256,
      run.plan.prologue.table.taskCount == record.once.runs.count,
      run.plan.step.table.taskCount == record.steps.runs.count
    else {
      throw RunDirectoryError(
        "the record in '\(escaped(path, limit: 4096))' belongs to another graph, or the graph's data "
          + "have other rows or columns since", isMissing: false)
    }
  }
}

extension RunDirectory {
  /// Reads the directory of a run of a graph.
  ///
  /// - Throws: As the other; `RunDirectoryError` where another graph was run, too.
  public init(_ path: String, of graph: Graph) throws {
    try self.init(path)
    guard run.sha256 == CanonicalForm.sha256(of: graph.description) else {
      throw RunDirectoryError(
        "'\(escaped(path, limit: 4096))' is the directory of a run of another graph, "
          + "or of this one before it was changed", isMissing: false)
    }
  }
}

/// Why a directory cannot be read as that of a run.
public struct RunDirectoryError: Error, Sendable, CustomStringConvertible {
  /// As users read it.
  public let description: String
  /// Whether something is not there, rather than wrong.
  public let isMissing: Bool

  init(_ description: String, isMissing: Bool) {
    self.description = description
    self.isMissing = isMissing
  }
}
