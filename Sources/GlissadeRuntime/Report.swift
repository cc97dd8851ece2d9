public import GlissadeGraph
import GlissadeKernels
import GlissadeTensor

/// What is said of a run at its end: the same keys as text, as JSON and in the run directory.
public struct RunReport: Sendable {
  /// The best evaluation of a run that looks for one.
  public struct Best: Sendable, Hashable {
    /// The metric that decides: `score.accuracy`.
    public let metric: String
    /// After how many steps it was evaluated.
    public let step: Int
    /// Its value.
    public let value: Double
  }

  /// The name of the graph.
  public let graph: String
  /// The SHA-256 of its canonical form.
  public let graphSHA256: String
  /// How the run ended.
  public let status: RunStatus
  /// Steps that count.
  public let steps: Int
  /// Epochs that they make; nil where the graph draws no batches.
  public let epochs: Double?
  /// Seconds from the first step's start to the last one's end.
  public let seconds: Double
  /// Seconds before them: reading data, statistics, initial values.
  public let setupSeconds: Double
  /// The mean training loss over the rows of the last epoch that was begun.
  public let loss: Double?
  /// The last evaluation of each metric, by `node.metric`, in the order of the graph.
  public let metrics: [(name: String, value: Double)]
  /// The best evaluation, where the run looks for one.
  public let best: Best?
  /// Tasks that were run.
  public let tasks: Int
  /// Tasks that were tried again.
  public let retries: Int
  /// Worker threads.
  public let threads: Int
  /// Places that run tasks: this process alone.
  public let executors = 1
  /// The most bytes that tensors took at one time.
  public let peakBytes: Int
  /// The bytes that the run was allowed; nil for no bound.
  public let budgetBytes: Int?
  /// The bytes that were moved to the disk, and all else that is to be said of memory.
  public let memory: MemoryReport
  /// The hash of all weights; nil where the run has none. See `WeightsHash`.
  public let weightsSHA256: String?
  /// The files that were written: name and path.
  public let outputs: [(name: String, path: String)]
  /// The run directory; nil where there is none.
  public let runDirectory: String?
  /// What decides the last bits besides the graph. See `KernelFingerprint`.
  public let kernels: String

  /// The report of a run.
  public init(
    _ result: RunResult, graph: Graph, sha256: String, outputs: [OutputFile] = [],
    runDirectory: String? = nil
  ) {
    self.graph = graph.description.name
    graphSHA256 = sha256
    status = result.status
    steps = result.steps
    epochs = graph.run.epochSteps.map { Double(result.steps) / Double(max(1, $0)) }
    seconds = result.seconds
    setupSeconds = result.prologueSeconds
    loss = result.loss
    metrics = RunReport.metrics(result, graph)
    best = graph.run.stop.flatMap { stop in
      result.best.map {
        Best(
          metric: "\(graph.nodes[stop.node].name).\(stop.metric)", step: $0.step, value: $0.value)
      }
    }
    tasks = result.tasks
    retries = result.retries
    threads = result.threads
    memory = result.memory
    peakBytes = result.memory.peakBytes
    budgetBytes = result.memory.budget?.bytes
    weightsSHA256 = WeightsHash.hash(result, graph: graph)
    self.outputs = outputs.map { ($0.name, $0.path) }
    self.runDirectory = runDirectory
    kernels = KernelFingerprint.current
  }

  /// The last value of every metric, whether it was measured in steps or once.
  private static func metrics(_ result: RunResult, _ graph: Graph) -> [(String, Double)] {
    var last: [String: Evaluation] = [:]
    for evaluation in result.evaluations { last[evaluation.key("")] = evaluation }
    var found: [(String, Double)] = []
    for (index, node) in graph.nodes.enumerated() where node.operation.isReported {
      let axes = node.shape.ports[0].axes
      for place in 0..<axes.placeCount {
        let phrase = axes.placePhrase(place)
        let name = phrase.isEmpty ? node.name : "\(node.name)[\(phrase)]"
        if let evaluation = last[name + "."] {
          found += evaluation.metrics.map { (evaluation.key($0.name), $0.value) }
          continue
        }
        guard node.clock == .once else { continue }
        for port in node.shape.ports where port.specs.kind == .number {
          let reference = Graph.PortReference(node: index, port: port.name)
          guard let tensor = result.value(of: reference, place: place)?.tensors.first else {
            continue
          }
          found.append(("\(name).\(port.name)", tensor.doubles()[0]))
        }
      }
    }
    return found
  }
}
