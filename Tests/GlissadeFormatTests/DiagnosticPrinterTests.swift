import GlissadeFormat
import GlissadeGraph
import Testing

/// What people see of an error.
@Suite struct DiagnosticPrinterTests {
  private func position(_ line: Int, _ column: Int, _ length: Int = 1) -> SourcePosition {
    SourcePosition(file: "digits.yaml", line: line, column: column, length: length)
  }

  private func printed(
    _ diagnostics: [Diagnostic], _ source: String?, limit: Int = 20
  ) -> String {
    DiagnosticPrinter.text(GraphError(diagnostics), source: { _ in source }, limit: limit)
  }

  @Test func pointsAtTheToken() {
    let source =
      String(repeating: "\n", count: 11)
      + "  step: { op: update, optimiser: { kind: sgd, rate: 0.1 } }\n"
    let diagnostic = Diagnostic(
      "unknown attribute 'optimiser' of operation 'update'", at: position(12, 23, 9),
      hint: "did you mean 'optimizer'?")
    #expect(
      printed([diagnostic], source) == """
        digits.yaml:12:23: error: unknown attribute 'optimiser' of operation 'update'
           12 |   step: { op: update, optimiser: { kind: sgd, rate: 0.1 } }
              |                       ^^^^^^^^^ did you mean 'optimizer'?

        """)
  }

  @Test func readerAndPrinterAgree() {
    let text = "glissade: 1\nname: t\nnodez: {}\n"
    do throws(GraphError) {
      _ = try read(text)
      Issue.record("the text was read")
    } catch {
      #expect(
        DiagnosticPrinter.text(error, source: { $0 == "t.yaml" ? text : nil }) == """
          t.yaml:1:1: error: the key 'nodes' is missing: a graph has a map of nodes
              1 | glissade: 1
                | ^
          t.yaml:3:1: error: unknown key 'nodez': a graph has glissade, name, seed, needs, nodes, \
          run, outputs
              3 | nodez: {}
                | ^^^^^ did you mean 'nodes'?

          """)
    }
  }

  @Test func withoutASourceTheHintStandsBehind() {
    let found = [
      Diagnostic("one", at: position(3, 1), hint: "try two"), Diagnostic("two", at: nil, hint: "h"),
    ]
    #expect(
      printed(found, nil) == "digits.yaml:3:1: error: one (try two)\nerror: two (h)\n")
    #expect(printed([found[0]], "one line") == "digits.yaml:3:1: error: one (try two)\n")
  }

  @Test(arguments: [
    ("\t\tabc", 3, 3, "    abc", "    ^^^"),
    ("日本: x", 5, 1, "日本: x", "      ^"),
    ("日本: x", 1, 2, "日本: x", "^^^^"),
    ("e\u{301}: x", 5, 1, "e\u{301}: x", "   ^"),
    ("😀 x", 3, 1, "😀 x", "   ^"),
    ("a\u{1B}[0m x", 7, 1, "a\\u{1b}[0m x", "           ^"),
    ("a\u{202E}b", 3, 1, "a\\u{202e}b", "         ^"),
    ("ab", 9, 5, "ab", "  ^"),
    ("", 1, 1, "", "^"),
  ])
  func caretsStandUnderTheToken(
    line: String, column: Int, length: Int, shown: String, carets: String
  ) {
    #expect(
      printed([Diagnostic("m", at: position(2, column, length))], "first\r\n\(line)\r\nlast")
        == "digits.yaml:2:\(column): error: m\n    2 | \(shown)\n      | \(carets)\n")
  }

  @Test(arguments: [1, 100, 400, 495, 500])
  func longLinesAreCutAroundTheToken(column: Int) throws {
    let source = String(repeating: "日ab_", count: 125)
    let lines = printed([Diagnostic("m", at: position(1, column, 4))], source)
      .split(separator: "\n")
    try #require(lines.count == 3)
    let wide = lines[1].dropFirst(8).unicodeScalars
    let columns = wide.reduce(0) { $0 + ($1 == "日" ? 2 : 1) }
    #expect(columns <= 160 && columns > 40)
    // The character above the first caret is the one that was meant.
    let caret = lines[2].dropFirst(8).prefix { $0 == " " }.count
    var above = 0
    let meant = wide.first { scalar in
      defer { above += scalar == "日" ? 2 : 1 }
      return above == caret
    }
    #expect(meant == Array("日ab_".unicodeScalars)[(column - 1) % 4])
  }

  @Test func endsWithHowManyMore() {
    let found = (1...25).map { Diagnostic("m\($0)", at: position($0, 1)) }
    let lines = printed(found, nil).split(separator: "\n")
    #expect(lines.count == 21)
    #expect(lines.last == "and 5 more errors")
    #expect(printed(found, nil, limit: 24).hasSuffix("and 1 more error\n"))
  }

  @Test func endsInJSONWithHowManyMore() throws {
    let error = GraphError((1...25).map { Diagnostic("m\($0)", at: position($0, 1)) })
    let list = try #require(try GraphReader.json(DiagnosticPrinter.json(error)).list)
    #expect(list.count == 21)
    #expect(list.last?["message"]?.text == "and 5 more errors" && list.last?["more"] == 5)
    #expect(list.dropLast().allSatisfy { $0["more"] == nil })
  }

  /// A file in which there is no place to point at is named all the same.
  @Test func asJSONWithAFileAlone() throws {
    let error = GraphError(Diagnostic("m", at: nil, file: "f.npy"))
    let found = try #require(try GraphReader.json(DiagnosticPrinter.json(error)).list?.first)
    #expect(found["file"]?.text == "f.npy" && found["line"]?.content == .null)
  }

  @Test func asJSON() {
    let error = GraphError([
      Diagnostic("m \"x\"", at: position(3, 2, 4), hint: "h"), Diagnostic("n", at: nil),
    ])
    #expect(
      DiagnosticPrinter.json(error) == """
        [
          {
            "file": "digits.yaml",
            "line": 3,
            "column": 2,
            "length": 4,
            "message": "m \\"x\\"",
            "hint": "h"
          },
          {
            "file": null,
            "line": null,
            "column": null,
            "length": null,
            "message": "n",
            "hint": null
          }
        ]
        """)
  }
}
