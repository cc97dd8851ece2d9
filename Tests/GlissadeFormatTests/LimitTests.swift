import GlissadeFormat
import GlissadeGraph
import Testing

/// Each limit is an error that names the limit and the value, at its place.
@Suite struct LimitTests {
  private func small(_ change: (inout GraphLimits) -> Void) -> GraphLimits {
    var limits = GraphLimits.standard
    change(&limits)
    return limits
  }

  @Test func sizeIsRefusedBeforeParsing() {
    let bytes = [UInt8](repeating: UInt8(ascii: "["), count: 100 << 20)
    #expect(
      findings(bytes).map(\.message) == [
        "the file has 100 MiB, and the limit of graph files is 16.0 MiB"
      ])
  }

  @Test(arguments: [
    String(repeating: "[", count: 10_000), String(repeating: "{a: ", count: 10_000),
    String(repeating: "- ", count: 10_000), String(repeating: "? ", count: 10_000),
    #"{"a":"# + String(repeating: "[", count: 10_000),
    String(repeating: #"{"a":"#, count: 10_000),
  ])
  func nesting(text: String) {
    let found = findings(text)
    #expect(found.count == 1)
    let nests =
      found.first?.message == "lists and maps nest more than 64 deep, the limit of graph files"
    // `? ? ?` is a map as a key, which ends earlier.
    #expect(nests || found.first?.message == "a key must be a text, found a map")
    #expect(found.first?.position?.line == 1)
  }

  @Test func nestingToTheLimitIsRead() throws {
    let depth = 60
    let list = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(try attribute(list).list?.count == 1)
    #expect(!findings(withAttribute("[[[[[" + list + "]]]]]")).isEmpty)
  }

  @Test func aliasBombEndsAtItsFirstAnchor() {
    let bomb = """
      glissade: 1
      a: &a [x, x, x, x, x, x, x, x, x]
      b: &b [*a, *a, *a, *a, *a, *a, *a, *a]
      c: &c [*b, *b, *b, *b, *b, *b, *b, *b]
      """
    #expect(
      places(bomb) == [
        "2:4 graph files have no anchors: write the value out, or put the text in quotes"
      ])
  }

  @Test(arguments: [
    ("*a", "graph files have no aliases"), ("&a b", "graph files have no anchors"),
    ("&a [b]", "graph files have no anchors"), ("&a {b: c}", "graph files have no anchors"),
    ("!!str b", "graph files have no tags"), ("!b [c]", "graph files have no tags"),
    ("!!map {b: c}", "graph files have no tags"),
    ("{<<: {a: b}}", "graph files have no merge keys"),
    ("*.csv", "'*' and '&' begin an alias"), ("!a!b c", "'!' begins a tag"),
  ])
  func yamlOnlyThings(text: String, words: String) {
    let found = findings(withAttribute(text))
    #expect(found.count == 1)
    #expect(found.first?.message.contains(words) == true, "\(found)")
    #expect(found.first?.position?.line == 4)
    #expect((18...19).contains(found.first?.position?.column ?? 0))
  }

  @Test func duplicateKeys() {
    #expect(
      places("glissade: 1\nname: a\nname: b\nnodes:\n  n: { op: o, x: 1,\n    x: 2 }\n") == [
        "3:1 the key 'name' is given twice: first in line 2, column 1",
        "6:5 the key 'x' is given twice: first in line 5, column 15",
      ])
  }

  @Test func duplicateKeysInBigMaps() {
    var text = "glissade: 1\nname: t\nnodes:\n"
    for index in 0..<100 { text += "  n\(index): { op: o }\n" }
    #expect(places(text).isEmpty)
    for index in [0, 14, 15, 16, 17, 99] {
      #expect(
        places(text + "  n\(index): { op: o }\n") == [
          "104:3 the key 'n\(index)' is given twice: first in line \(index + 4), column 3"
        ])
    }
  }

  @Test func oneDocument() {
    #expect(
      places(withAttribute("1") + "---\na: b\n") == [
        "5:1 a second document begins here: a graph file holds one"
      ])
    #expect(findings("---\n" + withAttribute("1") + "...\n").isEmpty)
  }

  @Test func countOfValues() {
    let limits = small { $0.valueCount = 20 }
    #expect(findings(withAttribute("[1, 2]"), limits: limits).isEmpty)
    #expect(
      places(withAttribute("[1, 2, 3, 4, 5, 6, 7, 8, 9]"), limits: limits) == [
        "4:40 the file holds more than 20 values, the limit of graph files"
      ])
  }

  @Test func countOfNodes() {
    let limits = small { $0.nodeCount = 1 }
    #expect(
      places("glissade: 1\nname: t\nnodes: { a: { op: o }, b: { op: o } }", limits: limits) == [
        "3:8 there are 2 nodes, and the limit is 1"
      ])
  }

  @Test(arguments: ["'%'", "%", "\"%\""])
  func lengthOfTexts(pattern: String) throws {
    let write = { (count: Int) in
      pattern.split(separator: "%", omittingEmptySubsequences: false)
        .joined(separator: String(repeating: "é", count: count))
    }
    #expect(try attribute(write(1 << 19)).text?.utf8.count == 1 << 20)
    #expect(
      places(withAttribute(write((1 << 19) + 1))) == [
        "4:18 a text has 1048578 bytes, and the limit is 1048576"
      ])
  }

  @Test func lengthOfKeys() {
    let key = String(repeating: "k", count: 128)
    #expect(findings(withAttribute("{ \(key): 1 }")).isEmpty)
    #expect(
      places(withAttribute("{ \(key)k: 1 }")) == [
        "4:20 a key has 129 characters, and the limit is 128"
      ])
  }

  @Test func notUTF8() {
    let bytes = Array("glissade: 1\nname: é".utf8) + [0xFF, 0x0A]
    #expect(
      findings(bytes).first?.position == SourcePosition(file: "t.yaml", line: 2, column: 8))
    #expect(findings(bytes).first?.message.contains("not UTF-8") == true)
    #expect(
      findings(Array("{\"a\": \"".utf8) + [0xC3]).first?.message.contains("not UTF-8") == true)
    #expect(findings([0xFF, 0xFE, 0x67, 0x00]).first?.message.contains("not UTF-8") == true)
  }

  @Test(arguments: [
    "\u{0}", "\u{7}", "\u{1B}", "\u{7F}", "\u{85}", "\u{9B}", "\u{2028}", "\u{2029}",
    "\u{FEFF}", "\u{FFFE}", "\u{FFFF}",
  ])
  func charactersThatMustBeEscaped(character: String) throws {
    let found = findings(withAttribute("'é\(character)'"))
    #expect(found.count == 1)
    #expect(found.first?.message.contains("write it as an escape such as") == true)
    #expect(found.first?.position == SourcePosition(file: "t.yaml", line: 4, column: 20))
    let code = String(character.unicodeScalars.first?.value ?? 0, radix: 16)
    let escape = "\\u" + String(repeating: "0", count: 4 - code.utf8.count) + code
    #expect(try attribute("\"\(escape)\"") == AttributeValue(.text(character)))
  }

  @Test func byteOrderMarkTakesNoColumn() throws {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    #expect(findings(mark + Array(withAttribute("1").utf8)).isEmpty)
    let wrong = findings(mark + Array("glissade: 2".utf8))
    #expect(wrong.contains { $0.position?.column == 11 })
    #expect(
      findings(mark + Array("{\"glissade\": 1, \"name\": \"t\", \"nodes\": {}}".utf8)).isEmpty)
  }

  @Test func atMostTwentyFindings() {
    let wrong = (0..<50).map { "  n\($0): 1\n" }.joined()
    #expect(findings("glissade: 1\nname: t\nnodes:\n" + wrong).count == 20)
  }
}
