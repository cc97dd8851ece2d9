/// A JSON value that is written: objects keep the order of their keys.
///
/// Graph files, the command line's `--format json` and the canonical form are all written through it.
public enum JSONText: Sendable, Hashable {
  case null
  case boolean(Bool)
  case integer(Int)
  /// A number beyond `Int.max`: seeds and other 64-bit words.
  case unsigned(UInt64)
  /// A number, in the shortest form that reads back equal; `null` where it is not finite.
  case number(Double)
  case text(String)
  case list([JSONText])
  case object([Member])

  /// A key with its value.
  public struct Member: Sendable, Hashable {
    /// The key.
    public var key: String
    /// The value.
    public var value: JSONText

    /// A key with its value.
    public init(_ key: String, _ value: JSONText) {
      self.key = key
      self.value = value
    }
  }

  /// How it is laid out.
  public enum Layout: Sendable {
    /// On one line, without blanks.
    case compact
    /// Two spaces a level; lists of scalars on one line where it has room.
    case pretty
  }

  /// The text.
  ///
  /// O(size); a stack of its own holds the open lists and objects.
  public func written(_ layout: Layout = .pretty) -> String {
    var writer = JSONWriter(isPretty: layout == .pretty)
    return writer.write(self)
  }

  /// A text in double quotes, with escapes for quotes, backslashes, and what is no visible character of one line.
  static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy {
      $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
    }
    if isPlain { return "\"" + text + "\"" }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}",
        "\u{FFFF}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// The text of a scalar; nil for a list or an object.
  fileprivate var scalarText: String? {
    switch self {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .unsigned(let value): String(value)
    case .number(let value): value.isFinite ? numberText(value) : "null"
    case .text(let text): Self.quoted(text)
    case .list, .object: nil
    }
  }
}

extension JSONText: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  /// A list.
  public init(arrayLiteral items: JSONText...) { self = .list(items) }
  /// An object, in the order of the literal.
  public init(dictionaryLiteral members: (String, JSONText)...) {
    self = .object(members.map { Member($0.0, $0.1) })
  }
  /// Null.
  public init(nilLiteral: ()) { self = .null }
}

private struct JSONWriter {
  let isPretty: Bool
  private var text = ""
  private var open: [OpenValue] = []

  /// A list or an object that is being written: what is left of it.
  private struct OpenValue {
    let members: [JSONText.Member]
    let isObject: Bool
    var next = 0
  }

  init(isPretty: Bool) { self.isPretty = isPretty }

  mutating func write(_ value: JSONText) -> String {
    begin(value)
    while let level = open.indices.last {
      let index = open[level].next
      guard index < open[level].members.count else {
        let closed = open.removeLast()
        breakLine()
        text += closed.isObject ? "}" : "]"
        continue
      }
      open[level].next += 1
      if index > 0 { text += "," }
      breakLine()
      let member = open[level].members[index]
      if open[level].isObject { text += JSONText.quoted(member.key) + (isPretty ? ": " : ":") }
      begin(member.value)
    }
    return text
  }

  /// Writes a scalar, a list that has room on the line, or the opening of what follows.
  private mutating func begin(_ value: JSONText) {
    switch value {
    case .list(let items):
      if let line = line(items) {
        text += line
      } else {
        text += "["
        open.append(
          OpenValue(members: items.map { JSONText.Member("", $0) }, isObject: false))
      }
    case .object(let members):
      if members.isEmpty {
        text += "{}"
      } else {
        text += "{"
        open.append(OpenValue(members: members, isObject: true))
      }
    default: text += value.scalarText ?? ""
    }
  }

  private func line(_ items: [JSONText]) -> String? {
    if items.isEmpty { return "[]" }
    guard isPretty, items.count <= 32 else { return nil }
    let scalars = items.compactMap(\.scalarText)
    guard scalars.count == items.count else { return nil }
    let line = "[" + scalars.joined(separator: ", ") + "]"
    return line.utf8.count + 2 * open.count <= 96 ? line : nil
  }

  private mutating func breakLine() {
    guard isPretty else { return }
    text += "\n" + String(repeating: "  ", count: open.count)
  }
}
