import Foundation
import Glissade
import glissade_example

/// The repository in which these tests were compiled.
let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().path

/// A golden graph as its file says it, with the directory that its data starts from.
func goldenFile(_ name: String) throws -> TrainingGraph {
  let path = repository + "/Graphs/golden/\(name).yaml"
  let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  return TrainingGraph(
    try GraphReader.read(bytes, file: name + ".yaml"), directory: repository + "/Graphs/golden")
}

/// The same graph, whose relative files start from that of the golden files.
func placed(_ graph: TrainingGraph) -> TrainingGraph {
  var graph = graph
  graph.directory = repository + "/Graphs/golden"
  return graph
}

/// The built-in operations and the reduction of the example.
func exampleOperations() -> Operations {
  var operations = Operations()
  operations.register(SoftMedian.self)
  return operations
}

/// The tensor of a state at the end of a run.
func weights(_ result: RunResult, of node: String, in graph: Graph) -> Tensor? {
  graph.port(node).flatMap { result.value(of: $0)?.tensors[0] }
}

/// What a graph is refused with, a line a finding.
func refusal(_ graph: TrainingGraph, with operations: Operations = Operations()) -> [String] {
  do {
    _ = try graph.resolved(with: operations)
    return []
  } catch let error as GraphError {
    return error.diagnostics.map { diagnostic in
      let place = diagnostic.position.map { "\($0.file):\($0.line): " } ?? ""
      return place + diagnostic.message
    }
  } catch { return ["\(error)"] }
}
