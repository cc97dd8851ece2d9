/// Checks attributes against their specs and collects what is wrong, what refers to other nodes and what `run` cannot do.
struct AttributeChecker {
  /// A reference that was found, with the path of its attribute: `clip.of`, `loss[1].to`.
  final class FoundReference {
    let path: String
    let text: String
    /// The node that the text names.
    let node: String
    let renames: [(old: String, new: String)]
    let staleness: Int
    let spec: ReferenceSpec
    let position: SourcePosition?
    /// The number of that node, once it is found among those beside the one that refers to it.
    var target: Int?

    init(
      path: String, text: String, renames: [(old: String, new: String)] = [], staleness: Int = 0,
      spec: ReferenceSpec, position: SourcePosition?
    ) {
      self.path = path
      self.text = text
      node = nodeName(text)
      self.renames = renames
      self.staleness = staleness
      self.spec = spec
      self.position = position
    }

    /// The same reference, of a node of a body.
    func inside(_ body: String) -> FoundReference {
      FoundReference(
        path: body + "." + path, text: text, renames: renames, staleness: staleness, spec: spec,
        position: position)
    }

    /// The port that the text names behind the node; nil where it names the node alone.
    var port: Substring? {
      let count = node.utf8.count
      return text.utf8.count == count ? nil : Substring(text.utf8.dropFirst(count + 1))
    }
  }

  /// The labels of every labelled axis of the graph: a map over exactly these keys gives a value by label.
  var labelSets: Set<Set<String>> = []
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var references: [FoundReference] = []
  private(set) var notBuilt: [Diagnostic] = []

  init(labelSets: Set<Set<String>>) { self.labelSets = labelSets }

  /// Checks the entries of a map.
  ///
  /// - Parameters:
  ///   - owner: What the entries belong to, for messages: `operation 'update'`.
  ///   - position: Where the owner stands, for what is missing.
  mutating func check(
    _ entries: [AttributeEntry], against specs: [AttributeSpec], owner: @autoclosure () -> String,
    path: String,
    at position: SourcePosition?
  ) {
    for entry in entries {
      guard let spec = specs.first(where: { $0.name == entry.key }) else {
        unknown(entry, of: owner(), among: specs.map(\.name))
        continue
      }
      if !spec.isBuilt {
        notBuilt.append(
          Diagnostic(
            "attribute '\(spec.name)' of \(owner()) cannot be run by this version",
            at: entry.keyPosition, category: .notBuilt))
      }
      let inner = path.isEmpty ? entry.key : path + "." + entry.key
      check(entry.value, spec.type, what: "'\(entry.key)'", path: inner)
    }
    for spec in specs where spec.isRequired && !entries.contains(where: { $0.key == spec.name }) {
      diagnostics.append(Diagnostic("\(owner()) needs the attribute '\(spec.name)'", at: position))
    }
  }

  private mutating func check(
    _ value: AttributeValue, _ type: AttributeType, what: @autoclosure () -> String, path: String
  ) {
    if let entries = value.map, !entries.isEmpty, isByLabel(entries), !type.hasFreeKeys {
      for entry in entries {
        check(entry.value, type, what: "\(what()) of '\(entry.key)'", path: path + "." + entry.key)
      }
      return
    }
    switch type {
    case .boolean: expect(value.boolean != nil, "true or false", value, what())
    case .integer(let range):
      guard let number = value.integer else { return fail(type, value, what()) }
      expect(range.contains(number), type.phrase, value, what())
    case .number(let range):
      guard let number = value.number else { return fail(type, value, what()) }
      expect(range.contains(number), range.phrase, value, what())
    case .text, .file: expect(value.text.map { !$0.isEmpty } ?? false, type.phrase, value, what())
    case .choice(let words):
      guard let word = value.text, words.contains(word) else {
        return fail(
          type, value, what(), hint: value.text.flatMap { suggestion(for: $0, among: words) })
      }
    case .reference(let spec): checkReference(value, spec, what: what(), path: path)
    case .referenceOrFile(let spec):
      if let text = value.text, AttributeType.isFile(text) { return }
      checkReference(value, spec, what: what(), path: path)
    case .duration(let units): checkDuration(value, units, what: what(), path: path)
    case .list(let item, let counts):
      guard let items = value.list else { return fail(type, value, what()) }
      guard counts.contains(items.count) else {
        return fail(type, value, what(), found: "\(items.count) items")
      }
      for (index, element) in items.enumerated() {
        check(element, item, what: "item \(index + 1) of \(what())", path: "\(path)[\(index)]")
      }
    case .record(let specs):
      guard let entries = value.map else { return fail(type, value, what()) }
      check(entries, against: specs, owner: what(), path: path, at: value.position)
    case .dictionary(let item):
      guard let entries = value.map else { return fail(type, value, what()) }
      for entry in entries {
        check(
          entry.value, item, what: "'\(escaped(entry.key))' of \(what())",
          path: path + "." + entry.key)
      }
    case .variant(let variants): checkVariant(value, variants, what: what(), path: path)
    case .either(let types):
      guard let fitting = types.first(where: { $0.fitsOutline(of: value) }) else {
        return fail(type, value, what())
      }
      check(value, fitting, what: what(), path: path)
    case .axes: checkAxes(value, what: what())
    }
  }

  private func isByLabel(_ entries: [AttributeEntry]) -> Bool {
    !labelSets.isEmpty && labelSets.contains(Set(entries.map(\.key)))
  }

  /// What a map needs to be one by the labels of an axis, where it has some of them: `, or a value for …`.
  private func nearLabels(_ entries: [AttributeEntry]) -> String {
    let keys = Set(entries.map(\.key))
    let near = labelSets.filter { !$0.isDisjoint(with: keys) }.map {
      $0.sorted().joined(separator: ", ")
    }.min()
    return near.map { ", or a value for each of the places " + escaped($0) } ?? ""
  }

  private mutating func checkReference(
    _ value: AttributeValue, _ spec: ReferenceSpec, what: @autoclosure () -> String,
    path: String
  ) {
    if let text = value.text {
      references.append(
        FoundReference(
          path: path, text: text, spec: spec, position: value.position))
      return
    }
    guard let entries = value.map else { return fail(.reference(spec), value, what()) }
    let count = diagnostics.count
    check(
      entries,
      against: [
        AttributeSpec("from", .text, "The node or port.", required: true),
        AttributeSpec("as", .dictionary(.text), "New names of axes."),
        AttributeSpec("staleness", .integer(0...1_000_000), "How many steps late.", default: 0),
      ], owner: "the reference \(what())", path: path, at: value.position)
    guard diagnostics.count == count, let text = value["from"]?.text else { return }
    references.append(
      FoundReference(
        path: path, text: text,
        renames: (value["as"]?.map ?? []).map { ($0.key, $0.value.text ?? "") },
        staleness: value["staleness"]?.integer ?? 0, spec: spec,
        position: value["from"]?.position))
  }

  private mutating func checkDuration(
    _ value: AttributeValue, _ units: [String], what: @autoclosure () -> String,
    path: String
  ) {
    guard let entries = value.map else { return fail(.duration(units), value, what()) }
    var found: [String] = []
    for entry in entries {
      if units.contains(entry.key) {
        found.append(entry.key)
        check(
          entry.value, .integer(1...1_000_000_000), what: "'\(entry.key)' of \(what())",
          path: path + "." + entry.key)
      } else if entry.key == "of" {
        check(
          entry.value, .reference(ReferenceSpec(.rows, role: .facts)), what: "'of' of \(what())",
          path: path + ".of")
      } else {
        unknown(entry, of: what(), among: units + ["of"])
      }
    }
    if found == ["steps"], let of = entries.first(where: { $0.key == "of" }) {
      diagnostics.append(
        Diagnostic(
          "'of' of \(what()) has no effect: it says whose epochs are counted, and these are steps",
          at: of.keyPosition))
    }
    if found.count != 1, entries.allSatisfy({ units.contains($0.key) || $0.key == "of" }) {
      fail(.duration(units), value, what())
    }
  }

  private mutating func checkVariant(
    _ value: AttributeValue, _ variants: [VariantSpec], what: @autoclosure () -> String,
    path: String
  ) {
    let kind: AttributeValue
    switch value.content {
    case .text: kind = value
    case .map(let entries):
      guard let given = value["kind"] else {
        diagnostics.append(
          Diagnostic(
            "\(what()) needs the attribute 'kind'" + nearLabels(entries), at: value.position)
        )
        return
      }
      kind = given
    default: return fail(.variant(variants), value, what())
    }
    guard let word = kind.text, let variant = variants.first(where: { $0.name == word }) else {
      return fail(
        .variant(variants), kind, value.map == nil ? what() : "'kind' of \(what())",
        hint: kind.text.flatMap { suggestion(for: $0, among: variants.map(\.name)) })
    }
    if !variant.isBuilt {
      notBuilt.append(
        Diagnostic(
          "\(what()) '\(word)' cannot be run by this version", at: kind.position,
          category: .notBuilt))
    }
    check(
      (value.map ?? []).filter { $0.key != "kind" }, against: variant.attributes,
      owner: "\(what()) '\(word)'", path: path, at: kind.position)
  }

  private mutating func checkAxes(_ value: AttributeValue, what: @autoclosure () -> String) {
    guard let entries = value.map, !entries.isEmpty else { return fail(.axes, value, what()) }
    for entry in entries {
      if !isName(entry.key) {
        diagnostics.append(
          Diagnostic(
            "'\(escaped(entry.key))' cannot name an axis: 1 to 128 letters, digits, '_' and '-'",
            at: entry.keyPosition))
      }
      if let size = entry.value.integer {
        expect(
          (1...1_000_000).contains(size), "a size from 1 to 1000000", entry.value,
          "axis '\(escaped(entry.key))'")
      } else if let labels = entry.value.list, !labels.isEmpty {
        var seen: Set<String> = []
        for label in labels {
          guard let text = label.text, isName(text), seen.insert(text).inserted else {
            diagnostics.append(
              Diagnostic(
                "axis '\(escaped(entry.key))' expects distinct labels of letters, digits, '_' and '-', found \(label.phrase)",
                at: label.position))
            continue
          }
        }
      } else {
        fail(.axes, entry.value, "axis '\(escaped(entry.key))'")
      }
    }
  }

  private mutating func unknown(_ entry: AttributeEntry, of owner: String, among names: [String]) {
    let hint = suggestion(for: entry.key, among: names)
    let expected = ", which has " + (names.isEmpty ? "none" : listed(names))
    diagnostics.append(
      Diagnostic(
        "unknown attribute '\(escaped(entry.key))' of \(owner)" + (hint == nil ? expected : ""),
        at: entry.keyPosition, hint: hint))
  }

  private mutating func expect(
    _ holds: Bool, _ expected: @autoclosure () -> String, _ value: AttributeValue,
    _ what: @autoclosure () -> String
  ) {
    guard !holds else { return }
    diagnostics.append(
      Diagnostic("\(what()) expects \(expected()), found \(value.phrase)", at: value.position))
  }

  private mutating func fail(
    _ type: AttributeType, _ value: AttributeValue, _ what: String, hint: String? = nil,
    found: String? = nil
  ) {
    diagnostics.append(
      Diagnostic(
        "\(what) expects \(type.phrase), found \(found ?? value.phrase)", at: value.position,
        hint: hint))
  }
}

/// The node that a reference such as `node` or `node.port` names.
func nodeName(_ reference: String) -> String {
  let dot = reference.utf8.firstIndex(of: UInt8(ascii: "."))
  return dot.map { String(reference[..<$0]) } ?? reference
}

extension AttributeType {
  /// What may stand there, for errors.
  public var phrase: String {
    switch self {
    case .boolean: "true or false"
    case .integer(let range):
      range.upperBound == .max
        ? "a whole number of at least \(range.lowerBound)"
        : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range): range.phrase
    case .text: "a text"
    case .file: "a file name"
    case .choice(let words): "one of " + words.joined(separator: ", ")
    case .reference: "the name of a node"
    case .referenceOrFile: "the name of a node, or a model file"
    case .duration(let units): "a duration such as { \(units[0]): 1 }"
    case .list(let item, let counts):
      counts.upperBound == .max
        ? "a list of \(item.phrase)"
        : "a list of \(counts.lowerBound) to \(counts.upperBound) items"
    case .record(let specs):
      "a map with " + specs.map(\.name).joined(separator: ", ")
    case .dictionary: "a map"
    case .variant(let variants): "one of " + variants.map(\.name).joined(separator: ", ")
    case .either(let types): types.map(\.phrase).joined(separator: ", or ")
    case .axes: "axes such as { client: 100 } or { model: [small, large] }"
    }
  }

  /// Whether a map that stands here has keys of the author's own, which no label can be told from.
  var hasFreeKeys: Bool {
    switch self {
    case .axes, .dictionary: true
    default: false
    }
  }

  /// Whether a value has the outline of this type, so that its errors are the ones to report.
  package func fitsOutline(of value: AttributeValue) -> Bool {
    switch (self, value.content) {
    case (.boolean, .boolean), (.integer, .integer), (.number, .integer), (.number, .number),
      (.text, .text), (.file, .text), (.list, .list), (.record, .map), (.dictionary, .map),
      (.variant, .map), (.axes, .map):
      true
    case (.choice(let words), .text(let word)): words.contains(word)
    case (.variant, .text): true
    case (.reference, .text), (.referenceOrFile, .text): true
    case (.reference, .map(let entries)): entries.contains { $0.key == "from" }
    case (.duration(let units), .map(let entries)):
      entries.contains { units.contains($0.key) }
    case (.either(let types), _): types.contains { $0.fitsOutline(of: value) }
    default: false
    }
  }
}
