/// The checked attributes of a node at one place, read by type; what is left out has its default.
public struct Attributes: Sendable {
  private let entries: [AttributeEntry]
  private let specs: [AttributeSpec]

  init(_ entries: [AttributeEntry], specs: [AttributeSpec]) {
    self.entries = entries
    self.specs = specs
  }

  /// The value of an attribute or its default; nil where there is neither.
  public subscript(name: String) -> AttributeValue? {
    entries.value(of: name) ?? spec(name)?.defaultValue
  }

  /// Whether the author gave the attribute.
  public func isGiven(_ name: String) -> Bool { entries.place(of: name) != nil }

  /// Where an attribute stands.
  public func position(_ name: String) -> SourcePosition? {
    guard let place = entries.place(of: name) else { return nil }
    return entries[place].value.position ?? entries[place].keyPosition
  }

  /// A whole number.
  public func integer(_ name: String) -> Int? { self[name]?.integer }

  /// A number.
  public func number(_ name: String) -> Double? { self[name]?.number }

  /// A text.
  public func text(_ name: String) -> String? { self[name]?.text }

  /// A truth value; false where it is neither given nor has a default.
  public func flag(_ name: String) -> Bool { self[name]?.boolean ?? false }

  /// The attributes inside a map with known keys.
  public func record(_ name: String) -> Attributes? {
    guard let entries = self[name]?.map, let type = spec(name)?.type else { return nil }
    return Attributes(entries, specs: type.recordSpecs ?? [])
  }

  /// The word of a variant and the attributes that belong to it.
  public func variant(_ name: String) -> (kind: String, attributes: Attributes)? {
    guard let value = self[name], let type = spec(name)?.type else { return nil }
    return Attributes.variant(value, type)
  }

  /// The variants of an attribute that holds one or a list of them, with their positions.
  public func variants(_ name: String) -> [(
    kind: String, attributes: Attributes, position: SourcePosition?
  )] {
    guard let value = self[name], let type = spec(name)?.type else { return [] }
    return (value.list ?? [value]).compactMap { item in
      Attributes.variant(item, type).map { ($0.kind, $0.attributes, item.position) }
    }
  }

  /// A list of texts, or the one text as a list.
  public func texts(_ name: String) -> [String] {
    guard let value = self[name] else { return [] }
    return (value.list ?? [value]).compactMap(\.text)
  }

  private func spec(_ name: String) -> AttributeSpec? { specs.first { $0.name == name } }

  private static func variant(_ value: AttributeValue, _ type: AttributeType) -> (
    kind: String, attributes: Attributes
  )? {
    guard let kind = value.text ?? value["kind"]?.text else { return nil }
    let specs = type.variantSpec(named: kind)?.attributes ?? []
    return (kind, Attributes(value.map ?? [], specs: specs))
  }
}

extension AttributeType {
  var recordSpecs: [AttributeSpec]? {
    switch self {
    case .record(let specs): specs
    case .either(let types): types.lazy.compactMap(\.recordSpecs).first
    default: nil
    }
  }

  /// The first word of that name among the variants.
  func variantSpec(named name: String) -> VariantSpec? {
    switch self {
    case .variant(let variants): return variants.first { $0.name == name }
    case .either(let types):
      for type in types {
        if let found = type.variantSpec(named: name) { return found }
      }
      return nil
    case .list(let item, _): return item.variantSpec(named: name)
    default: return nil
    }
  }

  var variantSpecs: [VariantSpec] {
    switch self {
    case .variant(let variants): variants
    case .either(let types): types.flatMap(\.variantSpecs)
    case .list(let item, _): item.variantSpecs
    default: []
    }
  }
}

extension AttributeValue {
  /// The value with every map by label replaced by what it says for one label.
  func specialized(label: String, among labels: [String]) -> AttributeValue {
    switch content {
    case .map(let entries):
      if entries.count == labels.count, AttributeValue.haveKeys(entries, labels),
        let chosen = self[label]
      {
        return chosen.specialized(label: label, among: labels)
      }
      return AttributeValue(
        .map(
          entries.map {
            AttributeEntry(
              $0.key, $0.value.specialized(label: label, among: labels), at: $0.keyPosition)
          }), at: position)
    case .list(let items):
      return AttributeValue(
        .list(items.map { $0.specialized(label: label, among: labels) }), at: position)
    default: return self
    }
  }

  /// Whether entries, as many as there are labels, have them as keys.
  ///
  /// Asked at each place of a family, so it is quick where both have one order, as they mostly have.
  private static func haveKeys(_ entries: [AttributeEntry], _ labels: [String]) -> Bool {
    if zip(entries, labels).allSatisfy({ $0.key == $1 }) { return true }
    if labels.count <= 16 { return entries.allSatisfy { labels.contains($0.key) } }
    let known = Set(labels)
    return entries.allSatisfy { known.contains($0.key) }
  }
}
