internal import GlissadeGraph

/// Turns types of attributes into schemas; equal ones that hold others become one definition.
///
/// Recursion goes as deep as specs nest, which programs write, not users.
struct SchemaTypes {
  /// The definitions, in the order in which they were first met.
  private(set) var definitions: [JSONText.Member] = []
  /// The definition of a schema.
  private var names: [JSONText: String] = [:]

  /// The schema of an attribute: its type, with what it does and its default.
  mutating func property(
    _ spec: AttributeSpec, path: String, isByLabel: Bool = true, allowsOwnWords: Bool = false
  ) -> JSONText {
    let note = spec.isBuilt ? "" : " This version checks it and cannot run it."
    var members: [JSONText.Member] = [.init("description", .text(spec.summary + note))]
    if let value = spec.defaultValue { members.append(.init("default", JSONText(value))) }
    let type =
      isByLabel
      ? reference(to: spec.type, path: path, allowsOwnWords: allowsOwnWords)
      : schema(of: spec.type, path: path, isByLabel: false)
    if case .object(let inner) = type { members += inner }
    return .object(members)
  }

  /// A reference to the definition of a type that may also be given by label.
  private mutating func reference(
    to type: AttributeType, path: String, allowsOwnWords: Bool = false
  ) -> JSONText {
    var plain = schema(of: type, path: path, isByLabel: true)
    if allowsOwnWords { plain = ["anyOf": .list([plain, Self.ownWord])] }
    if let name = names[plain] { return ["$ref": .text("#/$defs/" + name)] }
    names[plain] = path
    let link: JSONText = ["$ref": .text("#/$defs/" + path)]
    guard type.takesLabels else {
      definitions.append(.init(path, plain))
      return link
    }
    // A map none of whose keys belongs to the type itself has a value for each label.
    let keys = type.ownKeys
    var names: [JSONText.Member] = [.init("pattern", .text(SchemaText.name))]
    if !keys.isEmpty {
      names.append(.init("not", ["enum": .list(keys.map { .text($0) })]))
    }
    definitions.append(
      .init(
        path,
        [
          "if": ["type": "object", "minProperties": 1, "propertyNames": .object(names)],
          "then": ["additionalProperties": link], "else": plain,
        ]))
    return link
  }

  /// A word of some other program's, alone or with attributes that only that program knows.
  private static let ownWord: JSONText = [
    "anyOf": [
      ["type": "string", "pattern": .text(SchemaText.ownName)],
      [
        "type": "object", "required": ["kind"],
        "properties": ["kind": ["type": "string", "pattern": .text(SchemaText.ownName)]],
      ],
    ]
  ]

  private mutating func schema(of type: AttributeType, path: String, isByLabel: Bool) -> JSONText {
    switch type {
    case .boolean: return ["type": "boolean"]
    case .integer(let range): return Self.integer(range)
    case .number(let range): return Self.number(range)
    case .text, .file: return ["type": "string", "minLength": 1]
    case .choice(let words): return ["enum": .list(words.map { .text($0) })]
    case .reference: return referring(["pattern": .text(SchemaText.reference)])
    case .referenceOrFile: return referring(["minLength": 1])
    case .duration(let units): return duration(units)
    case .list(let item, let counts):
      let item = inner(item, path: path + ".item", isByLabel)
      return Self.list(of: item, counts)
    case .record(let specs): return record(specs, path: path, isByLabel: isByLabel)
    case .dictionary(let item):
      let item = inner(item, path: path + ".value", isByLabel)
      return ["type": "object", "additionalProperties": item]
    case .variant(let words): return variant(words, path: path, isByLabel: isByLabel)
    case .either(let types):
      if types.count == 1 { return schema(of: types[0], path: path, isByLabel: isByLabel) }
      let schemas = types.enumerated().map { index, type in
        schema(of: type, path: path + ".\(index + 1)", isByLabel: isByLabel)
      }
      return ["anyOf": .list(schemas)]
    case .axes: return Self.axes
    }
  }

  private mutating func inner(
    _ type: AttributeType, path: String, _ isByLabel: Bool
  ) -> JSONText {
    isByLabel ? reference(to: type, path: path) : schema(of: type, path: path, isByLabel: false)
  }

  /// A map with known keys.
  mutating func record(_ specs: [AttributeSpec], path: String, isByLabel: Bool) -> JSONText {
    keys(specs, beside: nil, path: path, isByLabel: isByLabel)
  }

  private mutating func keys(
    _ specs: [AttributeSpec], beside word: VariantSpec?, path: String, isByLabel: Bool
  ) -> JSONText {
    var properties: [JSONText.Member] = []
    if let word {
      let note = word.isBuilt ? "" : " This version checks it and cannot run it."
      properties.append(.init("kind", ["description": .text(word.summary + note)]))
    }
    for spec in specs {
      let schema = property(spec, path: path + "." + spec.name, isByLabel: isByLabel)
      properties.append(.init(spec.name, schema))
    }
    var members: [JSONText.Member] = [
      .init("type", "object"), .init("properties", .object(properties)),
    ]
    let required = specs.filter(\.isRequired).map { JSONText.text($0.name) }
    if !required.isEmpty { members.append(.init("required", .list(required))) }
    members.append(.init("additionalProperties", false))
    return .object(members)
  }

  /// A word, where none of its attributes is required, or a map with `kind`.
  private mutating func variant(
    _ words: [VariantSpec], path: String, isByLabel: Bool
  ) -> JSONText {
    let alone = words.filter { !$0.attributes.contains(where: \.isRequired) }
    let branches = words.map { word in
      SchemaText.branch(
        "kind", is: word.name,
        then: keys(
          word.attributes, beside: word, path: path + "." + word.name, isByLabel: isByLabel))
    }
    return [
      "if": ["type": "string"],
      "then": ["enum": .list(alone.map { .text($0.name) })],
      "else": [
        "type": "object", "required": ["kind"],
        "properties": ["kind": ["enum": .list(words.map { .text($0.name) })]],
        "allOf": .list(branches),
      ],
    ]
  }

  /// A reference as a text with a rule, or as a map.
  private func referring(_ rule: JSONText) -> JSONText {
    [
      "if": ["type": "string"], "then": rule,
      "else": [
        "type": "object", "required": ["from"],
        "properties": [
          "from": [
            "description": "The node or port.", "type": "string",
            "pattern": .text(SchemaText.reference),
          ],
          "as": [
            "description": "New names of axes: the old ones are the keys.", "type": "object",
            "additionalProperties": ["type": "string", "pattern": .text(SchemaText.name)],
          ],
          "staleness": [
            "description": "How many steps late.", "default": 0, "type": "integer", "minimum": 0,
            "maximum": 1_000_000,
          ],
        ],
        "additionalProperties": false,
      ],
    ]
  }

  private func duration(_ units: [String]) -> JSONText {
    var properties = units.map {
      JSONText.Member($0, ["type": "integer", "minimum": 1, "maximum": 1_000_000_000])
    }
    properties.append(.init("of", referring(["pattern": .text(SchemaText.reference)])))
    return [
      "type": "object", "properties": .object(properties),
      "oneOf": .list(units.map { ["required": .list([.text($0)])] }),
      "additionalProperties": false,
    ]
  }
}

extension AttributeType {
  /// Whether a map by label can be told from a value of the type: keys of the author's own hide labels.
  fileprivate var takesLabels: Bool {
    switch self {
    case .axes, .dictionary: false
    default: true
    }
  }

  /// The keys of a map that stands here; any other key is a label.
  fileprivate var ownKeys: [String] {
    switch self {
    case .reference, .referenceOrFile: ["from", "as", "staleness"]
    case .duration(let units): units + ["of"]
    case .record(let specs): specs.map(\.name)
    case .variant: ["kind"]
    case .either(let types):
      types.reduce(into: []) { keys, type in
        keys += type.ownKeys.filter { !keys.contains($0) }
      }
    default: []
    }
  }
}
