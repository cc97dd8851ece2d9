import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime
import GlissadeSystem
import GlissadeTensor
import Testing

/// The directory of the project, for data that comes with it.
let projectDirectory: String = {
  let parts = #filePath.split(separator: "/")
  return "/" + parts.dropLast(3).joined(separator: "/")
}()

/// Whether everything is to be run, however long it takes.
let runsEverything = Machine.environment("GLISSADE_ALL") == "1"

/// Whether a sanitizer watches, which needs memory of its own.
let isSanitized = Machine.environment("GLISSADE_SANITIZE") != nil

/// Whether Debian's package of the whole data set is installed.
let hasFashion = LocalFileSystem().exists(
  "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz")

/// A graph from the text of a file that stands in `Graphs`.
func graph(_ text: String, operations: Operations = Operations()) throws -> Graph {
  let description = try GraphReader.read(Array(text.utf8), file: "test.yaml")
  return try Graph(
    resolving: description, registry: operations.registry,
    baseDirectory: projectDirectory + "/Graphs")
}

/// Runs a graph.
func run(
  _ graph: Graph, threads: Int = 2, window: Int = 4, seed: UInt64 = 0,
  keeping: [Graph.PortReference] = [], decides: Decision = .automatic
) throws -> RunResult {
  let plan = try Plan(expanding: graph, keeping: keeping)
  var options = RunOptions(threads: threads, windowDepth: window, stealingSeed: seed)
  options.decides = decides
  return try Engine(plan, options: options).run(keeping: keeping)
}

/// The parameters of a node at the end.
func weights(_ name: String, of result: RunResult, _ graph: Graph, place: Int = 0) throws -> [Float]
{
  let index = try #require(graph.index(of: name))
  let value = try #require(
    result.value(of: Graph.PortReference(node: index, port: "value"), place: place))
  return value.tensors[0].elements(of: Float.self)
}

/// A hash of the bits of some numbers.
func bits(_ numbers: [Float]) -> String {
  let hash = SHA256()
  numbers.withUnsafeBytes { hash.update($0) }
  return hash.finalize()
}

/// Softmax regression on the digits that come with the project.
func digits(
  shards: Int = 4, batch: String = "size: 64", until: String = "epochs: 2", penalty: String = "",
  optimizer: String = "{ kind: momentum, rate: 0.1, momentum: 0.9 }", extra: String = "",
  run: String = "", model: String = "softmax"
) -> String {
  """
  glissade: 1
  name: digits
  seed: 7
  nodes:
    train: { op: shard, source: data/digits.csv, label: label, select: { rows: [0, 1437] }, count: \(shards) }
    test: { op: shard, source: data/digits.csv, like: train, select: { rows: [1437, 1797] }, count: 2 }
    seen: { op: scale, of: train, by: { kind: constant, divisor: 16 } }
    unseen: { op: scale, of: test, like: seen }
    batch: { op: batch, of: seen, \(batch) }
    weights: { op: parameters, model: \(model)\(penalty.isEmpty ? "" : ", penalty: \(penalty)") }
    grad: { op: gradient, at: weights, data: batch }
    mean: { op: reduce, of: grad, over: train, by: mean }
    step: { op: update, of: weights, with: mean, optimizer: \(optimizer) }
    score: { op: evaluate, at: weights, data: unseen, metrics: [accuracy, loss], every: { epochs: 1 } }
  \(extra)
  run: { until: { \(until) } \(run) }
  """
}
