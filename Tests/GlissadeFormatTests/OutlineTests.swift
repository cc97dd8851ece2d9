import GlissadeFormat
import GlissadeGraph
import Testing

/// What the outline of a graph file must have, and where errors point.
@Suite struct OutlineTests {
  @Test func everySectionIsRead() throws {
    let graph = try read(
      """
      glissade: 1
      name: acme-1.5
      seed: 18446744073709551615
      needs: { acme.median: 2 }
      nodes: {}
      run:
      outputs: { step.state: s.safetensors }
      """)
    #expect(graph.name == "acme-1.5")
    #expect(graph.seed == .max)
    #expect(graph.needs == [AttributeEntry("acme.median", 2)])
    #expect(graph.nodes.isEmpty && graph.run.isEmpty)
    #expect(graph.outputs == [AttributeEntry("step.state", "s.safetensors")])
  }

  @Test(arguments: [
    ("", "1:1 the file is empty: a graph begins with 'glissade: 1'"),
    ("# nothing\n", "1:1 the file is empty: a graph begins with 'glissade: 1'"),
    ("- a", "1:1 a graph is a map with keys such as 'name' and 'nodes', found a list"),
    ("hello", "1:1 a graph is a map with keys such as 'name' and 'nodes', found the text 'hello'"),
    (
      "glissade: 2\nname: t\nnodes: {}", "1:11 this version reads graph language 1, found 2"
    ),
    (
      "glissade: '1'\nname: t\nnodes: {}",
      "1:11 this version reads graph language 1, found the text '1'"
    ),
    ("name: t\nnodes: {}", "1:1 the key 'glissade' is missing: a graph file says 'glissade: 1'"),
    ("glissade: 1\nnodes: {}", "1:1 the key 'name' is missing: a graph file says 'name: NAME'"),
    ("glissade: 1\nname: t", "1:1 the key 'nodes' is missing: a graph has a map of nodes"),
    (
      "glissade: 1\nname: t\nnodes:\n", "3:7 'nodes' must be a map of nodes, found nothing"
    ),
    (
      "glissade: 1\nname: t\nnodes: [a]", "3:8 'nodes' must be a map of nodes, found a list"
    ),
    (
      "glissade: 1\nname: ../up\nnodes: {}",
      "2:7 the name of a graph has 1 to 128 letters, digits, '-', '_' and dots, and no dot in front"
        + ", found the text '../up'"
    ),
    (
      "glissade: 1\nname: 7\nnodes: {}",
      "2:7 the name of a graph has 1 to 128 letters, digits, '-', '_' and dots, and no dot in front"
        + ", found 7"
    ),
    (
      "glissade: 1\nname: t\nseed: -1\nnodes: {}",
      "3:7 the seed is a whole number from 0 to 18446744073709551615, found -1"
    ),
    (
      "glissade: 1\nname: t\nseed: 18446744073709551616\nnodes: {}",
      "3:7 the whole number 18446744073709551616 is beyond 64 bits: "
        + "from -9223372036854775808 to 9223372036854775807"
    ),
    (
      "glissade: 1\nname: t\nseed: 1.5\nnodes: {}",
      "3:7 the seed is a whole number from 0 to 18446744073709551615, found 1.5"
    ),
    (
      "glissade: 1\nname: t\nnodes: {}\nrun: 3", "4:6 'run' must be a map, found 3"
    ),
    (
      "glissade: 1\nname: t\nnodes: {}\noutputs: [w]",
      "4:10 'outputs' must be a map, found a list"
    ),
    (
      "glissade: 1\nname: t\nnodes: {}\nneeds: { a.b: new }",
      "4:15 the version of 'a.b' must be a whole number, found the text 'new'"
    ),
    (
      "glissade: 1\nname: t\nnodes: {}\nneeds: { a b: 1 }",
      "4:10 'a b' cannot name an operation: it has other characters than letters, digits, '-', "
        + "'_' and dots"
    ),
    (
      "glissade: 1\nname: t\nnodes:\n  a.b: { op: o }",
      "4:3 'a.b' cannot name a node: a dot divides node and port"
    ),
    (
      "glissade: 1\nname: t\nnodes:\n  ä: { op: o }",
      "4:3 'ä' cannot name a node: a name has 1 to 128 letters, digits, '-' and '_'"
    ),
    (
      "glissade: 1\nname: t\nnodes:\n  n: shard",
      "4:6 the node 'n' must be a map such as { op: shard }, found the text 'shard'"
    ),
    (
      "glissade: 1\nname: t\nnodes:\n  n: { of: a }",
      "4:3 the node 'n' has no operation: it needs 'op'"
    ),
    (
      "glissade: 1\nname: t\nnodes:\n  n:\n    of: a\n    qp: b",
      "6:5 the node 'n' has no operation: expected 'op', found 'qp'"
    ),
    (
      "glissade: 1\nname: t\nnodes:\n  n: { operation: b }",
      "4:8 the node 'n' has no operation: expected 'op', found 'operation'"
    ),
    (
      "glissade: 1\nname: t\nnodes:\n  n: { op: 3 }",
      "4:12 the operation of 'n' must be a name, found 3"
    ),
    (
      "glissade: 1\nname: t\nnodes:\n  n: { op: repeat, nodes: { m: 1 } }",
      "4:32 the node 'm' must be a map such as { op: shard }, found 1"
    ),
  ])
  func says(text: String, finding: String) {
    #expect(places(text) == [finding])
  }

  @Test func unknownKeysGetAHintWhereItIsCertain() {
    let found = findings("glissade: 1\nname: t\nnodes: {}\noutput: {}\nzebra: 1")
    #expect(found.map(\.hint) == ["did you mean 'outputs'?", nil])
    #expect(found.first?.position == SourcePosition(file: "t.yaml", line: 4, column: 1, length: 6))
    #expect(
      found.first?.message
        == "unknown key 'output': a graph has glissade, name, seed, needs, nodes, run, outputs")
    for (key, hint) in [("pp", "did you mean 'op'?"), ("of", nil), ("size", nil)] {
      #expect(
        findings("glissade: 1\nname: t\nnodes: { n: { \(key): b } }").map(\.hint) == [hint],
        "\(key)")
    }
  }

  @Test func severalFindingsComeAtOnceInOrder() {
    #expect(
      places("glissade: 3\nname: t\nnodes:\n  a: 1\n  b: { op: x, y: .nan }\n  c: {}\nextra: 1")
        .map { $0.prefix(4) } == ["1:11", "4:6 ", "5:18", "6:3 ", "7:1 "])
  }

  @Test(arguments: [
    ("a: [1, 2\nb: 3", "2:2 expected ',' or ']', found ':'"),
    ("a: { b: 1 c: 2 }", "1:12 expected ',' or '}', found ':'"),
    (
      "a: b: c",
      "1:5 no key can stand before this ':': put the text in quotes, or look for a ':' that the line before lacks"
    ),
    ("a:\n\t- b", "2:1 a tab cannot indent YAML: use spaces"),
    ("a: @b", "1:4 '@' cannot begin a text without quotes"),
    ("a: \"b", "1:6 the text in quotes has no end"),
    (
      "a: 1\n b: 2\n",
      "2:3 no key can stand before this ':': put the text in quotes, or look for a ':' that the line before lacks"
    ),
    (
      "a:\n  b: 1\n c: 2\n",
      "3:2 expected a key or the end of the map, found 'c': look at the indentation"
    ),
    ("a\nb: 1\n", "2:2 no key can stand before this ':'"),
    (
      "a: \"\\q\"",
      "1:5 this escape is none of YAML's: write '\\\\' for a backslash, or use single quotes"
    ),
    ("a:\n  \"b\n  c\": 1\n", "3:5 no key can stand before this ':'"),
    ("a: [1,\n\n", "1:7 expected a value"),
    ("a: 1\nb\nc: 2\n", "2:1 expected ':' behind the key that begins here"),
    ("a: *.csv", "1:4 '*' and '&' begin an alias or an anchor"),
    ("a: ]", "1:4 expected a value, found ']'"),
    ("? [a]\n: b", "1:3 a key must be a text, found a list"),
    ("? \n: b", "1:2 a key is missing before ':'"),
  ])
  func syntax(text: String, finding: String) {
    let found = places(text)
    #expect(found.contains { $0.hasPrefix(finding) }, "\(found)")
  }

  @Test func linesEndInAnyOfThreeWays() throws {
    for end in ["\n", "\r\n", "\r"] {
      let text = withAttribute("é").split(separator: "\n").joined(separator: end)
      let node = try #require(read(text).nodes.first)
      #expect(node.position == SourcePosition(file: "t.yaml", line: 4, column: 3, length: 1))
      #expect(
        node["x"]?.position == SourcePosition(file: "t.yaml", line: 4, column: 18, length: 1))
    }
  }
}
