/// When a node runs.
public enum NodeClock: Sendable, Hashable {
  /// Once, before the first step.
  case once
  /// In every step.
  case step
  /// In the steps `t` where `(t + 1)` is a multiple, and in the last.
  case every(Int)
}

/// A checked graph: every reference leads somewhere, axes and shapes are known, nothing is checked again after this.
public struct Graph: Sendable {
  /// A node of a checked graph.
  ///
  /// A class, since graphs of 100,000 nodes are walked many times: a copy of a value would count the references of some
  /// twenty fields.
  public final class Node: Sendable {
    /// What it does.
    public let operation: OperationSpec
    /// The values that it reads.
    public let inputs: [NodeInput]
    /// Its ports and stages.
    public let shape: NodeShape
    /// When it runs.
    public let clock: NodeClock
    /// For a state: the port that gives its next version.
    public let next: PortReference?
    // What is looked at less often lies behind what every walk wants.
    /// The name.
    public let name: String
    /// What its author wrote.
    public let description: NodeDescription
    /// Nodes whose facts it uses.
    public let facts: [NodeInput]
    /// The nodes of its body.
    public var body: Graph? { inner?.graph }
    private let inner: Body?

    init(
      name: String, operation: OperationSpec, description: NodeDescription, inputs: [NodeInput],
      facts: [NodeInput], shape: NodeShape, clock: NodeClock, body: Graph?, next: PortReference?
    ) {
      self.name = name
      self.operation = operation
      self.description = description
      self.inputs = inputs
      self.facts = facts
      self.shape = shape
      self.clock = clock
      inner = body.map(Body.init)
      self.next = next
    }

    /// The same node with another clock or another next version.
    func with(clock: NodeClock? = nil, next: PortReference? = nil) -> Node {
      Node(
        name: name, operation: operation, description: description, inputs: inputs, facts: facts,
        shape: shape, clock: clock ?? self.clock, body: body, next: next ?? self.next)
    }

    /// A port by name.
    public func port(_ name: String) -> NodeShape.Port? {
      shape.ports.first { $0.name == name }
    }
  }

  /// The graph in a node: apart, since most nodes have none, and would have room for it.
  private final class Body: Sendable {
    let graph: Graph
    init(_ graph: Graph) { self.graph = graph }
  }

  /// A port of a node, by number.
  public struct PortReference: Sendable, Hashable {
    /// The node's number.
    public let node: Int
    /// The port's name.
    public let port: String

    /// A port of a node.
    public init(node: Int, port: String) {
      self.node = node
      self.port = port
    }
  }

  /// What is written at the end.
  public struct Output: Sendable {
    /// As the author wrote it: `weights`, `step.state`.
    public let name: String
    /// The port whose value is written.
    public let port: PortReference
    /// The file; `{axis}` stands for a place's label.
    public let file: String
    /// Whether the version of the best evaluation is written, or the last one.
    public let isBest: Bool
    /// Columns of the rows that are written beside predictions.
    public let columns: [String]
    /// Where they stand.
    public let columnsPosition: SourcePosition?
    /// Where the name of the file stands.
    public let filePosition: SourcePosition?
    /// Where it stands.
    public let position: SourcePosition?
  }

  /// What its author wrote.
  public let description: GraphDescription
  /// The directory that its relative file names start from.
  public var baseDirectory = "."
  /// The nodes in the order of the text.
  public let nodes: [Node]
  /// The order in which they were resolved: what a node reads comes before it, states apart.
  public let order: [Int]
  /// How long it runs and when it stops.
  public let run: RunSettings
  /// What is written at the end.
  public let outputs: [Output]
  /// What `run` cannot do in this version, by name; empty where it can do all.
  public let notBuilt: [Diagnostic]

  /// The number of a node.
  public func index(of name: String) -> Int? { nodes.firstIndex { $0.name == name } }

  /// The port that a text such as `node` or `node.port` names.
  public func port(_ reference: String) -> PortReference? {
    let parts = reference.split(separator: ".", maxSplits: 1)
    guard let first = parts.first, let index = index(of: String(first)) else { return nil }
    if parts.count == 1 {
      return PortReference(node: index, port: nodes[index].shape.ports[0].name)
    }
    let port = String(parts[1])
    guard nodes[index].port(port) != nil else { return nil }
    return PortReference(node: index, port: port)
  }

  /// The batches of the graph, whose epochs a duration may count.
  public var batches: [Int] { nodes.indices.filter { nodes[$0].shape.epochSteps != nil } }
}

/// How long a graph runs, when it stops and what it saves on the way.
public struct RunSettings: Sendable {
  /// When to stop before the end.
  public struct Stop: Sendable {
    /// Which way is better.
    public enum Best: String, Sendable {
      case greatest
      case least
    }

    /// The node whose metric decides.
    public let node: Int
    /// The metric.
    public let metric: String
    /// Which way is better; nil where only `reaches` is given.
    public let best: Best?
    /// Evaluations without a better one after which it stops; nil for never.
    public let patience: Int?
    /// By how much an evaluation must be better to count.
    public let minimumChange: Double
    /// The value at which it stops at once.
    public let reaches: Double?
  }

  /// The number of steps; 0 for a graph that has none.
  public let steps: Int
  /// Steps of an epoch, where the graph draws batches.
  public let epochSteps: Int?
  /// When to stop before the end.
  public let stop: Stop?

  /// The attributes of `run`, for `check`, `ops` and the schema.
  public static let specs: [AttributeSpec] = [
    AttributeSpec("until", .duration(["epochs", "steps"]), "How long the graph runs."),
    AttributeSpec(
      "stop",
      .record([
        AttributeSpec(
          "when", .text, "The metric that decides: `score.accuracy`.", required: true),
        AttributeSpec("best", .choice(["greatest", "least"]), "Which way is better."),
        AttributeSpec(
          "patience", .integer(1...1_000_000_000),
          "Evaluations without a better one after which the run stops."),
        AttributeSpec(
          "minimum-change", .number(.nonNegative), "By how much better counts.", default: 0),
        AttributeSpec("reaches", .number(.any), "The value at which the run stops at once."),
      ]), "When to stop before the end."),
    AttributeSpec(
      "checkpoint",
      .record([
        AttributeSpec(
          "every", .duration(["epochs", "steps"]), "How often the run is saved.", required: true),
        AttributeSpec("keep", .integer(1...1000), "How many checkpoints are kept.", default: 3),
      ]), "What is saved on the way.", built: false),
  ]

  /// The attributes of an output, for `check`, `ops` and the schema.
  public static let outputSpecs: [AttributeSpec] = [
    AttributeSpec("file", .file, "The file; `{axis}` stands for a place's label.", required: true),
    AttributeSpec(
      "version", .choice(["last", "best"]), "Which version of a state.", default: "last"),
    AttributeSpec("with", .list(.text, 0...65_536), "Columns written beside predictions."),
    AttributeSpec("order", .choice(["source"]), "The order of the rows.", default: "source"),
  ]
}
