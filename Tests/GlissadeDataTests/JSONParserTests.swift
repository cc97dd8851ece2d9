import GlissadeData
import Testing

@Suite struct JSONParserTests {
  private func parse(_ text: String, depth: Int = 64) throws(JSONError) -> JSONValue {
    try JSONParser.parse(Array(text.utf8)[...], maximumDepth: depth)
  }

  @Test func valuesOfAllKinds() throws {
    #expect(
      try parse(" {\"a\": [1, -2.5, 1e2, true, false, null, []], \"b\": {\"c\": {}}} ")
        == .object([
          .init(
            "a",
            .array([
              .integer(1), .number(-2.5), .number(100), .bool(true), .bool(false), .null,
              .array([]),
            ])),
          .init("b", .object([.init("c", .object([]))])),
        ]))
    #expect(try parse("9223372036854775807") == .integer(Int.max))
    #expect(try parse("9223372036854775808") == .number(9223372036854775808))
    #expect(
      try parse(#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#) == .string("\"\\/\u{8}\u{c}\n\r\té😀"))
  }

  @Test(arguments: [
    ("", 0), ("[1,]", 3), ("[1 2]", 3), ("{\"a\":1,}", 7), ("{a:1}", 1), ("01", 0), ("1.", 2),
    ("1e", 2), (".5", 0), ("+1", 0), ("nul", 0), ("\"a", 2), ("\"\\x\"", 2), ("\"\\ud800\"", 7),
    ("[1] 2", 4), ("\"\u{1}\"", 1), ("[", 1), ("{\"a\"}", 4), ("1e999", 0), ("NaN", 0),
    ("[1}", 2), ("{\"a\":1]", 6),
  ])
  func whatIsNoJSONIsRefusedAtItsByte(text: String, offset: Int) {
    #expect(throws: JSONError.self) { try parse(text) }
    do throws(JSONError) { _ = try parse(text) } catch {
      #expect(error.offset == offset, "\(text)")
    }
  }

  @Test func repeatedNamesAndBadBytesAreRefused() {
    #expect(throws: JSONError.self) { try parse("{\"a\":1,\"b\":2,\"a\":3}") }
    #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0xff, 0x22]) }
    #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0xc0, 0xaf, 0x22]) }
  }

  @Test func depthAndCountAreLimited() throws {
    #expect(try parse("[[[]]]", depth: 3) == .array([.array([.array([])])]))
    #expect(throws: JSONError.self) { try parse("[[[[]]]]", depth: 3) }
    #expect(throws: JSONError.self) { try parse(String(repeating: "[", count: 1_000_000)) }
    #expect(throws: JSONError.self) {
      try JSONParser.parse(Array("[1,2,3]".utf8)[...], maximumValues: 3)
    }
  }

  @Test func quotedTextsComeBack() throws {
    let text = String(String.UnicodeScalarView((0..<0x300).compactMap(Unicode.Scalar.init))) + "😀\""
    #expect(try parse(JSONValue.quoted(text)) == .string(text))
  }
}
