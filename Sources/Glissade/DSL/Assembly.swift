import GlissadeGraph

/// Puts a graph or a body together from its parts: what they refer to by handles comes before them, each node once.
struct Assembly {
  /// The nodes, each after those that it mentions.
  private(set) var nodes: [NodeDescription] = []
  /// Nodes that were made around the body: they go with the node that has the body.
  private(set) var outside: [Node] = []
  /// What is wrong already.
  private(set) var problems: [Diagnostic] = []
  private var sections: [GraphItem.Section: [AttributeEntry]] = [:]
  private var seen: [String: [NodeDescription]] = [:]
  private let depth: Int

  /// An assembly of what was made in so many bodies.
  ///
  /// - Complexity: O(nodes + references).
  init(_ items: [GraphItem], depth: Int) {
    self.depth = depth
    for item in items {
      switch item {
      case .node(let node): add(node, isListed: true)
      case .entry(let section, let entry, let mentions):
        for node in mentions { add(node, isListed: false) }
        add(entry, to: section)
      }
    }
  }

  /// The entries of a section, in the order in which they were written.
  func entries(_ section: GraphItem.Section) -> [AttributeEntry] { sections[section] ?? [] }

  private mutating func add(_ entry: AttributeEntry, to section: GraphItem.Section) {
    if entries(section).contains(where: { $0.key == entry.key }) {
      problems.append(
        Diagnostic("'\(escaped(entry.key))' stands twice in '\(section)'", at: entry.keyPosition))
    }
    sections[section, default: []].append(entry)
  }

  /// Adds a node behind all that it mentions, without recursion.
  private mutating func add(_ node: Node, isListed: Bool) {
    guard isListed || belongs(node), enter(node) else { return }
    var stack = [(node: node, next: 0)]
    while let top = stack.last {
      guard top.next < top.node.mentions.count else {
        nodes.append(top.node.description)
        problems += top.node.problems
        stack.removeLast()
        continue
      }
      stack[stack.count - 1].next += 1
      let mention = top.node.mentions[top.next]
      if belongs(mention), enter(mention) { stack.append((mention, 0)) }
    }
  }

  /// Whether a node that is referred to stands here; those that were made around a body are noted.
  private mutating func belongs(_ node: Node) -> Bool {
    if node.depth < depth { outside.append(node) }
    return node.depth == depth
  }

  /// Notes a node; false where it is here already.
  ///
  /// Two of one name that differ both go on, and are refused as such.
  private mutating func enter(_ node: Node) -> Bool {
    let description = node.description
    guard !(seen[description.name] ?? []).contains(description) else { return false }
    seen[description.name, default: []].append(description)
    return true
  }
}
