import GlissadeGraph

/// Compares what two authors wrote, node by node and attribute by attribute, in the order of their names.
struct DescriptionComparison {
  private(set) var changes: [GraphDifference.Change] = []
  private let old: GraphDifference.Side
  private let new: GraphDifference.Side
  private let oldSpelling: CanonicalSpelling
  private let newSpelling: CanonicalSpelling
  private let registry: OperationRegistry

  init(
    _ old: GraphDifference.Side, _ new: GraphDifference.Side, _ registry: OperationRegistry
  ) {
    self.old = old
    self.new = new
    self.registry = registry
    oldSpelling = CanonicalSpelling(of: old, registry)
    newSpelling = CanonicalSpelling(of: new, registry)
  }

  mutating func compare() {
    let (old, new) = (old.description, new.description)
    note("name", AttributeValue(.text(old.name)), AttributeValue(.text(new.name)))
    note("seed", Self.seed(old.seed), Self.seed(new.seed))
    compare(keys: old.needs, new.needs, path: "needs") { comparison, path, old, new in
      comparison.note(path, old, new)
    }
    compareNodes(old.nodes, new.nodes, path: "nodes")
    compare(old.run, new.run, RunSettings.specs, path: "run")
    let outputs = (outputs(self.old, oldSpelling), outputs(self.new, newSpelling))
    compare(keys: outputs.0, outputs.1, path: "outputs") { comparison, path, old, new in
      guard let old, let new else { return comparison.note(path, old, new) }
      comparison.compare(old.map ?? [], new.map ?? [], RunSettings.outputSpecs, path: path)
    }
  }

  /// Notes a difference, where there is one.
  mutating func note(_ path: String, _ old: AttributeValue?, _ new: AttributeValue?) {
    guard old != new else { return }
    changes.append(GraphDifference.Change(path, old, new))
  }

  private static func seed(_ seed: UInt64) -> AttributeValue {
    AttributeValue(Int(exactly: seed).map { .integer($0) } ?? .text(String(seed)))
  }

  // MARK: Nodes

  /// Nodes by name, since the name is part of what a node means: its random numbers hang on it.
  ///
  /// Recursion goes as deep as bodies nest.
  private mutating func compareNodes(
    _ old: [NodeDescription], _ new: [NodeDescription], path: String
  ) {
    var names: [String: (old: NodeDescription?, new: NodeDescription?)] = [:]
    for node in old { names[node.name, default: (nil, nil)].old = node }
    for node in new { names[node.name, default: (nil, nil)].new = node }
    for name in names.keys.sorted() {
      let pair = names[name] ?? (nil, nil)
      let path = path + "." + name
      guard let old = pair.old, let new = pair.new else {
        note(path, pair.old.map(Self.whole), pair.new.map(Self.whole))
        continue
      }
      // Most nodes of two versions of a graph are written alike.
      if old == new { continue }
      note(
        path + ".op", AttributeValue(.text(old.operation)), AttributeValue(.text(new.operation)))
      let specs = [old, new].compactMap { registry[$0.operation]?.attributes }
      compare(
        attributes(old, of: self.old, beside: new), attributes(new, of: self.new, beside: old),
        (specs.first ?? []) + (specs.last ?? []) + [CommonAttributes.every], path: path)
      compareNodes(old.body ?? [], new.body ?? [], path: path + ".nodes")
    }
  }

  /// A node as one value: `{ op: reduce, of: grad }`.
  private static func whole(_ node: NodeDescription) -> AttributeValue {
    var entries = [AttributeEntry("op", AttributeValue(.text(node.operation)))] + node.attributes
    if let body = node.body {
      entries.append(
        AttributeEntry(
          "nodes", AttributeValue(.map(body.map { AttributeEntry($0.name, whole($0)) }))))
    }
    return AttributeValue(.map(entries))
  }

  /// The attributes of a node with what stands for something else written out: `count` as axes, and what is there without
  /// being said, such as `next`, where the other node says its own.
  private func attributes(
    _ node: NodeDescription, of side: GraphDifference.Side, beside other: NodeDescription
  ) -> [AttributeEntry] {
    var entries = node.attributes
    if let index = entries.firstIndex(where: { $0.key == "count" }), node["axes"] == nil {
      entries[index] = AttributeEntry(
        "axes", AttributeValue(.map([AttributeEntry(node.name, entries[index].value)])))
    }
    guard other.attributes.contains(where: { node[$0.key] == nil }), let graph = side.graph,
      let index = graph.index(of: node.name), graph.nodes[index].description == node
    else { return entries }
    var silent = graph.nodes[index].shape.defaults
    if let next = graph.nodes[index].next {
      let name = graph.nodes[next.node].name + "." + next.port
      silent.append(AttributeEntry("next", AttributeValue(.text(name))))
    }
    return entries + silent.filter { node[$0.key] == nil && other[$0.key] != nil }
  }

  private func outputs(_ side: GraphDifference.Side, _ spelling: CanonicalSpelling)
    -> [AttributeEntry]
  {
    side.description.outputs.map { entry in
      let name = spelling.reference(entry.key)
      guard entry.value.text != nil else { return AttributeEntry(name, entry.value) }
      return AttributeEntry(name, AttributeValue(.map([AttributeEntry("file", entry.value)])))
    }
  }

  // MARK: Attributes

  /// Entries whose keys are free.
  private mutating func compare(
    keys old: [AttributeEntry], _ new: [AttributeEntry], path: String,
    _ body: (inout Self, String, AttributeValue?, AttributeValue?) -> Void
  ) {
    var seen: Set<String> = []
    let names = (old + new).map(\.key).filter { seen.insert($0).inserted }.sorted()
    for name in names {
      body(
        &self, path + "." + name, old.first { $0.key == name }?.value,
        new.first { $0.key == name }?.value)
    }
  }

  /// Entries that specs know: what is left out has its default, what is given twice in the specs counts once.
  ///
  /// Recursion goes as deep as the entries, which a file bounds at 64.
  private mutating func compare(
    _ old: [AttributeEntry], _ new: [AttributeEntry], _ specs: [AttributeSpec], path: String
  ) {
    // The order of the specs is that of the documentation; names that they lack come behind.
    var seen: Set<String> = []
    let names = (specs.map(\.name) + (old + new).map(\.key).sorted())
      .filter { seen.insert($0).inserted }
    for name in names {
      let spec = specs.first { $0.name == name }
      let first = old.first { $0.key == name }?.value
      let second = new.first { $0.key == name }?.value
      guard first != nil || second != nil else { continue }
      let count = changes.count
      compare(
        first ?? spec?.defaultValue, second ?? spec?.defaultValue, spec?.type,
        path: path + "." + name)
      guard changes.count > count, let change = changes.last, change.path == path + "." + name
      else { continue }
      changes[changes.count - 1] = GraphDifference.Change(
        change.path, change.old, change.new, isOldDefault: first == nil && change.old != nil,
        isNewDefault: second == nil && change.new != nil)
    }
  }

  private mutating func compare(
    _ old: AttributeValue?, _ new: AttributeValue?, _ type: AttributeType?, path: String
  ) {
    guard let old, let new else { return note(path, old, new) }
    let first = oldSpelling.canonical(old, type)
    let second = newSpelling.canonical(new, type)
    guard first != second else { return }
    switch (type?.fitting(first, second), first.content, second.content) {
    case (.record(let specs)?, .map(let left), .map(let right)):
      compare(left, right, specs, path: path)
    case (.variant(let words)?, .map(let left), .map(let right))
    where first["kind"] == second["kind"]:
      let specs = words.first { $0.name == first["kind"]?.text }?.attributes ?? []
      compare(
        left.filter { $0.key != "kind" }, right.filter { $0.key != "kind" }, specs, path: path)
    case (.list(let item, _)?, .list(let left), .list(let right)) where left.count == right.count:
      for (index, pair) in zip(left, right).enumerated() {
        compare(pair.0, pair.1, item, path: "\(path).\(index)")
      }
    case (.dictionary(let item)?, .map(let left), .map(let right)):
      compare(keys: left, right, path: path) { $0.compare($2, $3, item, path: $1) }
    case (.axes?, .map(let left), .map(let right)):
      compare(keys: left, right, path: path) { $0.note($1, $2, $3) }
    case (.file?, .text(let left), .text(let right))
    where oldSpelling.located(left) == newSpelling.located(right):
      return
    default:
      // Values by label, of any type.
      if let left = first.map, let right = second.map, first["kind"] == nil, second["kind"] == nil,
        Set(left.map(\.key)) == Set(right.map(\.key))
      {
        compare(keys: left, right, path: path) { $0.compare($2, $3, type, path: $1) }
      } else {
        changes.append(GraphDifference.Change(path, old, new))
      }
    }
  }
}
