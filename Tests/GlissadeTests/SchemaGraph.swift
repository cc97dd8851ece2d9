import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime

/// A random valid graph, drawn from the specs of the registered operations.
///
/// It grows: what is drawn is put into a graph that is right, and kept where the graph is still right after it. So no rule of
/// an operation is repeated here, and a new attribute is drawn from the day on which it is registered; only the first six
/// nodes, and which words and files there are, are known here.
struct SchemaGraph {
  /// The columns of the rows that graphs read: numbers, three classes, two classes, a number to be learnt.
  static let columns = ["a", "b", "three", "two", "value"]
  /// The rows, 24 of them.
  static let rows =
    columns.joined(separator: ",") + "\n"
    + (0..<24).map { "\($0 % 7),\($0 * $0 % 5),\($0 % 3),\($0 % 2),\(Double($0) / 8)\n" }.joined()

  private let operations: Operations
  private let directory: String
  private var draw: AttributeDraw
  private(set) var description: GraphDescription
  /// What was drawn and kept.
  private(set) var covered: Set<String> = []

  /// A graph of a seed over `rows.csv` in a directory.
  init(seed: UInt64, operations: Operations, directory: String) {
    self.operations = operations
    self.directory = directory
    let words = [
      "train", "client", "member", "block", "loss", "accuracy", "objective", "rmse", "top-2",
      "*.bias", "*.weight", "*",
    ]
    draw = AttributeDraw(
      random: SeededRandom(seed: seed), texts: words + Self.columns,
      files: ["rows.csv", "out.npy", "out.safetensors", "out.csv"])
    description = GraphDescription(name: "schema-\(seed)", seed: seed)
    repeat { description = core(seed) } while resolved(description) == nil
    for _ in 0..<60 { grow() }
  }

  /// Rows, a model, and its descent.
  private mutating func core(_ seed: UInt64) -> GraphDescription {
    func text(_ text: String) -> AttributeValue { AttributeValue(.text(text)) }
    func node(_ name: String, _ operation: String, _ entries: [(String, String)]) -> NodeDescription
    {
      NodeDescription(
        name, operation: operation, attributes: entries.map { AttributeEntry($0, text($1)) })
    }
    let label = draw.random.one(of: ["three", "two", "value"])
    var nodes = [
      node("train", "shard", [("source", "rows.csv"), ("label", label)]),
      node("weights", "parameters", []),
      node("grad", "gradient", [("at", "weights"), ("data", "train")]),
      node("mean", "reduce", [("of", "grad")]),
      node("step", "update", [("of", "weights"), ("with", "mean")]),
      node("score", "evaluate", [("at", "weights"), ("data", "train")]),
    ]
    for (index, attribute) in [(1, "model"), (4, "optimizer")] {
      let operation = nodes[index].operation
      let spec = operations.registry[operation]?.attributes.first { $0.name == attribute }
      if let spec, let entry = draw.entry(spec, path: operation) {
        nodes[index].attributes.append(entry)
      }
    }
    nodes[5].attributes.append(AttributeEntry("metrics", ["loss"]))
    return GraphDescription(
      name: description.name, seed: seed, nodes: nodes,
      run: [AttributeEntry("until", ["steps": 1])])
  }

  /// The graph, where it is right and this version can run it.
  private func resolved(_ description: GraphDescription) -> Graph? {
    guard
      let graph = try? Graph(
        resolving: description, registry: operations.registry, baseDirectory: directory),
      graph.notBuilt.isEmpty, (try? RunOutputs(graph, sha256: "", directory: directory)) != nil
    else { return nil }
    return graph
  }

  private mutating func grow() {
    guard let graph = resolved(description) else { return }
    draw.drawn = []
    draw.ports = graph.nodes.flatMap { node in
      node.shape.ports.enumerated().map { number, port in
        (number == 0 ? node.name : node.name + "." + port.name, port.specs.first.kind)
      }
    }
    var changed = description
    switch draw.random.number(0...9) {
    case 0: addNode(to: &changed)
    case 1: addSetting(to: &changed)
    case 2: addOutput(to: &changed)
    default: addAttribute(to: &changed)
    }
    guard resolved(changed) != nil else { return }
    description = changed
    covered.formUnion(draw.drawn)
  }

  private mutating func addNode(to changed: inout GraphDescription) {
    let registry = operations.registry
    let names = registry.names.filter { registry[$0]?.isBuilt ?? false }
    guard let operation = registry[draw.random.one(of: names)] else { return }
    changed.nodes.insert(
      NodeDescription(
        "n\(changed.nodes.count)", operation: operation.name,
        attributes: draw.entries(operation.attributes, path: operation.name, chance: 0.2)),
      at: draw.random.number(0...changed.nodes.count))
  }

  private mutating func addAttribute(to changed: inout GraphDescription) {
    let index = draw.random.number(0...changed.nodes.count - 1)
    guard let operation = operations.registry[changed.nodes[index].operation] else { return }
    let specs = operation.attributes.filter(\.isBuilt) + [CommonAttributes.every]
    let spec = draw.random.one(of: specs)
    guard let entry = draw.entry(spec, path: operation.name) else { return }
    changed.nodes[index].attributes.removeAll { $0.key == spec.name }
    changed.nodes[index].attributes.append(entry)
  }

  /// `run` keeps its one step: what is run is run once.
  private mutating func addSetting(to changed: inout GraphDescription) {
    draw.ports = []
    let specs = RunSettings.specs.filter { $0.isBuilt && $0.name != "until" }
    let metric = draw.random.one(of: ["score.loss", "score.accuracy", "score.objective"])
    let others = draw.texts
    draw.texts = [metric]
    defer { draw.texts = others }
    guard let entry = draw.entry(draw.random.one(of: specs), path: "run") else { return }
    changed.run.removeAll { $0.key == entry.key }
    changed.run.append(entry)
  }

  private mutating func addOutput(to changed: inout GraphDescription) {
    let name = draw.random.one(of: draw.ports).name
    let entries = draw.entries(RunSettings.outputSpecs, path: "outputs", chance: 0.3)
    changed.outputs.removeAll { $0.key == name }
    changed.outputs.append(AttributeEntry(name, AttributeValue(.map(entries))))
  }
}
