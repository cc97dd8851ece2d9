internal import GlissadeGraph

/// What a scalar without quotes means: the core schema of YAML 1.2 (§10.3.2), where `on`, `yes` and `1_000` are texts.
enum CoreSchema {
  /// A meaning, or why there is none.
  enum Meaning: Equatable {
    case value(AttributeValue.Content)
    /// A whole number beyond 64 bits with sign; its value where it fits 64 bits without.
    case tooLarge(UInt64?)
    /// `.inf`, `.nan`, or a number that rounds to infinity.
    case notFinite
  }

  /// The meaning of a scalar without quotes.
  ///
  /// O(length).
  static func meaning(of text: String) -> Meaning {
    guard let first = text.utf8.first else { return .value(.null) }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      return number(text)
    case UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "~"), UInt8(ascii: "t"),
      UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
      return .value(word(text))
    default:
      return .value(.text(text))
    }
  }

  private static func word(_ text: String) -> AttributeValue.Content {
    switch text {
    case "null", "Null", "NULL", "~": .null
    case "true", "True", "TRUE": .boolean(true)
    case "false", "False", "FALSE": .boolean(false)
    default: .text(text)
    }
  }

  private static let notFinite: Set<String> = [
    ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN",
    ".NAN",
  ]

  private static func number(_ text: String) -> Meaning {
    let bytes = text.utf8
    if text.hasPrefix("0o"), bytes.count > 2 {
      return integer(bytes.dropFirst(2), radix: 8, negative: false) ?? .value(.text(text))
    }
    if text.hasPrefix("0x"), bytes.count > 2 {
      return integer(bytes.dropFirst(2), radix: 16, negative: false) ?? .value(.text(text))
    }
    let signed = bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+")
    let unsigned = signed ? bytes.dropFirst() : bytes[...]
    let negative = bytes.first == UInt8(ascii: "-")
    if let whole = integer(unsigned, radix: 10, negative: negative) { return whole }
    if isFraction(unsigned) {
      guard let value = Double(text), value.isFinite else { return .notFinite }
      return .value(.number(value))
    }
    return notFinite.contains(text) ? .notFinite : .value(.text(text))
  }

  /// A whole number from its digits; nil where something else stands among them.
  static func integer<Digits: Sequence<UInt8>>(
    _ digits: Digits, radix: UInt64, negative: Bool
  ) -> Meaning? {
    var magnitude: UInt64? = 0
    var empty = true
    for byte in digits {
      guard let digit = digit(byte), digit < radix else { return nil }
      empty = false
      guard let value = magnitude else { continue }
      let (product, overflow) = value.multipliedReportingOverflow(by: radix)
      let (sum, carry) = product.addingReportingOverflow(digit)
      magnitude = overflow || carry ? nil : sum
    }
    if empty { return nil }
    guard let magnitude else { return .tooLarge(nil) }
    if negative {
      return magnitude <= UInt64(Int.max) + 1
        ? .value(.integer(Int(truncatingIfNeeded: 0 &- magnitude))) : .tooLarge(nil)
    }
    return Int(exactly: magnitude).map { .value(.integer($0)) } ?? .tooLarge(magnitude)
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }

  /// Whether bytes after a sign are `( . [0-9]+ | [0-9]+ ( . [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`.
  private static func isFraction(_ bytes: Substring.UTF8View) -> Bool {
    var rest = bytes
    func dropDigits() -> Int {
      let before = rest.count
      rest = rest.drop { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
      return before - rest.count
    }
    let whole = dropDigits()
    var fraction = 0
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      fraction = dropDigits()
    }
    guard whole + fraction > 0 else { return false }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
        rest = rest.dropFirst()
      }
      guard dropDigits() > 0 else { return false }
    }
    return rest.isEmpty
  }
}
