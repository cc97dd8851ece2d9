import GlissadeGraph
import Testing

/// Names, ports and what is wrong with them.
@Suite struct ReferenceTests {
  @Test func aBareNameMeansTheMainPort() throws {
    let found = try graph(
      [
        node("w", "parameters"), node("a", "source"),
        node("g", "gradient", ["at": "w", "data": "a"]),
        node("u", "update", ["of": "w", "with": "g.value"]),
        node("c", "chain", ["of": "w"]),
      ], run: ["until": ["steps": 1]])
    #expect(found["u"].inputs.map(\.port) == ["value", "value"])
    #expect(found.port("u") == Graph.PortReference(node: 3, port: "value"))
    #expect(found.port("u.state") == Graph.PortReference(node: 3, port: "state"))
    #expect(found.port("u.none") == nil)
    #expect(found.port("none") == nil)
  }

  @Test func unknownNodesAreNamedWithTheClosestName() {
    #expect(
      errors([node("train", "source"), node("b", "chain", ["of": "trian"])]) == [
        "'of' refers to 'trian', and no node has that name [did you mean 'train'?]"
      ])
    #expect(
      errors([node("train", "source"), node("b", "chain", ["of": "xyz"])]) == [
        "'of' refers to 'xyz', and no node has that name: the nodes are train, b"
      ])
  }

  @Test func aNameThatIsAsCloseToTwoIsNotGuessed() {
    #expect(suggestion(for: "ab", among: ["aa", "bb"]) == nil)
    #expect(
      suggestion(for: "optimiser", among: ["optimizer", "order"]) == "did you mean 'optimizer'?")
    #expect(closest(to: "", among: ["a", "b"]) == nil)
  }

  @Test func unknownPortsAreNamedWithThoseThatThereAre() {
    let nodes = [
      node("a", "source"), node("s", "evaluate", ["of": "a"]),
      node("c", "chain", ["of": "s.los"]),
    ]
    #expect(
      errors(nodes) == [
        "node 's' has no port 'los'; its ports are value, loss [did you mean 'loss'?]"
      ])
    #expect(
      errors([node("a", "source"), node("c", "chain", ["of": "a."])]) == [
        "node 'a' has no port ''; its ports are value"
      ])
  }

  @Test func aPortOfAnotherKindIsRefusedWithBothKinds() {
    #expect(
      errors([
        node("a", "source"), node("w", "parameters"),
        node("g", "gradient", ["at": "a", "data": "a"]),
      ]) == ["'at' expects parameters, and 'a' gives rows"])
  }

  @Test func unknownOperationsAndAttributes() {
    #expect(
      errors([node("a", "sorce")]) == [
        "unknown operation 'sorce' [did you mean 'source'?]"
      ])
    #expect(
      errors([node("a", "source", ["widht": 3])]) == [
        "unknown attribute 'widht' of operation 'source' [did you mean 'width'?]"
      ])
    #expect(
      errors([node("a", "source"), node("c", "chain")]) == [
        "operation 'chain' needs the attribute 'of'"
      ])
  }

  @Test func namesAreLettersDigitsUnderscoresAndHyphens() {
    #expect(
      errors([node("a.b", "source")]) == [
        "'a.b' cannot name a node: 1 to 128 letters, digits, '_' and '-'"
      ])
    #expect(errors([node("a", "source"), node("a", "source")]) == ["the node 'a' is there twice"])
    #expect(errors([node(String(repeating: "x", count: 128), "source")]) == [])
    #expect(errors([node(String(repeating: "x", count: 129), "source")]).count == 1)
  }

  @Test func neededVersionsAreHeldAgainstWhatIsRegistered() {
    func errors(_ needs: [AttributeEntry]) -> [String] {
      do {
        _ = try Graph(
          resolving: GraphDescription(name: "x", needs: needs, nodes: [node("a", "source")]),
          registry: TinyOperations.registry)
        return []
      } catch { return error.diagnostics.map(\.message) }
    }
    #expect(errors(entries(["source": 1])) == [])
    #expect(
      errors(entries(["source": 2])) == [
        "the graph needs 'source' version 2, and this program has version 1"
      ])
    #expect(
      errors(entries(["acme.mine": 1])) == [
        "the graph needs 'acme.mine' version 1, which this program has not registered"
      ])
    #expect(
      errors(entries(["source": "1"])) == [
        "'source' of 'needs' expects a version, a whole number, found the text '1'"
      ])
  }

  @Test func errorsComeInTheOrderOfTheText() {
    func at(_ line: Int) -> SourcePosition { SourcePosition(file: "g.yaml", line: line, column: 1) }
    let first = NodeDescription("b", operation: "none", at: at(2), operationAt: at(2))
    let second = NodeDescription("a", operation: "also", at: at(1), operationAt: at(1))
    let description = GraphDescription(name: "x", nodes: [first, second])
    let error = #expect(throws: GraphError.self) {
      try Graph(resolving: description, registry: TinyOperations.registry)
    }
    #expect(error?.diagnostics.map(\.position?.line) == [1, 2])
    #expect(
      error?.description.hasPrefix(
        "g.yaml:1:1: error: unknown operation 'also': expected one of those that 'glissade ops' lists\n"
      ) == true)
  }

  @Test func factsMakeNoDependenceOnValues() throws {
    let found = try graph(
      [
        node("a", "source"), node("b", "source"), node("c", "chain", ["of": "b", "like": "a"]),
      ], outputs: ["c": "c.npy"])
    #expect(found["c"].facts.map(\.nodeName) == ["a"])
    #expect(found["c"].inputs.map(\.nodeName) == ["b"])
    #expect(try Plan(expanding: found).culled == [0])
  }
}
