import GlissadeFormat
import GlissadeGraph
import Testing

/// `--set PATH=VALUE`.
@Suite struct OverrideTests {
  private let base = """
    glissade: 1
    name: t
    needs: { acme.median: 2 }
    nodes:
      step: { op: update, optimizer: { kind: sgd, rate: 0.1 }, metrics: [accuracy, loss] }
      local: { op: repeat, nodes: { inner: { op: o, size: 1 } } }
    run: { until: { epochs: 20 } }
    outputs: { weights: { file: w.safetensors }, step.state: s.safetensors }
    """

  private func after(_ assignments: String...) throws -> GraphDescription {
    var graph = try read(base)
    for assignment in assignments { try GraphOverride.apply(assignment, to: &graph) }
    return graph
  }

  private func finding(_ assignment: String) throws -> Diagnostic? {
    var graph = try read(base)
    let before = graph
    do throws(GraphError) {
      try GraphOverride.apply(assignment, to: &graph)
      return nil
    } catch {
      #expect(graph == before)
      return error.diagnostics.first
    }
  }

  @Test func setsWhatIsThere() throws {
    #expect(try after("name=u-2").name == "u-2")
    #expect(try after("seed=9").seed == 9)
    #expect(try after("seed=18446744073709551615").seed == .max)
    let step = try after("nodes.step.optimizer.rate=0.05").nodes[0]
    #expect(step["optimizer"] == ["kind": "sgd", "rate": 0.05])
    #expect(try after("nodes.step.metrics.1=auc").nodes[0]["metrics"] == ["accuracy", "auc"])
    #expect(try after("nodes.step.op=acme.update").nodes[0].operation == "acme.update")
    #expect(try after("nodes.local.nodes.inner.size=3").nodes[1].body?[0]["size"] == 3)
    #expect(try after("run.until.epochs=3").run == [AttributeEntry("until", ["epochs": 3])])
    #expect(try after("needs.acme.median=3").needs == [AttributeEntry("acme.median", 3)])
    #expect(try after("outputs.step.state=x").outputs[1] == AttributeEntry("step.state", "x"))
    #expect(
      try after("outputs.weights.file=x=y").outputs[0] == AttributeEntry("weights", ["file": "x=y"])
    )
  }

  @Test func theRightSideIsYAML() throws {
    #expect(
      try after("nodes.step.optimizer={ kind: adam, rate: 1e-3 }").nodes[0]["optimizer"]
        == ["kind": "adam", "rate": 0.001])
    #expect(try after("nodes.step.optimizer='7'").nodes[0]["optimizer"] == "7")
    #expect(
      try after("nodes.step.optimizer=").nodes[0]["optimizer"] == AttributeValue(.null))
    #expect(try after("outputs={}").outputs.isEmpty)
  }

  @Test func theLastPartMayBeNew() throws {
    let step = try after("nodes.step.clip={norm: 1.0}", "nodes.step.optimizer.decay=2").nodes[0]
    #expect(step["clip"] == ["norm": 1.0])
    #expect(step["optimizer"]?["decay"] == 2)
    #expect(step.attributes.last?.keyPosition?.column == 12)
    #expect(step.attributes.last?.value.position?.column == 17)
    #expect(step.attributes.last?.value.position?.file == "--set")
    #expect(try after("run.stop={ when: score.loss }").run.count == 2)
    #expect(try after("outputs.mean.value=m").outputs.last == AttributeEntry("mean.value", "m"))
    #expect(try after("needs.a.b.c=1").needs.last == AttributeEntry("a.b.c", 1))
  }

  @Test func whatLeadsToANewPartBecomesAMap() throws {
    let changed = try after("run.stop.when=score.loss", "run.stop.reaches=1")
    #expect(
      changed.run.last == AttributeEntry("stop", ["when": "score.loss", "reaches": 1]))
    #expect(changed.run.last?.keyPosition?.column == 5)
    #expect(
      try after("nodes.step.schedule.warmup.steps=3").nodes[0]["schedule"]
        == ["warmup": ["steps": 3]])
    #expect(
      try after("outputs.step.state.version=best").outputs[1]
        == AttributeEntry("step.state", ["file": "s.safetensors", "version": "best"]))
    #expect(
      try after("outputs.mean.value.file=m").outputs.last
        == AttributeEntry("mean.value", ["file": "m"]))
  }

  @Test(
    arguments: [
      ("seed", 1, 4, "an override has the form PATH=VALUE, found 'seed'", nil),
      ("=1", 1, 1, "a part of the path is empty here", nil),
      ("run..x=1", 5, 1, "a part of the path is empty here", nil),
      ("sed=1", 1, 3, "a graph has no 'sed' that can be set", "did you mean 'seed'?"),
      ("glissade=1", 1, 8, "a graph has no 'glissade' that can be set", nil),
      ("seed.x=1", 6, 1, "'x' cannot stand within 'seed'", nil),
      ("seed=-1", 6, 2, "the seed is a whole number from 0 to 18446744073709551615, found -1", nil),
      ("name=7", 6, 1, "the name of a graph has", nil),
      ("run=3", 5, 1, "'run' must be a map, found 3", nil),
      ("needs.a=b", 9, 1, "the version of 'a' must be a whole number, found the text 'b'", nil),
      ("nodes=1", 1, 5, "a node's attribute can be set, not a whole node", nil),
      ("nodes.step=1", 7, 4, "a node's attribute can be set, not a whole node", nil),
      ("nodes.stp.rate=1", 7, 3, "there is no node 'stp' in 'nodes'", "did you mean 'step'?"),
      (
        "nodes.other.rate=1", 7, 5,
        "there is no node 'other' in 'nodes': the nodes are step, local",
        nil
      ),
      (
        "nodes.step.metrics.0.x=1", 22, 1,
        "'nodes.step.metrics.0' is the text 'accuracy', and 'x' cannot stand within it; where that is short "
          + "for a map, write the map: nodes.step.metrics.0={ kind: accuracy, x: … }", nil
      ),
      ("nodes.step.metrics.2=x", 20, 1, "'nodes.step.metrics' is a list of 2, counted from 0", nil),
      ("nodes.step.metrics.x=x", 20, 1, "'nodes.step.metrics' is a list of 2, counted from 0", nil),
      (
        "nodes.step.optimizer.rate.x=1", 27, 1,
        "'nodes.step.optimizer.rate' is 0.1, and 'x' cannot stand within it", nil
      ),
      ("nodes.step.nodes.x.y=1", 12, 5, "the node 'step' has no body", nil),
      ("nodes.step.op=3", 15, 1, "an operation is a name, found 3", nil),
      ("run.until.epochs=[1", 20, 1, "expected ',' or ']', found the end of the file", nil),
      ("run.until.epochs=.nan", 18, 4, ".nan is no finite number of 64 bits", nil),
      ("run.until.epochs=&a 1", 18, 4, "graph files have no anchors", nil),
    ] as [(String, Int, Int, String, String?)])
  func refuses(assignment: String, column: Int, length: Int, words: String, hint: String?) throws {
    let found = try #require(try finding(assignment))
    #expect(found.message.hasPrefix(words), "\(found.message)")
    #expect(found.position?.column == column)
    #expect(found.position?.length == length)
    #expect(found.position?.file == "--set")
    #expect(found.hint == hint)
  }

  @Test func longPathsEnd() throws {
    let path = String(repeating: "a.", count: 100_000)
    #expect(try finding("run.\(path)b=1")?.message == "the path has more than 128 parts, the limit")
  }
}
