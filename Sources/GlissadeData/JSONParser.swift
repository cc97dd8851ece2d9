/// What is wrong with a JSON text, and at which byte from 0.
package struct JSONError: Error, Sendable, Hashable {
  package let offset: Int
  package let message: String
}

/// Reads JSON strictly (RFC 8259): UTF-8 alone, no comments, no trailing commas, no name twice in
/// one object.
///
/// Open lists and objects are frames over one stack of values, so a deep text cannot overflow the
/// program's own stack, and the work is linear in the text.
package struct JSONParser {
  /// A list or an object that is not closed yet: where its values and names begin on the stacks.
  private struct Frame {
    let isObject: Bool
    let firstValue: Int
    let firstName: Int
  }

  private let bytes: ArraySlice<UInt8>
  private let maximumDepth: Int
  private let maximumValues: Int
  private var index: Int
  private var valueCount = 0
  private var frames: [Frame] = []
  private var values: [JSONValue] = []
  private var names: [String] = []

  /// Reads one value that takes all of `bytes`, spaces around it aside.
  package static func parse(
    _ bytes: ArraySlice<UInt8>, maximumDepth: Int = 64, maximumValues: Int = 10_000_000
  ) throws(JSONError) -> JSONValue {
    var parser = JSONParser(
      bytes: bytes, maximumDepth: maximumDepth, maximumValues: maximumValues,
      index: bytes.startIndex)
    return try parser.parse()
  }

  private mutating func parse() throws(JSONError) -> JSONValue {
    while true {
      // One turn begins where a value must stand.
      if try opens() {
        let isObject = frames[frames.count - 1].isObject
        skipSpaces()
        if take(isObject ? "}" : "]") {
          try close()
        } else {
          if isObject { try readName() }
          continue
        }
      } else {
        values.append(try scalar())
      }
      // A value is complete: it ends the text, or stands in an open frame and perhaps completes it.
      while true {
        skipSpaces()
        guard let frame = frames.last else {
          guard index == bytes.endIndex else { throw error("expected the end of the text") }
          return values[0]
        }
        if take(frame.isObject ? "}" : "]") {
          try close()
          continue
        }
        guard take(",") else { throw error("expected ',' or '\(frame.isObject ? "}" : "]")'") }
        if frame.isObject { try readName() }
        break
      }
    }
  }

  private mutating func opens() throws(JSONError) -> Bool {
    skipSpaces()
    valueCount += 1
    guard valueCount <= maximumValues else {
      throw error("it has more than \(maximumValues) values, which is the limit")
    }
    let isArray = take("[")
    guard isArray || take("{") else { return false }
    guard frames.count < maximumDepth else {
      throw error("it is nested deeper than \(maximumDepth), which is the limit")
    }
    frames.append(Frame(isObject: !isArray, firstValue: values.count, firstName: names.count))
    return true
  }

  /// Makes one value of the innermost frame.
  private mutating func close() throws(JSONError) {
    let frame = frames.removeLast()
    let content = Array(values[frame.firstValue...])
    values.removeLast(content.count)
    guard frame.isObject else {
      values.append(.array(content))
      return
    }
    var seen: Set<String> = []
    for name in names[frame.firstName...] where !seen.insert(name).inserted {
      throw error("the name \(shown(name)) appears twice in the object that ends here")
    }
    values.append(.object(zip(names[frame.firstName...], content).map(JSONValue.Member.init)))
    names.removeLast(content.count)
  }

  /// Reads `"name":`.
  private mutating func readName() throws(JSONError) {
    skipSpaces()
    guard take("\"") else { throw error("expected the name of a member in quotes") }
    names.append(try string())
    skipSpaces()
    guard take(":") else { throw error("expected ':'") }
  }

  private mutating func scalar() throws(JSONError) -> JSONValue {
    if take("\"") { return .string(try string()) }
    if takeWord("true") { return .bool(true) }
    if takeWord("false") { return .bool(false) }
    if takeWord("null") { return .null }
    return try number()
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let start = index
    _ = take("-")
    let whole = digits()
    guard whole > 0 else {
      index = start
      throw error("expected a value")
    }
    guard whole == 1 || bytes[index - whole] != 0x30 else {
      index = start
      throw error("a number begins with a needless 0")
    }
    var isInteger = true
    if take(".") {
      isInteger = false
      guard digits() > 0 else { throw error("expected a digit behind '.'") }
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { throw error("expected a digit of the exponent") }
    }
    let text = String(decoding: bytes[start..<index], as: UTF8.self)
    if isInteger, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      index = start
      throw error("the number \(shown(text)) is too large")
    }
    return .number(value)
  }

  private mutating func digits() -> Int {
    let start = index
    while index < bytes.endIndex, bytes[index] &- 0x30 <= 9 { index += 1 }
    return index - start
  }

  /// Reads a text up to its closing quote; the opening one is passed.
  private mutating func string() throws(JSONError) -> String {
    var content: [UInt8] = []
    let start = index
    while index < bytes.endIndex {
      let byte = bytes[index]
      switch byte {
      case 0x22:
        index += 1
        guard let text = String(validating: content, as: UTF8.self) else {
          throw JSONError(offset: start - bytes.startIndex, message: "the text is not UTF-8")
        }
        return text
      case 0x5c:
        index += 1
        content += String(try escape()).utf8
      case 0..<0x20: throw error("a control character stands in a text")
      default:
        content.append(byte)
        index += 1
      }
    }
    throw error("the text is never closed")
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    guard index < bytes.endIndex else { throw error("the text is never closed") }
    let letter = bytes[index]
    index += 1
    switch letter {
    case 0x22, 0x5c, 0x2f: return Unicode.Scalar(letter)
    case 0x62: return "\u{8}"
    case 0x66: return "\u{c}"
    case 0x6e: return "\n"
    case 0x72: return "\r"
    case 0x74: return "\t"
    case 0x75: return try unicodeEscape()
    default:
      index -= 1
      throw error("the escape is unknown")
    }
  }

  private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    // A surrogate: the high half, and the low one behind it.
    guard first < 0xdc00, take("\\"), take("u") else { throw error("half of a surrogate pair") }
    let second = try hexadecimal()
    guard (0xdc00..<0xe000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
    else { throw error("half of a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard index < bytes.endIndex,
        let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue, bytes[index] < 0x80
      else { throw error("expected four hexadecimal digits") }
      value = value << 4 | UInt32(digit)
      index += 1
    }
    return value
  }

  private mutating func skipSpaces() {
    while index < bytes.endIndex {
      switch bytes[index] {
      case 0x20, 0x09, 0x0a, 0x0d: index += 1
      default: return
      }
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard index < bytes.endIndex, UInt32(bytes[index]) == character.value else { return false }
    index += 1
    return true
  }

  private mutating func takeWord(_ word: String) -> Bool {
    guard bytes[index...].starts(with: word.utf8) else { return false }
    index += word.utf8.count
    return true
  }

  private func error(_ message: String) -> JSONError {
    JSONError(offset: index - bytes.startIndex, message: message)
  }
}
