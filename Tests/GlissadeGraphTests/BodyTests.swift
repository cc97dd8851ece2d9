import GlissadeGraph
import Testing

/// Nodes inside a node.
@Suite struct BodyTests {
  private func loop(_ body: [NodeDescription], yields: AttributeValue = ["out": "mine"])
    -> [NodeDescription]
  {
    [
      node("w", "parameters"), node("s", "source", ["count": 2]),
      node("loop", "repeat", ["until": ["steps": 3], "yields": yields], body: body),
      node("c", "chain", ["of": "loop"]),
    ]
  }

  private func body(stays: Bool) -> [NodeDescription] {
    [
      node("mine", "parameters", ["initial": "w", "stays": .init(.boolean(stays))]),
      node("g", "gradient", ["at": "mine", "data": "s"]),
      node("u", "update", ["of": "mine", "with": "g"]),
    ]
  }

  @Test func aStateOfABodyTakesOverTheAxesOfItsUpdate() throws {
    let found = try graph(loop(body(stays: false)))
    #expect(found["loop"].body?["mine"].shape.ports[0].axes == [Axis("s", size: 2)])
    #expect(found["c"].shape.ports[0].axes == [Axis("s", size: 2)])
    #expect(found["loop"].inputs.map(\.path) == ["nodes.mine.initial", "nodes.g.data"])
    #expect(
      found.notBuilt.map(\.message) == [
        "operation 'repeat' of node 'loop' cannot be run by this version"
      ])
  }

  /// A body in a body in a body …, whose states all take over the axis of `s`: asked anew from nothing at each level, the
  /// innermost would be asked 2³⁰ times.
  @Test(.timeLimit(.minutes(10))) func bodiesNestWithoutDoublingTheWork() throws {
    var inner = body(stays: false)
    for level in 0..<30 {
      let own = node(
        "loop\(level)", "repeat", ["until": ["steps": 3], "yields": ["out": "mine"]], body: inner)
      inner = body(stays: false) + [own]
    }
    let found = try graph(loop(inner))
    #expect(found["loop"].body?["mine"].shape.ports[0].axes == [Axis("s", size: 2)])
    let next = found["loop"].body?["loop29"].body
    #expect(next?["mine"].shape.ports[0].axes == [Axis("s", size: 2)])
  }

  @Test func aStateThatKeepsItsAxesIsRefusedWithBothSides() {
    #expect(
      errors(loop(body(stays: true))) == [
        "'mine' is single, and its next version 'u' is [s[2]]"
      ])
  }

  @Test func namesOfTheBodyComeFirstAndStayInside() {
    #expect(
      errors(loop([node("mine", "chain", ["of": "u"])])) == [
        "'nodes.mine.of' refers to 'u', and no node has that name: the nodes are w, s, loop, c"
      ])
    #expect(
      errors(loop(body(stays: false)) + [node("d", "chain", ["of": "g"])]) == [
        "'of' refers to 'g', and no node has that name: the nodes are w, s, loop, c, d"
      ])
    // Inside, 's' is the body's own.
    #expect(
      errors(loop([node("s", "source"), node("mine", "chain", ["of": "s"])])) == [])
  }

  @Test func onlySomeOperationsHaveBodies() {
    #expect(
      errors([node("a", "source", body: [node("b", "source")])]) == [
        "operation 'source' has no nodes of its own"
      ])
    #expect(
      errors([node("a", "repeat", ["yields": ["out": "b"]])]) == [
        "operation 'repeat' needs 'nodes'"
      ])
  }

  @Test func aCycleInABodyIsNamed() {
    #expect(
      errors(loop([node("mine", "chain", ["of": "d"]), node("d", "chain", ["of": "mine"])])) == [
        "a cycle: mine → d → mine; only 'next' of parameters may close one"
      ])
  }
}
