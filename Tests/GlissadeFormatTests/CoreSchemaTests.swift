import GlissadeGraph
import Testing

/// The core schema of YAML 1.2, row by row.
@Suite struct CoreSchemaTests {
  @Test(
    arguments: [
      ("true", .boolean(true)), ("True", .boolean(true)), ("TRUE", .boolean(true)),
      ("false", .boolean(false)), ("False", .boolean(false)), ("FALSE", .boolean(false)),
      ("tRUE", .text("tRUE")), ("on", .text("on")), ("yes", .text("yes")), ("No", .text("No")),
      ("null", .null), ("Null", .null), ("NULL", .null), ("~", .null), ("", .null),
      ("nUll", .text("nUll")), ("~a", .text("~a")),
      ("0", .integer(0)), ("-0", .integer(0)), ("007", .integer(7)), ("+12", .integer(12)),
      ("-12", .integer(-12)), ("0o17", .integer(15)), ("0x1F", .integer(31)),
      ("0xff", .integer(255)), ("0o8", .text("0o8")), ("0x", .text("0x")), ("-0x1", .text("-0x1")),
      ("0b1", .text("0b1")), ("1_000", .text("1_000")), ("1:30", .text("1:30")),
      ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
      ("1e-3", .number(0.001)), ("1E+3", .number(1000)), (".5", .number(0.5)), ("1.", .number(1)),
      ("-1.5", .number(-1.5)), ("+.5e1", .number(5)), ("2.0", .number(2)), ("1e-400", .number(0)),
      ("0.1", .number(0.1)), (".", .text(".")), ("1e", .text("1e")), ("e3", .text("e3")),
      ("1.2.3", .text("1.2.3")), ("+", .text("+")), ("--1", .text("--1")), (".e1", .text(".e1")),
      ("inf", .text("inf")), ("nan", .text("nan")), ("infinity", .text("infinity")),
      ("\"7\"", .text("7")), ("'true'", .text("true")), ("\"\"", .text("")), ("'~'", .text("~")),
      ("2026-01-31", .text("2026-01-31")), ("'it''s'", .text("it's")),
      ("\"\\u00e9\\t\\x41\"", .text("é\tA")),
    ] as [(String, AttributeValue.Content)])
  func means(text: String, content: AttributeValue.Content) throws {
    #expect(try attribute(text).content == content)
  }

  @Test(arguments: [
    (".inf", "no finite number"), ("-.INF", "no finite number"), (".NaN", "no finite number"),
    ("1e400", "1e400 is no finite number"),
    ("9223372036854775808", "beyond 64 bits"), ("-9223372036854775809", "beyond 64 bits"),
    ("0xFFFFFFFFFFFFFFFF", "beyond 64 bits"), ("99999999999999999999999", "beyond 64 bits"),
  ])
  func refuses(text: String, words: String) {
    let found = findings(withAttribute(text))
    #expect(found.count == 1)
    #expect(found.first?.message.contains(words) == true)
    #expect(
      found.first?.position
        == SourcePosition(file: "t.yaml", line: 4, column: 18, length: text.utf8.count))
  }

  @Test func blockTextsAreTexts() throws {
    let graph = try read(
      "glissade: 1\nname: t\nnodes:\n  n:\n    op: o\n    x: |\n      7\n      8\n    y: >-\n      a\n      b\n"
    )
    #expect(graph.nodes[0]["x"] == "7\n8\n")
    #expect(graph.nodes[0]["y"] == "a b")
  }
}
