internal import GlissadeGraph

/// Reads one JSON text (RFC 8259) with positions.
///
/// JSON is not left to libyaml, which is a YAML 1.1 parser: it knows no surrogate pairs in escapes, folds U+0085 inside
/// strings, and would let comments and bare words pass.
struct JSONReader {
  private let source: SourceText
  private var offset = 0
  private var line = 0
  private var lineStart = 0
  /// Bytes of the line so far that continue a scalar: they take no column.
  private var continuations = 0

  /// Sends the events of a text to a builder.
  ///
  /// The bytes must be UTF-8.
  static func read(_ source: SourceText, into builder: inout TreeBuilder) throws(GraphError) {
    var reader = JSONReader(source: source)
    try reader.read(into: &builder)
  }

  private init(source: SourceText) { self.source = source }

  private enum Expectation { case value, valueOrEnd, keyOrEnd, key, colon, commaOrEnd, end }

  private mutating func read(into builder: inout TreeBuilder) throws(GraphError) {
    var expectation = Expectation.value
    while true {
      skipBlanks()
      guard offset < source.bytes.count else {
        if expectation == .end { return }
        throw builder.failure("the file ends inside a value", at: position(from: offset))
      }
      let byte = source.bytes[offset]
      switch (expectation, byte) {
      case (.valueOrEnd, UInt8(ascii: "]")), (.keyOrEnd, UInt8(ascii: "}")):
        offset += 1
        builder.end()
      case (.commaOrEnd, UInt8(ascii: ",")):
        offset += 1
        expectation = builder.isInMap == true ? .key : .value
        continue
      case (.commaOrEnd, UInt8(ascii: "}")) where builder.isInMap == true,
        (.commaOrEnd, UInt8(ascii: "]")) where builder.isInMap == false:
        offset += 1
        builder.end()
      case (.colon, UInt8(ascii: ":")):
        offset += 1
        expectation = .value
        continue
      case (.keyOrEnd, UInt8(ascii: "\"")), (.key, UInt8(ascii: "\"")):
        let start = offset
        let key = try string(builder)
        try builder.key(key, plain: false, at: position(from: start))
        expectation = .colon
        continue
      case (.value, UInt8(ascii: "{")), (.valueOrEnd, UInt8(ascii: "{")):
        try builder.begin(map: true, at: position(from: offset))
        offset += 1
        expectation = .keyOrEnd
        continue
      case (.value, UInt8(ascii: "[")), (.valueOrEnd, UInt8(ascii: "[")):
        try builder.begin(map: false, at: position(from: offset))
        offset += 1
        expectation = .valueOrEnd
        continue
      case (.value, UInt8(ascii: "\"")), (.valueOrEnd, UInt8(ascii: "\"")):
        let start = offset
        let text = try string(builder)
        try builder.scalar(.text(text), at: position(from: start))
      case (.value, _), (.valueOrEnd, _): try word(into: &builder)
      default: throw unexpected(expectation, builder)
      }
      expectation = builder.isComplete ? .end : .commaOrEnd
    }
  }

  private func unexpected(_ expectation: Expectation, _ builder: TreeBuilder) -> GraphError {
    let close = builder.isInMap == true ? "}" : "]"
    let wanted =
      switch expectation {
      case .value, .valueOrEnd: "a value"
      case .keyOrEnd: "a key in double quotes or '}'"
      case .key: "a key in double quotes"
      case .colon: "':' behind a key"
      case .commaOrEnd: "',' or '\(close)'"
      case .end: "the end of the file"
      }
    let found = wordLength
    let text = String(decoding: source.bytes[offset..<offset + found], as: UTF8.self)
    return builder.failure(
      "expected \(wanted), found '\(escaped(text, limit: 20))'",
      at: position(from: offset, to: offset + found))
  }

  /// Bytes of the word at the cursor; of one scalar, where no word begins there.
  private var wordLength: Int {
    let rest = source.bytes[offset...]
    let word = rest.prefix { isWordByte($0) }.count
    if word > 0 { return word }
    return 1 + rest.dropFirst().prefix { $0 & 0xC0 == 0x80 }.count
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// `true`, `false`, `null` or a number.
  private mutating func word(into builder: inout TreeBuilder) throws(GraphError) {
    let (start, end) = (offset, offset + wordLength)
    try builder.checkText(byteCount: end - start, at: position(from: start))
    let text = String(decoding: source.bytes[start..<end], as: UTF8.self)
    let position = position(from: start, to: end)
    switch text {
    case "true": try builder.scalar(.boolean(true), at: position)
    case "false": try builder.scalar(.boolean(false), at: position)
    case "null": try builder.scalar(.null, at: position)
    default:
      guard isNumber(text.utf8) else { throw unexpected(.value, builder) }
      try builder.scalar(meaning: CoreSchema.meaning(of: text), of: text, at: position)
    }
    offset = end
  }

  /// Whether bytes are a number of the core schema that JSON has too: no `+`, no leading zero, digits on both sides of
  /// a point.
  private func isNumber(_ text: String.UTF8View) -> Bool {
    var rest = text[...]
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let isDigit: (UInt8) -> Bool = { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    let whole = rest.prefix(while: isDigit)
    guard !whole.isEmpty, whole.first != UInt8(ascii: "0") || whole.count == 1 else { return false }
    rest = rest[whole.endIndex...]
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard let digit = rest.first, isDigit(digit) else { return false }
      rest = rest.drop(while: isDigit)
    }
    guard let mark = rest.first else { return true }
    guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return false }
    rest = rest.dropFirst()
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
      rest = rest.dropFirst()
    }
    return !rest.isEmpty && rest.allSatisfy(isDigit)
  }

  /// The text in the quotes at the cursor.
  private mutating func string(_ builder: TreeBuilder) throws(GraphError) -> String {
    let start = offset
    let startPosition = position(from: start)
    var text: [UInt8] = []
    offset += 1
    while true {
      guard offset < source.bytes.count else {
        throw builder.failure("the text in quotes has no end", at: startPosition)
      }
      let byte = source.bytes[offset]
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        try builder.checkText(byteCount: text.count, at: startPosition)
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        let scalar = try escape(builder)
        text.append(contentsOf: String(scalar).utf8)
      case 0..<0x20:
        throw builder.failure(
          "a control character or the end of the line stands inside a text in quotes: "
            + "write it as an escape", at: position(from: offset))
      default:
        if byte & 0xC0 == 0x80 { continuations += 1 }
        text.append(byte)
        offset += 1
      }
    }
  }

  /// The scalar of the escape at the cursor.
  private mutating func escape(_ builder: TreeBuilder) throws(GraphError) -> Unicode.Scalar {
    let start = offset
    offset += 2
    switch start + 1 < source.bytes.count ? source.bytes[start + 1] : 0 {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let first = fourDigits() else { break }
      if let scalar = Unicode.Scalar(first) { return scalar }
      let isPair =
        first < 0xDC00
        && source.bytes[offset...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")])
      if isPair { offset += 2 }
      if isPair, let second = fourDigits(), second & 0xFC00 == 0xDC00,
        let scalar = Unicode.Scalar(0x10000 + (first & 0x3FF) << 10 + second & 0x3FF)
      {
        return scalar
      }
      throw builder.failure(
        "an escape is half of a surrogate pair: both halves must stand together",
        at: position(from: start, to: start + 6))
    default: break
    }
    throw builder.failure("the escape is none of JSON's", at: position(from: start, to: start + 2))
  }

  private mutating func fourDigits() -> UInt32? {
    guard offset + 4 <= source.bytes.count else { return nil }
    let digits = source.bytes[offset..<offset + 4]
    guard case .value(.integer(let value)) = CoreSchema.integer(digits, radix: 16, negative: false)
    else { return nil }
    offset += 4
    return UInt32(value)
  }

  private mutating func skipBlanks() {
    while offset < source.bytes.count {
      switch source.bytes[offset] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"): offset += 1
      case UInt8(ascii: "\r"):
        offset += 1
        if offset < source.bytes.count && source.bytes[offset] == 0x0A { offset += 1 }
        newLine()
      case UInt8(ascii: "\n"):
        offset += 1
        newLine()
      default: return
      }
    }
  }

  private mutating func newLine() {
    line += 1
    lineStart = offset
    continuations = 0
  }

  /// The position of the bytes from `start` on, which lie in the cursor's line and begin at the cursor or before it.
  private func position(from start: Int, to end: Int? = nil) -> SourcePosition {
    let end = min(end ?? max(offset, start + 1), source.bytes.count)
    // An escape that the text ends in has led the cursor past it.
    let cursor = min(max(start, offset), source.bytes.count)
    let before = continuations - continuationCount(start..<cursor)
    let length = end - start - continuationCount(start..<max(start, end))
    return source.position(line: line, column: start - lineStart - before, length: length)
  }

  private func continuationCount(_ range: Range<Int>) -> Int {
    var count = 0
    for byte in source.bytes[range] where byte & 0xC0 == 0x80 { count += 1 }
    return count
  }
}
