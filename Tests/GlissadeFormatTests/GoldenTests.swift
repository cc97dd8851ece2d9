import GlissadeFormat
import GlissadeGraph
import Testing

/// File → description → file → description is equal, in both forms, with one hash.
@Suite struct GoldenTests {
  @Test(arguments: goldenNames)
  func readsBackEqualInBothForms(name: String) throws {
    let graph = try GraphReader.read(goldenBytes(name), file: name + ".yaml")
    let yaml = GraphWriter.yaml(graph)
    let json = GraphWriter.json(graph)
    #expect(try read(yaml) == graph, "\(yaml)")
    #expect(try read(json) == graph, "\(json)")
    #expect(try CanonicalForm.sha256(of: read(json)) == CanonicalForm.sha256(of: graph))
    #expect(try CanonicalForm.sha256(of: read(yaml)) == CanonicalForm.sha256(of: graph))
    #expect(try GraphWriter.yaml(read(yaml)) == yaml)
  }

  @Test func readsWhatTheFirstSays() throws {
    let graph = try GraphReader.read(goldenBytes("a-data-parallel"), file: "a.yaml")
    #expect(graph.name == "data-parallel")
    #expect(graph.seed == 7)
    #expect(
      graph.nodes.map(\.name) == [
        "train", "test", "batch", "weights", "grad", "mean", "step", "score",
      ])
    let step = graph.nodes[6]
    #expect(step.operation == "update")
    #expect(step["optimizer"] == ["kind": "sgd", "rate": 0.1])
    #expect(step.position == SourcePosition(file: "a.yaml", line: 12, column: 3, length: 4))
    #expect(
      step.operationPosition == SourcePosition(file: "a.yaml", line: 12, column: 18, length: 6))
    #expect(step["with"]?.position?.column == 45)
    #expect(graph.run == [AttributeEntry("until", ["epochs": 20])])
  }

  @Test func readsBodies() throws {
    let graph = try GraphReader.read(goldenBytes("b-federated"), file: "b.yaml")
    let local = try #require(graph.nodes.first { $0.name == "local" })
    #expect(local.body?.map(\.name) == ["batch", "mine", "grad", "step"])
    #expect(local.attributes.map(\.key) == ["until", "yields"])
    #expect(graph.nodes.first?.body == nil)
  }

  @Test func hashesDiffer() throws {
    let hashes = try goldenNames.map {
      try CanonicalForm.sha256(of: GraphReader.read(goldenBytes($0), file: $0))
    }
    #expect(Set(hashes).count == goldenNames.count)
    #expect(hashes.allSatisfy { $0.utf8.count == 64 })
  }
}
