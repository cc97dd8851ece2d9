import GlissadeGraph

/// Nodes that run again and again on a clock of their own: local epochs, line searches.
///
/// ```swift
/// Repeat("local", until: .epochs(5, of: "batch")) {
///   let batch = Batch("batch", of: chosen, size: 10, per: .place)
///   let mine = Parameters("mine", initial: global)
///   let grad = Gradient("grad", at: mine, data: batch, loss: .crossEntropy)
///   Update("step", of: mine, with: grad, optimizer: .sgd(rate: 0.1))
///   Yield("weights", mine)
/// }
/// ```
/// Nodes that are made between the braces belong to the body; those that were made before it stand around it.
public struct Repeat: GraphNode {
  /// The node without its type.
  public var node: Node

  /// Repeats a body `until` steps or epochs of its own, or as long as a value of it says; its state starts again each
  /// time unless it is kept.
  public init(
    _ name: String, until: GraphDuration? = nil, when: String? = nil, keep: Bool? = nil,
    file: String = #fileID, line: Int = #line, @BodyBuilder _ body: () throws -> BodyParts
  ) rethrows {
    let depth = BodyDepth.current + 1
    let items = try BodyDepth.$current.withValue(depth) { try body().items }
    let assembly = Assembly(items, depth: depth)
    let settings = Setting.map([
      "until": until, "when": when, "keep": keep,
      "yields": Setting(AttributeValue(.map(assembly.entries(.yields)))),
    ])
    node = Node(
      name, op: "repeat",
      Setting(settings.value, mentions: settings.mentions + assembly.outside),
      body: assembly.nodes, problems: assembly.problems, file: file, line: line)
  }
}

/// A value that a body gives at its end, as a port of its `Repeat`.
public struct Yield: BodyPart {
  /// What it is made of.
  public let bodyParts: BodyParts

  /// Gives a value of the body the name of a port; the first one is the main port.
  public init(
    _ port: String, _ value: any PortName, file: String = #fileID, line: Int = #line
  ) {
    bodyParts = BodyParts(items: [
      GraphItem(
        .yields, port, Setting(AttributeValue(.text(value.portName))), file: file, line: line,
        mentions: value.setting.mentions)
    ])
  }
}
