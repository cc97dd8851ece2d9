public import GlissadeGraph

/// A node that stands in a graph or a body, and the handle by which other nodes refer to it.
///
/// What a node refers to by a handle goes with it: a graph holds what stands between its braces and all that this leads
/// to. A node belongs to the body (`Repeat`) between whose braces it is made.
public protocol GraphNode: GraphPart, BodyPart, PortName {
  /// The node without its type.
  var node: Node { get set }
}

/// A node of any operation, built in or registered: `Node("clipped", op: "acme.clip-rows", ["of": .of(grad)])`.
public struct Node: GraphNode {
  /// The longest chain of handles that a node may stand at the end of.
  ///
  /// Letting a chain go takes stack for each link; who needs longer ones refers by name.
  static let longestChain = 4096

  /// What a graph file says.
  public private(set) var description: NodeDescription
  /// The nodes that it refers to by their handles, and for a body those around it.
  private(set) var mentions: [Node]
  /// What is wrong with it before anything is resolved.
  private(set) var problems: [Diagnostic]
  /// How many bodies it was made in.
  let depth: Int
  private let chain: Int

  /// A node of an operation, with its attributes.
  ///
  /// - Parameters:
  ///   - name: The name, unique in its graph or body.
  ///   - op: The operation.
  ///   - attributes: The attributes, in the order in which the file shows them.
  ///   - file: Where errors say that the node stands.
  ///   - line: The line there.
  public init(
    _ name: String, op: String, _ attributes: KeyValuePairs<String, Setting> = [:],
    file: String = #fileID, line: Int = #line
  ) {
    self.init(
      name, op: op,
      Setting(
        AttributeValue(.map(attributes.map { AttributeEntry($0.key, $0.value.value) })),
        mentions: attributes.flatMap(\.value.mentions)), file: file, line: line)
  }

  /// A node whose attributes are a map.
  init(
    _ name: String, op: String, _ attributes: Setting, body: [NodeDescription]? = nil,
    problems: [Diagnostic] = [], file: String, line: Int
  ) {
    let position = SourcePosition(file: file, line: line, column: 1)
    let entries = (attributes.value.map ?? []).map { $0.placed(at: position) }
    description = NodeDescription(
      name, operation: op, attributes: entries, body: body, at: position, operationAt: position)
    depth = BodyDepth.current
    let longest = attributes.mentions.reduce(0) { max($0, $1.chain) }
    chain = longest + 1
    self.problems = problems
    mentions = attributes.mentions
    if chain > Node.longestChain {
      mentions = []
      self.problems.append(
        Diagnostic(
          "node '\(escaped(name))' ends a chain of \(chain) handles, and the limit is "
            + "\(Node.longestChain): refer by name, and list the nodes", at: position))
    }
  }

  /// The node itself.
  public var node: Node {
    get { self }
    set { self = newValue }
  }

  mutating func set(_ key: String, to setting: Setting) {
    let position = description.position ?? SourcePosition(file: "", line: 1, column: 1)
    let entry = AttributeEntry(key, setting.value).placed(at: position)
    if let index = description.attributes.firstIndex(where: { $0.key == key }) {
      description.attributes[index] = entry
    } else {
      description.attributes.append(entry)
    }
    mentions += setting.mentions
  }
}

/// How many bodies the code that is running stands in.
enum BodyDepth {
  /// Bound while the braces of a body are evaluated, so that a node knows the body that it was made in.
  @TaskLocal static var current = 0
}

extension GraphNode {
  /// The name of the node.
  public var portName: String { node.description.name }

  /// A reference to the main port.
  public var setting: Setting {
    Setting(AttributeValue(.text(portName)), mentions: [node])
  }

  /// A port by name.
  public func port(_ name: String) -> NodePort {
    NodePort(portName + "." + name, mentions: [node])
  }

  /// The main port of so many steps ago, the same in every run.
  public func late(by steps: Int) -> LateReference { mainPort.late(by: steps) }

  /// The main port with another name of an axis.
  public func renaming(axis: String, to name: String) -> LateReference {
    mainPort.renaming(axis: axis, to: name)
  }

  private var mainPort: NodePort { NodePort(portName, mentions: [node]) }

  /// The node with more attributes, or with other values of those that it has.
  public func with(_ attributes: KeyValuePairs<String, Setting>) -> Self {
    var result = self
    for (key, setting) in attributes { result.node.set(key, to: setting) }
    return result
  }

  /// The node on a clock of its own: it runs on the multiples and at the end.
  public func every(_ period: GraphDuration) -> Self { with(["every": period.setting]) }

  /// The node as a part of a graph.
  public var parts: GraphParts { GraphParts(items: [.node(node)]) }

  /// The node as a part of a body.
  public var bodyParts: BodyParts { BodyParts(items: [.node(node)]) }
}

extension AttributeEntry {
  /// The same, standing at a place.
  func placed(at position: SourcePosition) -> AttributeEntry {
    AttributeEntry(key, value.placed(at: position), at: position)
  }
}

extension AttributeValue {
  /// The same, with all that it holds standing at a place.
  ///
  /// Recursion goes as deep as the literals of the program that wrote it.
  fileprivate func placed(at position: SourcePosition) -> AttributeValue {
    switch content {
    case .list(let items):
      AttributeValue(.list(items.map { $0.placed(at: position) }), at: position)
    case .map(let entries):
      AttributeValue(.map(entries.map { $0.placed(at: position) }), at: position)
    default: AttributeValue(content, at: position)
    }
  }
}
