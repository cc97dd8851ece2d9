import GlissadeGraph
import Testing

/// The text that Graphviz is given.
@Suite struct DOTTests {
  private let run: KeyValuePairs<String, AttributeValue> = ["until": ["steps": 4]]

  private var training: [NodeDescription] {
    [
      node("w", "parameters"), node("s", "source", ["count": 3]), node("b", "batch", ["of": "s"]),
      node("g", "gradient", ["at": "w", "data": "b"]),
      node("m", "reduce", ["of": "g", "over": "s"]),
      node("u", "update", ["of": "w", "with": "m"]),
      node("e", "evaluate", ["of": "w", "every": ["steps": 2]]),
      node("spare", "chain", ["of": "b", "like": "s"]),
    ]
  }

  private func lines(_ text: String, with parts: String...) -> [Substring] {
    text.split(separator: "\n").filter { line in parts.allSatisfy { line.contains($0) } }
  }

  @Test func everyNodeIsABoxAndEveryReferenceAnArrow() throws {
    let text = DOT.graph(try graph(training, run: run))
    for name in ["w", "s", "b", "g", "m", "u", "e", "spare"] {
      #expect(lines(text, with: "  \"\(name)\" [label").count == 1, "\(name)")
    }
    #expect(lines(text, with: "\"b\" -> \"g\"", "[1] × s[3]").count == 1)
    #expect(lines(text, with: "\"w\" -> \"g\"", "label=\"[1]\"").count == 1)
    #expect(lines(text, with: "\"u\" -> \"w\"", "dashed", "constraint=false").count == 1)
    #expect(lines(text, with: "\"s\" -> \"spare\"", "dotted", "like").count == 1)
    #expect(lines(text, with: "\"e\" [label", "every 2 steps").count == 1)
    #expect(lines(text, with: "subgraph \"cluster [s[3]]\"").count == 1)
  }

  @Test func whatIsCulledIsGrey() throws {
    let text = DOT.graph(try graph(training, run: run))
    #expect(lines(text, with: "\"spare\" [label", "dashed").count == 1)
    #expect(lines(text, with: "\"g\" [label", "dashed").isEmpty)
  }

  /// Culled: `spare`. Joined: `m + u`. Spread out: a tree of nine leaves by threes, two levels.
  @Test func whatWillRunIsDrawn() throws {
    let nodes = training.map { given in
      switch given.name {
      case "s": node("s", "source", ["count": 9])
      case "m": node("m", "reduce", ["of": "g", "over": "s", "fan-in": 3])
      default: given
      }
    }
    let plan = try Plan(expanding: graph(nodes, run: run))
    let text = DOT.optimized(plan)
    #expect(lines(text, with: "spare").isEmpty)
    #expect(lines(text, with: "<B>b</B>", "× 9").count == 1, "\(text)")
    #expect(lines(text, with: "<B>m</B>", "× 3").count == 1)
    #expect(lines(text, with: "<B>m</B>", "level 2 of the tree", "+ u").count == 1, "\(text)")
    #expect(lines(text, with: "label=\"× 9\"").count >= 1)
    #expect(text == DOT.optimized(try Plan(expanding: graph(nodes, run: run))))
    #expect(lines(DOT.optimized(plan, limit: 2), with: "<B>m</B>").isEmpty)
  }

  @Test func drawnTwiceItIsTheSameText() throws {
    let first = try graph(training, run: run)
    let second = try graph(training, run: run)
    #expect(DOT.graph(first) == DOT.graph(second))
    #expect(
      DOT.tasks(try Plan(expanding: first), steps: 3)
        == DOT.tasks(try Plan(expanding: second), steps: 3))
  }

  @Test func namesAreEscaped() throws {
    let file = "a\"<b>&\\\n.npy"
    let text = DOT.graph(
      try graph([node("a", "source")], outputs: ["a": .init(.text(file))]))
    #expect(text.contains("a&quot;&lt;b&gt;&amp;\\\\n.npy"))
    #expect(!text.contains("<b>"))
    let named = DOT.graph(
      try Graph(
        resolving: GraphDescription(name: "x\"] evil", nodes: [node("a", "source")]),
        registry: TinyOperations.registry))
    #expect(named.hasPrefix("digraph \"x\\\"] evil\" {"))
  }

  /// The body reads what stands around it, and is read through what it yields.
  @Test func bodiesAreClusters() throws {
    let found = try graph([
      node("w", "parameters"), node("s", "source", ["count": 2]),
      node(
        "loop", "repeat", ["until": ["steps": 3], "yields": ["out": "mine"]],
        body: [
          node("mine", "parameters", ["initial": "w"]),
          node("g", "gradient", ["at": "mine", "data": "s"]),
          node("u", "update", ["of": "mine", "with": "g"]),
        ]),
      node("c", "chain", ["of": "loop"]),
    ])
    let text = DOT.graph(found)
    #expect(lines(text, with: "subgraph \"cluster loop\"").count == 1)
    #expect(lines(text, with: "\"w\" -> \"loop.mine\"").count == 1)
    #expect(lines(text, with: "\"s\" -> \"loop.g\"").count == 1)
    #expect(lines(text, with: "\"loop.u\" -> \"loop.mine\"", "dashed").count == 1)
    #expect(lines(text, with: "\"loop.mine\" -> \"c\"").count == 1)
    #expect(lines(text, with: "until 3 steps").count == 1)
    #expect(text.filter { $0 == "{" }.count == text.filter { $0 == "}" }.count)
  }

  // MARK: Tasks

  @Test func oneStepStandsForAll() throws {
    let plan = try Plan(expanding: graph(training, run: run), fusing: false)
    let text = DOT.tasks(plan)
    #expect(lines(text, with: "[label=<<B>g[s=").count == 3)
    #expect(lines(text, with: "subgraph \"cluster step 1\"").count == 1)
    #expect(lines(text, with: "<B>e</B>").count == 1)
    #expect(!lines(text, with: "->", "dashed", "constraint=false").isEmpty)
  }

  @Test func severalStepsHaveOnlyWhatIsDue() throws {
    let plan = try Plan(expanding: graph(training, run: run), fusing: false)
    let text = DOT.tasks(plan, steps: 3)
    #expect(lines(text, with: "subgraph \"cluster step").count == 3)
    #expect(lines(text, with: "<B>u</B>").count == 3)
    // Every second step.
    #expect(lines(text, with: "<B>e</B>").count == 1)
    #expect(lines(text, with: "\"step1.", "-> \"step2.", "dashed").count == 4)
    #expect(lines(text, with: "\"once.", "-> \"step1.").count > 0)
  }

  @Test func familiesAreOneBoxWithTheirCount() throws {
    var nodes = training
    nodes[1] = node("s", "source", ["count": 20_000])
    nodes[4] = node("m", "reduce", ["of": "g", "over": "s", "fan-in": 8])
    let plan = try Plan(expanding: graph(nodes, run: run), fusing: false)
    let text = DOT.tasks(plan, limit: 50)
    #expect(lines(text, with: "<B>g</B>", "× 20000").count == 1)
    #expect(lines(text, with: "\"step1.", "->", "× 20000").count >= 2)
    #expect(text.count < 20_000)
    let coarse = DOT.tasks(plan, limit: 3)
    #expect(lines(coarse, with: "<B>gradient</B>", "× 20000").count == 1)
  }

  @Test func aGraphWithoutStepsIsDrawnToo() throws {
    let plan = try Plan(expanding: graph([node("a", "source")]))
    let text = DOT.tasks(plan, steps: 5)
    #expect(lines(text, with: "<B>a</B>").count == 1)
    #expect(lines(text, with: "cluster step").isEmpty)
  }
}
