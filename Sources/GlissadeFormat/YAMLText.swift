internal import GlissadeGraph

/// The YAML of values: scalars with quotes exactly where they need them, lists and maps in flow style.
enum YAMLText {
  /// A value on one line: `{ kind: sgd, rate: 0.1 }`.
  ///
  /// Recursion goes as deep as the value, which a file bounds at 64.
  static func flow(_ value: AttributeValue) -> String {
    switch value.content {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): number(value)
    case .text(let text): scalar(text)
    case .list(let items): "[" + items.map { flow($0) }.joined(separator: ", ") + "]"
    case .map(let entries): flow(entries)
    }
  }

  /// A map on one line.
  static func flow(_ entries: [AttributeEntry]) -> String {
    if entries.isEmpty { return "{}" }
    let parts = entries.map { scalar($0.key) + ": " + flow($0.value) }
    return "{ " + parts.joined(separator: ", ") + " }"
  }

  /// A text that reads back as the same text: in double quotes where it would be something else, or more than one line.
  static func scalar(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return ".nan" }
    if value.isInfinite { return value < 0 ? "-.inf" : ".inf" }
    return numberText(value)
  }

  /// Whether a text needs no quotes, in block and flow style.
  ///
  /// O(length).
  private static func isPlain(_ text: String) -> Bool {
    // `<<` as a key would be a merge.
    guard text != "<<", CoreSchema.meaning(of: text) == .value(.text(text)) else { return false }
    let scalars = text.unicodeScalars
    guard let first = scalars.first, let last = scalars.last, last != " ", last != ":" else {
      return false
    }
    if "-?:,[]{}#&*!|>'\"%@` ".unicodeScalars.contains(first) {
      guard first == "-", let second = scalars.dropFirst().first, second.properties.isAlphabetic
      else { return false }
    }
    var previous = Unicode.Scalar(0)
    for scalar in scalars {
      switch scalar {
      case "\0"..<" ", "\u{7F}", ",", "[", "]", "{", "}", "?", "\"", "\\": return false
      case "#" where previous == " ": return false
      case " " where previous == ":": return false
      case "\u{80}"...:
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator,
          .surrogate, .privateUse, .unassigned:
          return false
        default: break
        }
      default: break
      }
      previous = scalar
    }
    return true
  }

  /// In double quotes, on one line.
  ///
  /// JSON's escapes are YAML's too.
  private static func quoted(_ text: String) -> String { JSONText.quoted(text) }
}
