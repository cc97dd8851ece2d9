import GlissadeFormat
public import GlissadeGraph
public import GlissadeOperations
public import GlissadeRuntime

/// A graph written in Swift: what a graph file says, with the same hash.
///
/// ```swift
/// let digits = TrainingGraph("digits", seed: 7) {
///   let train = Shard("train", source: "digits.csv", label: "label", count: 4)
///   let batch = Batch("batch", of: train, size: 64)
///   let weights = Parameters("weights", model: .softmax)
///   let grad = Gradient("grad", at: weights, data: batch, loss: .crossEntropy)
///   let mean = Reduce("mean", of: grad, over: train, by: .mean)
///   Update("step", of: weights, with: mean, optimizer: .sgd(rate: 0.1))
///   Until(.epochs(20))
/// }
/// let result = try digits.run()
/// ```
/// Nothing is checked when it is made; `resolved`, `plan` and `run` throw `GraphError` with all that is wrong, at the
/// lines of the Swift source.
public struct TrainingGraph: Sendable {
  /// What a graph file says.
  public var description: GraphDescription
  /// The directory that relative file names start from; the working directory by default.
  public var directory: String
  private var problems: [Diagnostic] = []

  /// A graph of what stands between the braces and all that it refers to by handles.
  public init(
    _ name: String, seed: UInt64 = 0, directory: String = ".",
    @GraphBuilder _ parts: () throws -> GraphParts
  ) rethrows {
    let depth = BodyDepth.current
    let assembly = Assembly(try parts().items, depth: depth)
    description = GraphDescription(
      name: name, seed: seed, needs: assembly.entries(.needs), nodes: assembly.nodes,
      run: assembly.entries(.run), outputs: assembly.entries(.outputs))
    self.directory = directory
    problems = assembly.problems
    if !isName(name, dotted: true) || name.hasPrefix(".") {
      problems.append(
        Diagnostic(
          "'\(escaped(name))' cannot name a graph: 1 to 128 letters, digits, '-', '_' and dots, and no dot in front",
          at: nil))
    }
  }

  /// A graph that was read from a file.
  public init(_ description: GraphDescription, directory: String = ".") {
    self.description = description
    self.directory = directory
  }

  /// As a graph file in YAML; read back it is equal.
  public var yaml: String { GraphWriter.yaml(description) }

  /// As a graph file in JSON; read back it is equal.
  public var json: String { GraphWriter.json(description) }

  /// The SHA-256 of the canonical form, as 64 hexadecimal digits.
  public var sha256: String { CanonicalForm.sha256(of: description) }

  /// The graph with all references, axes and shapes known.
  ///
  /// - Throws: `GraphError` with everything that is wrong.
  public func resolved(with operations: Operations = Operations()) throws -> Graph {
    if !problems.isEmpty { throw GraphError(problems) }
    return try Graph(
      resolving: description, registry: operations.registry, baseDirectory: directory)
  }

  /// The tasks of the graph.
  ///
  /// - Throws: `GraphError` with everything that is wrong.
  public func plan(
    with operations: Operations = Operations(), keeping ports: [any PortName] = []
  ) throws -> Plan {
    let graph = try resolved(with: operations)
    let kept = try ports.map { port in
      guard let found = graph.port(port.portName) else {
        throw GraphError(
          Diagnostic("no node has a port '\(escaped(port.portName))' to be kept", at: nil))
      }
      return found
    }
    do {
      return try Plan(expanding: graph, keeping: kept)
    } catch { throw GraphError(error) }
  }

  /// A picture of the graph, as text for Graphviz (`dot -Tsvg`).
  ///
  /// - Throws: `GraphError` with everything that is wrong.
  public func drawn(with operations: Operations = Operations()) throws -> String {
    DOT.graph(try resolved(with: operations))
  }

  /// Runs the graph on the threads of this machine, and gives what came of it; no file is written.
  ///
  /// - Throws: `GraphError` where the graph is wrong or asks for what this version cannot do, `RunError` where a task
  ///   failed, with node, step and place.
  public func run(
    _ options: RunOptions = RunOptions(), with operations: Operations = Operations()
  ) throws -> RunResult {
    let graph = try options.fitted(resolved(with: operations), with: operations)
    do {
      return try Engine(Plan(expanding: graph), options: options).run()
    } catch let error as Diagnostic { throw GraphError(error) }
  }
}
