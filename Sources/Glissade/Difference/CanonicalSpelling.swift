import GlissadeGraph

/// Brings the spellings of one thing to one: `adam` and `{ kind: adam }`, `grad` and `grad.value`, `train` and `[train]`,
/// `1.0` and `1`, keys in any order.
struct CanonicalSpelling {
  private let baseDirectory: String
  /// By the name of a node, the port that a bare name means.
  private let mainPorts: [String: String]

  init(of side: GraphDifference.Side, _ registry: OperationRegistry) {
    baseDirectory = side.baseDirectory
    var ports: [String: String] = [:]
    func collect(_ nodes: [NodeDescription]) {
      for node in nodes {
        // What a node with a body gives, its author names.
        if ports[node.name] == nil, let operation = registry[node.operation], !operation.hasBody {
          ports[node.name] = operation.ports.first?.name
        }
        collect(node.body ?? [])
      }
    }
    collect(side.description.nodes)
    mainPorts = ports
  }

  /// `grad` for `grad.value`, where that is the main port.
  func reference(_ text: String) -> String {
    let name = String(text.prefix { $0 != "." })
    return mainPorts[name].map { text == name + "." + $0 } ?? false ? name : text
  }

  /// A file name from where the process stands, without `.` and, where that is possible, without `..`.
  func located(_ file: String) -> String {
    let path = file.hasPrefix("/") ? file : baseDirectory + "/" + file
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else {
        parts.append(part)
      }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  /// The value in its one spelling.
  ///
  /// Recursion goes as deep as the value, which a file bounds at 64.
  func canonical(_ value: AttributeValue, _ type: AttributeType?) -> AttributeValue {
    if case .either(let types)? = type { return canonical(value, types) }
    switch (value.content, type) {
    case (.number(let number), _):
      return Int(exactly: number).map { AttributeValue(.integer($0)) } ?? value
    case (.text(let word), .variant?):
      return AttributeValue(.map([AttributeEntry("kind", AttributeValue(.text(word)))]))
    case (.text(let text), .reference?):
      return AttributeValue(.text(reference(text)))
    case (.text(let text), .referenceOrFile?):
      return AttributeValue(.text(AttributeType.isFile(text) ? text : reference(text)))
    case (.list(let items), .list(let item, _)?):
      return AttributeValue(.list(items.map { canonical($0, item) }))
    case (.list(let items), _):
      return AttributeValue(.list(items.map { canonical($0, nil) }))
    case (.map(let entries), .reference?), (.map(let entries), .referenceOrFile?):
      return canonicalReference(entries)
    case (.map(let entries), _):
      let sorted = entries.map { entry in
        AttributeEntry(entry.key, canonical(entry.value, type?.behind(entry.key, in: value)))
      }.sorted { $0.key < $1.key }
      return AttributeValue(.map(sorted))
    default: return value
    }
  }

  /// Of several types the first that fits; where a list may stand, one thing is a list of one.
  private func canonical(_ value: AttributeValue, _ types: [AttributeType]) -> AttributeValue {
    for case .list(let item, _) in types where value.list == nil && item.fitsOutline(of: value) {
      return AttributeValue(.list([canonical(value, item)]))
    }
    return canonical(value, types.first { $0.fitsOutline(of: value) })
  }

  /// `{ from: grad, staleness: 0 }` is `grad`.
  private func canonicalReference(_ entries: [AttributeEntry]) -> AttributeValue {
    let kept = entries.compactMap { entry -> AttributeEntry? in
      switch entry.key {
      case "from":
        AttributeEntry("from", AttributeValue(.text(reference(entry.value.text ?? ""))))
      case "staleness" where entry.value.integer == 0: nil
      case "as" where entry.value.map?.isEmpty == true: nil
      default: AttributeEntry(entry.key, canonical(entry.value, nil))
      }
    }.sorted { $0.key < $1.key }
    if kept.count == 1, kept[0].key == "from" { return kept[0].value }
    return AttributeValue(.map(kept))
  }
}

extension AttributeType {
  /// The type of what stands behind a key of a map of this type; of a map by label, this type itself.
  fileprivate func behind(_ key: String, in map: AttributeValue) -> AttributeType? {
    switch self {
    case .record(let specs): specs.first { $0.name == key }?.type
    case .variant(let words):
      map["kind"] == nil
        ? self
        : words.first { $0.name == map["kind"]?.text }?.attributes.first { $0.name == key }?.type
    case .dictionary(let item): item
    case .axes: nil
    case .duration: key == "of" ? .reference(ReferenceSpec(.rows, role: .facts)) : nil
    default: self
    }
  }

  /// The one of several types that fits both values in their canonical spelling.
  func fitting(_ first: AttributeValue, _ second: AttributeValue) -> AttributeType {
    guard case .either(let types) = self else { return self }
    return types.first { $0.fitsOutline(of: first) && $0.fitsOutline(of: second) } ?? self
  }
}
