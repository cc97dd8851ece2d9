import GlissadeFormat
import GlissadeGraph
import Testing

/// JSON files by JSON's rules, and the writer of JSON.
@Suite struct JSONTests {
  private func withAttribute(_ text: String) -> String {
    "{\"glissade\": 1, \"name\": \"t\", \"nodes\": {\n  \"n\": {\"op\": \"o\", \"x\": \(text)}}}"
  }

  private func attribute(_ text: String) throws -> AttributeValue {
    try #require(read(withAttribute(text)).nodes.first?["x"])
  }

  @Test(
    arguments: [
      ("true", .boolean(true)), ("false", .boolean(false)), ("null", .null),
      ("0", .integer(0)), ("-12", .integer(-12)), ("2.0", .number(2)), ("1e3", .number(1000)),
      ("1E-2", .number(0.01)), ("[]", .list([])), ("{}", .map([])), ("[1,[2]]", .list([1, [2]])),
      ("\"\"", .text("")), ("\"true\"", .text("true")),
      (#""\"\\\/\b\f\n\r\t""#, .text("\"\\/\u{8}\u{C}\n\r\t")),
      (#""\u00e9\uD83D\uDE00\u0000""#, .text("é😀\0")),
      ("\"\u{85}\u{2028}\u{7F}\"", .text("\u{85}\u{2028}\u{7F}")),
    ] as [(String, AttributeValue.Content)])
  func means(text: String, content: AttributeValue.Content) throws {
    #expect(try attribute(text).content == content)
  }

  @Test(arguments: [
    ("01", "2:25 expected a value, found '01'"), ("+1", "2:25 expected a value, found '+1'"),
    (".5", "2:25 expected a value, found '.5'"), ("1.", "2:25 expected a value, found '1.'"),
    ("NaN", "2:25 expected a value, found 'NaN'"), ("True", "2:25 expected a value, found 'True'"),
    ("1e400", "2:25 1e400 is no finite number of 64 bits"),
    ("'a'", "2:25 expected a value, found '''"), ("é", "2:25 expected a value, found 'é'"),
    ("[1,]", "2:28 expected a value, found ']'"),
    ("[1 2]", "2:28 expected ',' or ']', found '2'"),
    ("{\"a\" 1}", "2:30 expected ':' behind a key, found '1'"),
    ("{a: 1}", "2:26 expected a key in double quotes or '}', found 'a'"),
    ("{\"a\": 1,}", "2:33 expected a key in double quotes, found '}'"),
    ("\"é\\q\"", "2:27 the escape is none of JSON's"),
    ("\"\\uD800\"", "2:26 an escape is half of a surrogate pair: both halves must stand together"),
    ("\"\\u12G4\"", "2:26 the escape is none of JSON's"),
    (
      "\"a\nb\"",
      "2:27 a control character or the end of the line stands inside a text in quotes: "
        + "write it as an escape"
    ),
    ("\"é", "2:25 the text in quotes has no end"),
    ("1}} # no comments", "2:29 expected ',' or '}', found '#'"),
    ("1}}} 2", "2:30 expected the end of the file, found '2'"),
  ])
  func refuses(text: String, finding: String) {
    #expect(places(withAttribute(text)).first == finding)
  }

  @Test func endsInsideAValue() {
    #expect(places("{\"glissade\": ") == ["1:14 the file ends inside a value"])
    #expect(places(" {\r \"\\") == ["2:3 the escape is none of JSON's"])
    #expect(places("{\"a\": 1, \"a\": 2, \"").count == 2)
  }

  @Test func positionsCountScalars() throws {
    let text =
      "{\"glissade\": 1, \"name\": \"t\",\r\n\t\"nodes\": {\"n\": {\"ä\u{1F600}\": \"é\", \"op\": \"o\"}}}"
    let node = try #require(read(text).nodes.first)
    #expect(node.position == SourcePosition(file: "t.yaml", line: 2, column: 12, length: 3))
    let entry = node.attributes[0]
    #expect(entry.keyPosition == SourcePosition(file: "t.yaml", line: 2, column: 18, length: 4))
    #expect(entry.value.position == SourcePosition(file: "t.yaml", line: 2, column: 24, length: 3))
    #expect(
      node.operationPosition == SourcePosition(file: "t.yaml", line: 2, column: 35, length: 3))
  }

  @Test func flowYAMLIsStillYAML() throws {
    #expect(try read("{ glissade: 1, name: t, nodes: {} }").name == "t")
  }

  @Test func writesCompactAndPretty() {
    let value: JSONText = [
      "b": 1, "a": [1.5, true, nil], "empty": [[], [:]], "deep": ["x": ["y": "z"]],
      "none": .number(.infinity), "seed": .unsigned(.max), "text": "a\"\\\n\u{1B}\u{2028}é",
    ]
    #expect(
      value.written(.compact)
        == #"{"b":1,"a":[1.5,true,null],"empty":[[],{}],"deep":{"x":{"y":"z"}},"none":null,"#
        + #""seed":18446744073709551615,"text":"a\"\\\n\u001b\u2028é"}"#)
    #expect(
      value.written(.pretty) == """
        {
          "b": 1,
          "a": [1.5, true, null],
          "empty": [
            [],
            {}
          ],
          "deep": {
            "x": {
              "y": "z"
            }
          },
          "none": null,
          "seed": 18446744073709551615,
          "text": "a\\"\\\\\\n\\u001b\\u2028é"
        }
        """)
  }

  @Test(arguments: [
    (2.0, "2.0"), (0.1, "0.1"), (-0.0, "-0.0"), (1e-5, "0.00001"), (-6.5e-5, "-0.000065"),
    (1e-7, "0.0000001"), (1e-8, "1e-8"), (1.5e-9, "1.5e-9"), (1e15, "1000000000000000.0"),
    (1e16, "1e16"), (1.25e300, "1.25e300"), (.leastNonzeroMagnitude, "5e-324"),
    (1.7976931348623157e308, "1.7976931348623157e308"),
    (0.30000000000000004, "0.30000000000000004"),
  ])
  func numbers(value: Double, text: String) {
    #expect(JSONText.number(value).written() == text)
    #expect(Double(text) == value)
  }
}
