import GlissadeGraph
import Testing

/// A cycle is legal only through `next`.
@Suite struct CycleTests {
  @Test(arguments: [
    (["a": "b", "b": "a"], "a → b → a"), (["a": "a"], "a → a"),
    (["a": "b", "b": "c", "c": "d", "d": "b"], "b → c → d → b"),
  ])
  func aCycleIsNamedByItsPath(edges: [String: String], path: String) {
    let nodes = edges.keys.sorted().map { node($0, "chain", ["of": .init(.text(edges[$0]!))]) }
    #expect(errors(nodes) == ["a cycle: \(path); only 'next' of parameters may close one"])
  }

  @Test func eachOfSeveralCyclesIsNamed() {
    let edges = ["a": "b", "b": "a", "c": "d", "d": "e", "e": "d", "f": "f"]
    let nodes = edges.keys.sorted().map { node($0, "chain", ["of": .init(.text(edges[$0]!))]) }
    #expect(
      errors(nodes).sorted() == [
        "a cycle: a → b → a; only 'next' of parameters may close one",
        "a cycle: d → e → d; only 'next' of parameters may close one",
        "a cycle: f → f; only 'next' of parameters may close one",
      ])
  }

  @Test func nextClosesACycle() throws {
    let found = try graph(
      [
        node("w", "parameters", ["next": "u"]), node("a", "source"),
        node("g", "gradient", ["at": "w", "data": "a"]),
        node("u", "update", ["of": "w", "with": "g"]),
      ], run: ["until": ["steps": 2]])
    #expect(found["w"].next == Graph.PortReference(node: 3, port: "value"))
  }

  @Test func aLongChainNeedsNoStack() throws {
    let count = 20_000
    var nodes = [node("n0", "source")]
    for index in 1..<count {
      nodes.append(node("n\(index)", "chain", ["of": .init(.text("n\(index - 1)"))]))
    }
    let found = try graph(nodes.reversed(), outputs: ["n\(count - 1)": "out.npy"])
    #expect(found.order.first == count - 1)
    let plan = try Plan(expanding: found)
    #expect(plan.prologue.table.taskCount == count)
  }

  /// Data tells parameters their shapes; where that would close a cycle, it does not count.
  @Test func hintsMakeNoCycles() throws {
    let found = try graph(
      [
        node("w", "parameters"), node("a", "source"),
        node("h", "gradient", ["at": "w", "data": "a"]),
        node("p", "pair", ["left": "w", "right": "a"]),
        node("g", "gradient", ["at": "w", "data": "p"]),
        node("u", "update", ["of": "w", "with": "g"]),
      ], run: ["until": ["steps": 1]])
    #expect(found.order.count == 6)
  }
}
