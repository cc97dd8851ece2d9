import GlissadeGraph

/// Draws values of attributes from their specs: what is registered is covered, without being named here.
struct AttributeDraw {
  var random: SeededRandom
  /// Texts that may mean something: axes, columns, metrics.
  var texts: [String]
  /// Names of files.
  var files: [String]
  /// The ports that references may lead to.
  var ports: [(name: String, kind: ValueKind)] = []
  /// What was drawn since this was emptied: `update.optimizer`, `update.optimizer=adam`, `update.optimizer=adam.rate`.
  var drawn: [String] = []

  init(random: SeededRandom, texts: [String], files: [String]) {
    self.random = random
    self.texts = texts
    self.files = files
  }

  /// The built attributes of a map: those that must be there, and each other one with a probability.
  mutating func entries(_ specs: [AttributeSpec], path: String, chance: Double) -> [AttributeEntry]
  {
    specs.compactMap { spec in
      guard spec.isBuilt, spec.isRequired || random.happens(chance) else { return nil }
      return entry(spec, path: path)
    }
  }

  /// One attribute; nil where there is nothing that it could refer to.
  mutating func entry(_ spec: AttributeSpec, path: String) -> AttributeEntry? {
    let inner = path + "." + spec.name
    guard let value = value(of: spec.type, path: inner) else { return nil }
    drawn.append(inner)
    return AttributeEntry(spec.name, value)
  }

  private mutating func value(of type: AttributeType, path: String) -> AttributeValue? {
    switch type {
    case .boolean: return AttributeValue(.boolean(random.happens()))
    case .integer(let range):
      let usual = [0, 1, 2, 3, 4, 6, 12].filter(range.contains)
      return AttributeValue(.integer(usual.isEmpty ? range.lowerBound : random.one(of: usual)))
    case .number(let range):
      let usual = [0, 0.001, 0.1, 0.5, 0.9, 1, -1].filter(range.contains)
      return AttributeValue(.number(usual.isEmpty ? range.greatest : random.one(of: usual)))
    case .text: return AttributeValue(.text(random.one(of: texts)))
    case .file: return AttributeValue(.text(random.one(of: files)))
    case .choice(let words): return AttributeValue(.text(random.one(of: words)))
    case .reference(let spec), .referenceOrFile(let spec): return reference(spec)
    case .duration(let units): return duration(units)
    case .list(let item, let counts):
      let count = random.number(max(1, counts.lowerBound)...max(1, min(counts.upperBound, 3)))
      let items = (0..<count).compactMap { _ in value(of: item, path: path) }
      return items.count == count ? AttributeValue(.list(items)) : nil
    case .record(let specs):
      let entries = entries(specs, path: path, chance: 0.5)
      let needed = specs.filter { $0.isRequired && $0.isBuilt }.count
      return entries.count < max(1, needed) ? nil : AttributeValue(.map(entries))
    case .dictionary(let item):
      return value(of: item, path: path).map {
        AttributeValue(.map([AttributeEntry(random.one(of: texts), $0)]))
      }
    case .variant(let variants): return variant(variants, path: path)
    case .either(let types): return value(of: random.one(of: types), path: path)
    case .axes:
      let name = random.one(of: ["client", "member", "block"])
      let labels = ["small", "large"].map { AttributeValue(.text($0)) }
      let size = AttributeValue(.integer(random.number(1...3)))
      return AttributeValue(
        .map([AttributeEntry(name, random.happens(0.3) ? AttributeValue(.list(labels)) : size)]))
    }
  }

  private mutating func variant(_ variants: [VariantSpec], path: String) -> AttributeValue? {
    let variant = random.one(of: variants.filter(\.isBuilt))
    let word = path + "=" + variant.name
    drawn.append(word)
    let entries = entries(variant.attributes, path: word, chance: 0.5)
    if entries.isEmpty && random.happens() { return AttributeValue(.text(variant.name)) }
    return AttributeValue(
      .map([AttributeEntry("kind", AttributeValue(.text(variant.name)))] + entries))
  }

  private mutating func duration(_ units: [String]) -> AttributeValue {
    let count = AttributeValue(.integer(random.number(1...2)))
    return AttributeValue(.map([AttributeEntry(random.one(of: units), count)]))
  }

  private mutating func reference(_ spec: ReferenceSpec) -> AttributeValue? {
    let fitting = ports.filter { spec.kinds.isEmpty || spec.kinds.contains($0.kind) }
    guard !fitting.isEmpty else { return nil }
    let name = AttributeValue(.text(random.one(of: fitting).name))
    guard spec.role == .value, random.happens(0.1) else { return name }
    return AttributeValue(
      .map([AttributeEntry("from", name), AttributeEntry("staleness", AttributeValue(.integer(1)))])
    )
  }
}

/// All that `AttributeDraw` may note for some attributes: what a run over many graphs should have covered.
func drawablePaths(_ specs: [AttributeSpec], path: String) -> [String] {
  specs.filter(\.isBuilt).flatMap { spec in
    [path + "." + spec.name] + drawablePaths(spec.type, path: path + "." + spec.name)
  }
}

private func drawablePaths(_ type: AttributeType, path: String) -> [String] {
  switch type {
  case .list(let item, _), .dictionary(let item): drawablePaths(item, path: path)
  case .record(let specs): drawablePaths(specs, path: path)
  case .either(let types): types.flatMap { drawablePaths($0, path: path) }
  case .variant(let variants):
    variants.filter(\.isBuilt).flatMap { variant in
      [path + "=" + variant.name]
        + drawablePaths(variant.attributes, path: path + "=" + variant.name)
    }
  default: []
  }
}
