public import GlissadeGraph
public import GlissadeTensor

/// The value of one node at a step, to look inside a graph.
public struct NodeView: Sendable {
  /// As the user named it: `grad`, `grad.loss`.
  public let name: String
  /// The place: `train=2`; empty where the node is single.
  public let place: String
  /// The step that the value belongs to, from 1; 0 for what is there before the first.
  public let step: Int
  /// The kind of the value.
  public let kind: ValueKind
  /// The rows that it was made from or holds; 0 where rows have no meaning.
  public let rows: Int
  /// The tensors with their statistics. Parameters, and what is flat as they are, come as the tensors of the model.
  public let tensors: [TensorView]

  /// One tensor of a value.
  public struct TensorView: Sendable {
    /// The name, as output files have it: `dense.0.weight`, `m.dense.0.weight`.
    public let name: String
    /// The tensor of the record that it is, or lies in: `parameters`, `m`.
    public let record: String
    /// The tensor.
    public let tensor: Tensor
    /// What its elements are like.
    public let statistics: TensorStatistics
  }

  /// Computes the value of a port at a step and a place: runs the graph up to there, and no further.
  ///
  /// - Parameters:
  ///   - reference: The node, or `node.port`.
  ///   - place: `train=2, model=conv`, or the number of the place; the first place by default.
  ///   - step: The step, from 1; of a state its version after that many steps; 0 for initial versions and for what is
  ///     computed once. What runs at certain steps only has the value that it holds.
  ///   - graph: The graph.
  ///   - options: How it is run.
  /// - Throws: `RunError` where there is no such value, besides what a run throws.
  public static func compute(
    _ reference: String, place: String? = nil, step: Int = 1, of graph: Graph,
    options: RunOptions = RunOptions()
  ) throws -> NodeView {
    guard let port = graph.port(reference), let spec = graph.nodes[port.node].port(port.port) else {
      throw unknown(reference, in: graph)
    }
    let number = try NodeView.place(place, on: spec.axes, of: reference)
    guard spec.source != nil else {
      throw RunError("'\(reference)' is known before the run and has no value", reason: .request)
    }
    let plan = try Plan(expanding: graph, keeping: [port])
    let source = try NodeView.source(port, number, step, of: plan)
    let result = try Engine(plan, options: options).run(keeping: [port], through: source.runs)
    guard result.steps >= source.runs else {
      throw RunError("the run ends after step \(result.steps), before step \(source.runs)")
    }
    let found =
      source.initial.map { result.onceValues[$0] } ?? result.value(of: port, place: number)
    guard let value = found else {
      throw RunError("'\(reference)' has no value at step \(step)")
    }
    return NodeView(
      name: reference, place: spec.axes.placePhrase(number), step: source.step,
      kind: spec.specs[number].kind, value: value, spec: spec.specs[number])
  }

  /// The tensor of a name; or all that lie in the tensor of the record that has it, one behind the other and without
  /// the gaps between them. By default the first of the record.
  ///
  /// O(elements).
  public func tensor(named name: String? = nil) -> (name: String, tensor: Tensor)? {
    if let name, let view = tensors.first(where: { $0.name == name }) { return (name, view.tensor) }
    guard let record = name ?? tensors.first?.record else { return nil }
    let parts = tensors.filter { $0.record == record }
    guard let first = parts.first else { return nil }
    if first.name == record { return (record, first.tensor) }
    return (record, Tensor(parts.flatMap { $0.tensor.elements(of: Float.self) }))
  }

  private init(
    name: String, place: String, step: Int, kind: ValueKind, value: Value, spec: ValueSpec
  ) {
    self.name = name
    self.place = place
    self.step = step
    self.kind = kind
    rows = value.rows
    tensors = ValueTensor.all(of: value, spec).map {
      TensorView(
        name: $0.name, record: $0.record, tensor: $0.tensor, statistics: TensorStatistics($0.tensor)
      )
    }
  }

  /// Where a value comes from: how many steps run, which step it belongs to, and where an initial version is.
  private static func source(
    _ port: Graph.PortReference, _ place: Int, _ step: Int, of plan: Plan
  ) throws -> (runs: Int, step: Int, initial: Int?) {
    let node = plan.graph.nodes[port.node]
    switch plan.address(of: port, place: place) {
    case nil:
      throw RunError("'\(node.name).\(port.port)' has no value of its own", reason: .request)
    case .once?: return (0, 0, nil)
    case .step(let value)?:
      guard (0...plan.steps).contains(step) else {
        throw RunError("step \(step) is not one of the run's: 0 to \(plan.steps)", reason: .request)
      }
      if step == 0 {
        guard let initial = plan.initials.first(where: { $0.step == value }) else {
          throw RunError(
            "'\(node.name)' is computed in steps, and has no value before step 1", reason: .request)
        }
        return (0, 0, initial.prologue)
      }
      guard case .every(let period) = node.clock, step < plan.steps, step % period != 0 else {
        return (step, step, nil)
      }
      guard step >= period else {
        throw RunError(
          "'\(node.name)' runs every \(period) steps, and has no value at step \(step)",
          reason: .request)
      }
      return (step, step / period * period, nil)
    }
  }

  private static func unknown(_ reference: String, in graph: Graph) -> RunError {
    let name = String(reference.prefix { $0 != "." })
    func hint(_ names: [String], for word: String) -> String {
      suggestion(for: word, among: names).map { " (\($0))" } ?? ""
    }
    guard let index = graph.index(of: name) else {
      let names = graph.nodes.map(\.name)
      let hint = hint(names, for: name)
      return RunError(
        "no node is named '\(escaped(name))'"
          + (hint.isEmpty ? ": the nodes are \(listed(names))" : hint), reason: .request)
    }
    let ports = graph.nodes[index].shape.ports.map(\.name)
    let port = String(reference.dropFirst(name.count + 1))
    return RunError(
      "node '\(name)' has no port '\(escaped(port))'; its ports are \(ports.joined(separator: ", "))"
        + hint(ports, for: port), reason: .request)
  }
}
