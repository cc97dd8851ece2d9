import GlissadeFormat
import GlissadeGraph
import Testing

/// The look of written files, and quotes exactly where they are needed.
@Suite struct WriterTests {
  @Test func yamlLooksLikeTheGoldenFiles() throws {
    let graph = GraphDescription(
      name: "look", seed: 7, needs: [AttributeEntry("acme.median", 2)],
      nodes: [
        NodeDescription(
          "train", operation: "shard",
          attributes: [AttributeEntry("source", "d.csv"), AttributeEntry("count", 4)]),
        NodeDescription(
          "w", operation: "parameters",
          attributes: [
            AttributeEntry("model", ["kind": "mlp", "hidden": [512, 256]]),
            AttributeEntry("initial", "a-rather-long-path/that/leads/to/some/weights.safetensors"),
            AttributeEntry("note", "this text makes the line too long for one line"),
          ]),
        NodeDescription(
          "local", operation: "repeat", attributes: [AttributeEntry("until", ["epochs": 5])],
          body: [NodeDescription("grad", operation: "gradient")]),
      ],
      run: [AttributeEntry("until", ["steps": 100])],
      outputs: [
        AttributeEntry("w", "mutual-{model}.safetensors"),
        AttributeEntry(
          "step.state",
          [
            "file": "one-long-name-of-a-file-for-the-state.safetensors",
            "keep": ["one-long-name-of-a-thing", "another-long-name-of-a-thing", "x"],
            "version": "best",
          ]),
      ])
    let yaml = GraphWriter.yaml(graph)
    #expect(
      yaml == """
        glissade: 1
        name: look
        seed: 7
        needs: { acme.median: 2 }
        nodes:
          train: { op: shard, source: d.csv, count: 4 }
          w:
            op: parameters
            model: { kind: mlp, hidden: [512, 256] }
            initial: a-rather-long-path/that/leads/to/some/weights.safetensors
            note: this text makes the line too long for one line
          local:
            op: repeat
            until: { epochs: 5 }
            nodes:
              grad: { op: gradient }
        run: { until: { steps: 100 } }
        outputs:
          w: "mutual-{model}.safetensors"
          step.state:
            file: one-long-name-of-a-file-for-the-state.safetensors
            keep: [one-long-name-of-a-thing, another-long-name-of-a-thing, x]
            version: best

        """)
    #expect(try read(yaml) == graph)
    #expect(try read(GraphWriter.json(graph)) == graph)
  }

  @Test(arguments: [
    ("adam", "adam"), ("cross-entropy", "cross-entropy"), ("../data/a.csv", "../data/a.csv"),
    ("../data/dig*.csv", "../data/dig*.csv"), ("on", "on"), ("1_000", "1_000"),
    ("a b", "a b"), ("it's", "it's"), ("é", "é"), ("http://x/y", "http://x/y"), ("-a", "-a"),
    ("a#b", "a#b"), ("a:b", "a:b"),
    ("", "\"\""), ("7", "\"7\""), ("1e-3", "\"1e-3\""), ("true", "\"true\""), ("~", "\"~\""),
    ("null", "\"null\""), (".inf", "\".inf\""), ("*.bias", "\"*.bias\""), ("a: b", "\"a: b\""),
    ("a #b", "\"a #b\""), ("a,b", "\"a,b\""), ("[a", "\"[a\""), ("- a", "\"- a\""),
    ("a ", "\"a \""), (" a", "\" a\""), ("a:", "\"a:\""), ("<<", "\"<<\""),
    ("a\nb", "\"a\\nb\""), ("say \"x\"", "\"say \\\"x\\\"\""), ("---", "\"---\""),
    ("\u{1B}[0m", "\"\\u001b[0m\""),
  ])
  func quotes(text: String, written: String) throws {
    let graph = GraphDescription(
      name: "t",
      nodes: [
        NodeDescription(
          "n", operation: "o", attributes: [AttributeEntry("x", AttributeValue(.text(text)))])
      ])
    let yaml = GraphWriter.yaml(graph)
    #expect(yaml.contains("x: \(written) }"), "\(yaml)")
    #expect(try read(yaml) == graph)
  }

  @Test func jsonIsPretty() {
    let graph = GraphDescription(
      name: "t", seed: .max,
      nodes: [NodeDescription("n", operation: "o", attributes: [AttributeEntry("x", [1, 2.0])])])
    #expect(
      GraphWriter.json(graph) == """
        {
          "glissade": 1,
          "name": "t",
          "seed": 18446744073709551615,
          "nodes": {
            "n": {
              "op": "o",
              "x": [1, 2.0]
            }
          }
        }

        """)
  }
}
