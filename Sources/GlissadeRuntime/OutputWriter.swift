package import GlissadeData
public import GlissadeGraph
import GlissadeModels
import GlissadeOperations
public import GlissadeSystem
import GlissadeTensor

/// Why an output could not be written.
public struct OutputError: Error, Sendable, CustomStringConvertible {
  /// Whether the file could not even be begun: its directory cannot be made, or nothing may be written there.
  public let isBeforeWriting: Bool
  /// Whether the disk is full.
  public let isFull: Bool
  /// As users read it.
  public let description: String

  /// What the system refused.
  package init(_ error: SystemError, isBeforeWriting: Bool = false) {
    self.isBeforeWriting =
      isBeforeWriting || [.open, .makeDirectory, .rename].contains(error.action)
    isFull = error.reason == .full
    // Files are written under a draft's name, which the user has not given.
    let words = error.description.replacing(".part': ", with: "': ")
    description = escaped(words, limit: 4096)
  }

  /// Texts that go along with predictions could not be read.
  init(texts error: any Error) {
    isBeforeWriting = false
    isFull = false
    description = "\(error)"
  }

  package init(_ error: DataError) {
    isBeforeWriting = false
    isFull = false
    description = error.description
  }
}

/// The files that a run leaves: what each holds is known, and each name checked, before anything runs.
public struct RunOutputs: Sendable {
  /// The name of the report in the run directory.
  public static let reportName = "report.json"

  /// The graph.
  public let graph: Graph
  /// The SHA-256 of its canonical form, which model files carry.
  public let sha256: String
  /// The run directory.
  public let directory: String
  /// The files, in the order of the graph's outputs.
  public let files: [OutputFile]

  /// The outputs of a graph.
  ///
  /// - Throws: `GraphError` with every output whose name or content cannot be.
  public init(_ graph: Graph, sha256: String, directory: String) throws(GraphError) {
    self.graph = graph
    self.sha256 = sha256
    self.directory = directory
    var files: [OutputFile] = []
    var problems: [Diagnostic] = []
    for (index, output) in graph.outputs.enumerated() {
      if let complaint = PredictionCheck.complaint(about: output, in: graph) {
        problems.append(complaint)
        continue
      }
      do throws(Diagnostic) {
        let own = try OutputFile.files(of: index, in: graph, directory: directory)
        for file in own {
          if let name = RunOutputs.ownNames.first(where: {
            RunOutputs.path(of: $0, in: directory) == file.path
          }) {
            throw Diagnostic(
              "the output '\(escaped(file.name))' has the name of the run's own file '\(name)'",
              at: output.filePosition)
          }
          if let other = files.first(where: { $0.path == file.path }) {
            throw Diagnostic(
              "the outputs '\(escaped(other.name))' and '\(escaped(file.name))' are both written to '\(escaped(file.path))'",
              at: output.filePosition)
          }
        }
        files += own
      } catch { problems.append(error) }
    }
    if !problems.isEmpty { throw GraphError(problems) }
    self.files = files
  }

  /// What a run itself writes into its directory.
  private static let ownNames = [reportName, RecordFile.name, RecordFile.graphName]

  private var reportPath: String { RunOutputs.path(of: RunOutputs.reportName, in: directory) }

  private static func path(of name: String, in directory: String) -> String {
    directory.isEmpty ? name : directory + "/" + name
  }

  /// Ports that a plan must keep beyond the outputs themselves: the statistics that are saved with models.
  public var keeping: [Graph.PortReference] {
    var ports: [Graph.PortReference] = []
    for output in graph.outputs {
      let spec = graph.nodes[output.port.node].port(output.port.port)?.specs.first
      guard spec?.kind == .parameters, let facts = spec?.facts as? ModelFacts,
        let port = RunOutputs.statistics(of: facts, in: graph), !ports.contains(port)
      else { continue }
      ports.append(port)
    }
    return ports
  }

  /// Makes the directories of all files and tries whether files can be made there, so that a run does not fail at its
  /// end.
  ///
  /// Leaves nothing but directories. `withReport` says whether there will be a report, too.
  public func prepare(_ world: World, withReport: Bool = true) throws(OutputError) {
    do throws(SystemError) {
      for path in files.map(\.path) + (withReport ? [reportPath] : []) {
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
          try world.files.makeDirectory(String(path[..<slash]))
        }
        if let status = try? world.files.status(path), status.isDirectory {
          throw SystemError(.open, path: path, reason: .isDirectory)
        }
        let draft = path + ".part"
        _ = try world.files.openForWriting(draft, exclusive: false)
        try world.files.remove(draft)
      }
    } catch { throw OutputError(error, isBeforeWriting: true) }
  }

  /// Writes every file whose value is there, each atomically.
  ///
  /// A run that was interrupted before its first step has no values of steps. An output that asks for the best version
  /// gets the last one where nothing was evaluated yet.
  /// - Returns: The files that were written.
  /// - Throws: `OutputError` of the first file that failed; the others are written all the same.
  public func write(_ result: RunResult, _ world: World) throws(OutputError) -> [OutputFile] {
    var written: [OutputFile] = []
    var failure: OutputError?
    for file in files {
      do throws(OutputError) {
        guard let bytes = try content(of: file, result) else { continue }
        do throws(SystemError) {
          let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(SystemError) in try world.files.writeAtomically(file.path, buffer) }
          }
          try result.get()
        } catch { throw OutputError(error) }
        written.append(file)
      } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
    return written
  }

  /// Writes the report into the run directory, atomically.
  public func write(report text: String, _ world: World) throws(OutputError) {
    do throws(SystemError) { try world.files.writeAtomically(reportPath, text) } catch {
      throw OutputError(error)
    }
  }

  /// The predictions of an output.
  ///
  /// Nil where it is something else, or was not computed.
  public func predictions(_ file: OutputFile, _ result: RunResult) -> PredictionTable? {
    let output = graph.outputs[file.output]
    guard let (values, specs) = values(of: file, result), specs[0].kind == .predictions else {
      return nil
    }
    return PredictionTable(values, specs[0], keeping: output.columns)
  }

  private func values(of file: OutputFile, _ result: RunResult) -> ([Value], [ValueSpec])? {
    let output = graph.outputs[file.output]
    guard let port = graph.nodes[output.port.node].port(output.port.port) else { return nil }
    let isBest = output.isBest && result.best != nil
    let values = file.places.compactMap {
      result.value(of: output.port, place: $0, best: isBest)
    }
    // What an interrupted run did not reach has no tensors.
    guard values.count == file.places.count, values.allSatisfy({ !$0.tensors.isEmpty }) else {
      return nil
    }
    return (values, file.places.map { port.specs[$0] })
  }

  /// The bytes of a file; nil where its value was not computed.
  private func content(of file: OutputFile, _ result: RunResult) throws(OutputError) -> [UInt8]? {
    guard let (values, specs) = values(of: file, result) else { return nil }
    let output = graph.outputs[file.output]
    let step = output.isBest ? result.best?.step ?? result.steps : result.steps
    var metadata = metadata(step: step)
    var tensors: [SafeTensors.Named]
    let models = specs.compactMap { $0.facts as? ModelFacts }
    switch specs[0].kind {
    case .predictions:
      let table = PredictionTable(values, specs[0], keeping: output.columns)
      guard file.format == .csv else { return NPY.encode(table.tensor) }
      do { return Array(try table.csv().utf8) } catch { throw OutputError(texts: error) }
    case .parameters:
      tensors = ModelTensors.parameters(values, models)
      if let facts = models.first {
        let scaling = scaling(of: facts, result)
        let card = ModelCard(model: facts.network.model, schema: facts.schema, scaling: scaling)
        metadata.merge(card.metadata) { _, new in new }
        if let scaling {
          tensors.append(.init(ModelCard.multiplierName, Tensor(scaling.multiplier)))
          tensors.append(.init(ModelCard.offsetName, Tensor(scaling.offset)))
        }
      }
    case .state:
      tensors = ModelTensors.state(values, models, specs[0])
      metadata["glissade.node"] = graph.nodes[output.port.node].name
    default:
      if file.format == .npy { return NPY.encode(values[0].tensors[0]) }
      tensors = ValueTensor.all(of: values[0], specs[0]).map { .init($0.name, $0.tensor) }
    }
    do throws(DataError) {
      return try SafeTensors.encode(tensors, metadata: metadata, path: file.path)
    } catch { throw OutputError(error) }
  }
}
