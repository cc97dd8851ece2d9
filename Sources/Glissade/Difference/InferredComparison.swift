import GlissadeGraph

/// Compares what was inferred of two graphs: steps, and axes, shapes and clocks of the nodes that both have.
enum InferredComparison {
  typealias Change = GraphDifference.Change

  static func changes(from old: Graph, to new: Graph) -> [Change] {
    var changes: [Change] = []
    func note(_ path: String, _ old: AttributeValue?, _ new: AttributeValue?) {
      if old != new { changes.append(Change(path, old, new)) }
    }
    note("steps", number(old.run.steps), number(new.run.steps))
    note("steps of an epoch", number(old.run.epochSteps), number(new.run.epochSteps))
    var others: [String: Graph.Node] = [:]
    for node in new.nodes { others[node.name] = node }
    for node in old.nodes.sorted(by: { $0.name < $1.name }) {
      guard let other = others[node.name] else { continue }
      if node.clock != other.clock { note("\(node.name) runs", clock(node), clock(other)) }
      for port in node.shape.ports {
        guard let match = other.port(port.name) else {
          note("\(node.name).\(port.name)", text(kind(port)), nil)
          continue
        }
        let path = "\(node.name).\(port.name)"
        note(path + " gives", text(kind(port)), text(kind(match)))
        if port.axes != match.axes {
          note(path + " axes", text(axes(port)), text(axes(match)))
        }
        noteShapes(path, port, match, note)
      }
      for port in other.shape.ports where node.port(port.name) == nil {
        note("\(node.name).\(port.name)", nil, text(kind(port)))
      }
    }
    return changes
  }

  /// The first place whose tensors differ, with both shapes; of families with other axes only the first place.
  private static func noteShapes(
    _ path: String, _ old: NodeShape.Port, _ new: NodeShape.Port,
    _ note: (String, AttributeValue?, AttributeValue?) -> Void
  ) {
    let places = old.axes == new.axes ? old.axes.placeCount : 1
    let isUniform =
      if case (.uniform, .uniform) = (old.specs, new.specs) { true } else { false }
    for place in 0..<(isUniform ? 1 : places) {
      guard old.specs[place].tensors != new.specs[place].tensors else { continue }
      let (first, second) = (shape(old.specs[place]), shape(new.specs[place]))
      let at = places > 1 && !isUniform ? " at " + old.axes.placePhrase(place) : ""
      return note(path + " shape" + at, text(first), text(second))
    }
  }

  /// `sum float32 [650]` for each tensor of the record.
  private static func shape(_ spec: ValueSpec) -> String {
    spec.tensors.map { "\($0.name) \($0.type.rawValue) \($0.shape)" }.joined(separator: ", ")
  }

  /// `[train[4]]`, with the labels where an axis has any: two axes may differ in them alone.
  private static func axes(_ port: NodeShape.Port) -> String {
    guard port.axes.contains(where: { $0.labels != nil }) else { return port.axes.phrase }
    let axes = port.axes.map { axis in
      axis.labels.map { "\(axis.name)[\($0.joined(separator: ", "))]" } ?? axis.phrase
    }
    return "[" + axes.joined(separator: ", ") + "]"
  }

  private static func kind(_ port: NodeShape.Port) -> String { port.specs.first.kind.description }

  private static func clock(_ node: Graph.Node) -> AttributeValue {
    switch node.clock {
    case .once: text("once")
    case .step: text("each step")
    case .every(let steps): text("every \(steps) steps")
    }
  }

  private static func text(_ text: String) -> AttributeValue { AttributeValue(.text(text)) }

  private static func number(_ number: Int?) -> AttributeValue? {
    number.map { AttributeValue(.integer($0)) }
  }
}
