/// What stands behind a key of a graph: a scalar, a list or a map, with its place in the text.
///
/// Two values are equal if they say the same, wherever they stand.
public struct AttributeValue: Sendable, Hashable {
  /// What it says.
  public indirect enum Content: Sendable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([AttributeValue])
    case map([AttributeEntry])
  }

  /// What it says.
  public var content: Content
  /// Where it stands, if it came from a text.
  public var position: SourcePosition?

  /// A value.
  public init(_ content: Content, at position: SourcePosition? = nil) {
    self.content = content
    self.position = position
  }

  /// Whether both say the same, wherever they stand.
  public static func == (left: AttributeValue, right: AttributeValue) -> Bool {
    left.content == right.content
  }

  /// Hashes what is said, not where it stands.
  public func hash(into hasher: inout Hasher) { hasher.combine(content) }

  /// The whole number, if it is one. `3` is one, `3.0` is not.
  public var integer: Int? { if case .integer(let value) = content { value } else { nil } }

  /// The number, whole or not.
  public var number: Double? {
    switch content {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The text, if it is one.
  public var text: String? { if case .text(let value) = content { value } else { nil } }

  /// The truth value, if it is one.
  public var boolean: Bool? { if case .boolean(let value) = content { value } else { nil } }

  /// The items, if it is a list.
  public var list: [AttributeValue]? { if case .list(let items) = content { items } else { nil } }

  /// The entries in the order of the text, if it is a map.
  public var map: [AttributeEntry]? {
    if case .map(let entries) = content { entries } else { nil }
  }

  /// A list of texts.
  public static func texts(_ items: some Sequence<String>) -> AttributeValue {
    AttributeValue(.list(items.map { AttributeValue(.text($0)) }))
  }

  /// The value behind a key, if it is a map that has it. O(entries).
  public subscript(key: String) -> AttributeValue? { map?.value(of: key) }

  /// What it is, for an error: `the text 'adam'`, `a list`, `3`.
  public var phrase: String {
    switch content {
    case .null: "nothing"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let value): "the text '\(escaped(value))'"
    case .list(let items): items.isEmpty ? "an empty list" : "a list"
    case .map(let entries): entries.isEmpty ? "an empty map" : "a map"
    }
  }
}

/// A key with its value.
public struct AttributeEntry: Sendable, Hashable {
  /// The key.
  public var key: String
  /// Where the key stands, if it came from a text.
  public var keyPosition: SourcePosition?
  /// What stands behind it.
  public var value: AttributeValue

  /// A key with its value.
  public init(_ key: String, _ value: AttributeValue, at keyPosition: SourcePosition? = nil) {
    self.key = key
    self.value = value
    self.keyPosition = keyPosition
  }

  /// Whether both say the same, wherever they stand.
  public static func == (left: AttributeEntry, right: AttributeEntry) -> Bool {
    left.key == right.key && left.value == right.value
  }

  /// Hashes what is said, not where it stands.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(key)
    hasher.combine(value)
  }
}

extension [AttributeEntry] {
  /// The value behind a key. O(entries).
  ///
  /// Entries are asked where they lie: a copy of each would count its parts.
  package func value(of key: String) -> AttributeValue? { place(of: key).map { self[$0].value } }

  /// The number of the entry with a key. O(entries).
  package func place(of key: String) -> Int? {
    for index in indices where self[index].key == key { return index }
    return nil
  }
}

extension AttributeValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  /// A whole number.
  public init(integerLiteral value: Int) { self.init(.integer(value)) }
  /// A number.
  public init(floatLiteral value: Double) { self.init(.number(value)) }
  /// A text.
  public init(stringLiteral value: String) { self.init(.text(value)) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self.init(.boolean(value)) }
  /// A list.
  public init(arrayLiteral items: AttributeValue...) { self.init(.list(items)) }
  /// A map, in the order of the literal.
  public init(dictionaryLiteral entries: (String, AttributeValue)...) {
    self.init(.map(entries.map { AttributeEntry($0.0, $0.1) }))
  }
}

/// A text with control characters, quotes and backslashes made visible, cut to `limit` characters: safe to print.
public func escaped(_ text: String, limit: Int = 80) -> String {
  var result = ""
  var count = 0
  for scalar in text.unicodeScalars {
    if count == limit { return result + "…" }
    count += 1
    switch scalar {
    case "\n": result += "\\n"
    case "\t": result += "\\t"
    case "\r": result += "\\r"
    case " "..."~": result.unicodeScalars.append(scalar)
    default:
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
        .unassigned:
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
  return result
}
