import GlissadeGraph
import Testing

/// How families meet: by place, in every pair, by broadcast, renamed, taken whole.
@Suite struct AxesTests {
  private let run: KeyValuePairs<String, AttributeValue> = ["until": ["steps": 1]]

  private func wiring(_ nodes: [NodeDescription]) throws -> [String: [String]] {
    let clocked = nodes + [node("last", "evaluate", ["of": "p"])]
    return try Plan(expanding: graph(clocked, run: run), fusing: false).wiring
  }

  @Test func countIsShortForAnAxisOfTheNodesName() throws {
    let found = try graph([
      node("a", "source", ["count": 3]), node("b", "source", ["axes": ["x": 2, "y": ["p", "q"]]]),
    ])
    #expect(found["a"].shape.ports[0].axes == [Axis("a", size: 3)])
    #expect(found["b"].shape.ports[0].axes == [Axis("x", size: 2), Axis("y", labels: ["p", "q"])])
    #expect(found["b"].shape.ports[0].axes.placePhrase(3) == "x=1, y=q")
  }

  @Test func familiesThatShareAnAxisMeetPlaceByPlace() throws {
    let found = try wiring([
      node("a", "source", ["axes": ["x": 2]]), node("b", "source", ["axes": ["x": 2]]),
      node("l", "batch", ["of": "a"]), node("r", "batch", ["of": "b"]),
      node("p", "pair", ["left": "l", "right": "r"]),
    ])
    #expect(found["p[x=0]"] == ["l[x=0]", "r[x=0]"])
    #expect(found["p[x=1]"] == ["l[x=1]", "r[x=1]"])
    #expect(found["p[x=2]"] == nil)
  }

  @Test func differentAxesMeetInEveryPair() throws {
    let found = try wiring([
      node("a", "source", ["count": 2]), node("b", "source", ["count": 3]),
      node("l", "batch", ["of": "a"]), node("r", "batch", ["of": "b"]),
      node("p", "pair", ["left": "l", "right": "r"]),
    ])
    #expect(found.keys.filter { $0.hasPrefix("p[") }.count == 6)
    #expect(found["p[a=1, b=2]"] == ["l[a=1]", "r[b=2]"])
    #expect(found["p[a=0, b=1]"] == ["l[a=0]", "r[b=1]"])
  }

  /// The axes of the left side come first; the right side lists them the other way round.
  @Test func placesMeetByNameAndNotByOrder() throws {
    let found = try wiring([
      node("a", "source", ["axes": ["x": 2, "y": 3]]),
      node("b", "source", ["axes": ["y": 3, "x": 2]]),
      node("l", "batch", ["of": "a"]), node("r", "batch", ["of": "b"]),
      node("p", "pair", ["left": "l", "right": "r"]),
    ])
    #expect(found["p[x=1, y=2]"] == ["l[x=1, y=2]", "r[y=2, x=1]"])
  }

  @Test func aMissingAxisBroadcasts() throws {
    let found = try wiring([
      node("a", "source", ["count": 3]), node("b", "source"), node("l", "batch", ["of": "a"]),
      node("r", "batch", ["of": "b"]), node("p", "pair", ["left": "l", "right": "r"]),
    ])
    for place in 0..<3 { #expect(found["p[a=\(place)]"] == ["l[a=\(place)]", "r"]) }
  }

  @Test func asRenamesAnAxisAtAReference() throws {
    let found = try wiring([
      node("a", "source", ["count": 2]), node("l", "batch", ["of": "a"]),
      node("p", "pair", ["left": "l", "right": ["from": "l", "as": ["a": "other"]]]),
    ])
    #expect(found["p[a=0, other=1]"] == ["l[a=0]", "l[a=1]"])
    #expect(found.keys.filter { $0.hasPrefix("p[") }.count == 4)
  }

  @Test func wrongRenamesAreRefused() {
    let base = [node("a", "source", ["axes": ["x": 2, "y": 2]])]
    #expect(
      errors(base + [node("c", "chain", ["of": ["from": "a", "as": ["z": "w"]]])]) == [
        "'a' has no axis 'z' to be renamed; its axes are [x[2], y[2]]"
      ])
    #expect(
      errors(base + [node("c", "chain", ["of": ["from": "a", "as": ["x": "y"]]])]) == [
        "'as' gives two axes of 'a' one name: [y[2], y[2]]"
      ])
    // Both at once is an exchange.
    #expect(
      errors(base + [node("c", "chain", ["of": ["from": "a", "as": ["x": "y", "y": "x"]]])]) == [])
  }

  @Test func oneNameWithTwoSizesIsRefusedWithBoth() {
    #expect(
      errors([
        node("a", "source", ["axes": ["x": 2]]), node("b", "source", ["axes": ["x": 3]]),
        node("p", "pair", ["left": "a", "right": "b"]),
      ]) == ["axis 'x' has 2 places on one side and 3 on the other"])
    #expect(
      errors([
        node("a", "source", ["axes": ["x": ["s", "t"]]]),
        node("b", "source", ["axes": ["x": ["s", "u"]]]),
        node("p", "pair", ["left": "a", "right": "b"]),
      ]) == ["axis 'x' has the places s, t on one side and the places s, u on the other"])
  }

  /// ```
  /// a[x, y], taken [y, x]: y inner, so that
  /// the places come as (0,0) (0,1) (0,2) (1,0) …
  /// ```
  @Test(arguments: [
    (
      ["y", "x"],
      ["a[x=0, y=0]", "a[x=0, y=1]", "a[x=0, y=2]", "a[x=1, y=0]", "a[x=1, y=1]", "a[x=1, y=2]"]
    ),
    (
      ["x", "y"],
      ["a[x=0, y=0]", "a[x=1, y=0]", "a[x=0, y=1]", "a[x=1, y=1]", "a[x=0, y=2]", "a[x=1, y=2]"]
    ),
  ])
  func theFirstTakenAxisIsTheInnerOne(over: [String], order: [String]) throws {
    let plan = try Plan(
      expanding: graph(
        [
          node("s", "source", ["axes": ["x": 2, "y": 3]]), node("a", "batch", ["of": "s"]),
          node("r", "reduce", ["of": "a", "over": .init(.list(over.map { .init(.text($0)) }))]),
          node("e", "evaluate", ["of": "r"]),
        ], run: run), fusing: false)
    #expect(plan.wiring["r"] == order)
  }

  @Test func whatIsNotTakenIsMapped() throws {
    let plan = try Plan(
      expanding: graph(
        [
          node("s", "source", ["axes": ["x": 2, "y": 2]]), node("a", "batch", ["of": "s"]),
          node("r", "reduce", ["of": "a", "over": "x"]), node("e", "evaluate", ["of": "r"]),
        ], run: run), fusing: false)
    #expect(plan.wiring["r[y=0]"] == ["a[x=0, y=0]", "a[x=1, y=0]"])
    #expect(plan.wiring["r[y=1]"] == ["a[x=0, y=1]", "a[x=1, y=1]"])
  }

  @Test func placesAreBounded() {
    #expect(
      errors([
        node(
          "a", "source",
          ["axes": ["x": 1_000_000, "y": 1_000_000, "z": 1_000_000, "w": 1_000_000]])
      ]) == [
        "[x[1000000], y[1000000], z[1000000], w[1000000]] has more than 1000000 places"
      ])
    #expect(
      errors([
        node("a", "source", ["axes": ["x": 2_000]]), node("b", "source", ["axes": ["y": 2_000]]),
        node("p", "pair", ["left": "a", "right": "b"]),
      ]) == ["[x[2000], y[2000]] has more than 1000000 places"])
  }

  @Test func tasksAndReadsOfAStepAreBounded() throws {
    let wide = try graph([
      node("a", "source", ["axes": ["x": 40]]), node("b", "source", ["axes": ["y": 40]]),
      node("p", "pair", ["left": "a", "right": "b"]),
    ])
    #expect(throws: Diagnostic("the plan has more than 1000 tasks a step", at: nil)) {
      try Plan(expanding: wide, limit: 1_000)
    }
    let crowded = try graph([
      node("a", "source", ["axes": ["x": 90]]), node("b", "source", ["axes": ["x": 90, "y": 2]]),
      node("r", "reduce", ["of": ["from": "a", "as": ["x": "z"]], "over": "z"]),
      node("c", "reduce", ["of": "b", "over": "x"]),
    ])
    #expect(throws: Never.self) { try Plan(expanding: crowded, limit: 1_000) }
    let all = try graph([
      node("a", "source", ["axes": ["x": 30, "y": 30]]),
      node("p", "pair", ["left": "a", "right": ["from": "a", "as": ["x": "u"]]]),
    ])
    #expect(throws: Diagnostic("the plan has more than 64 tasks a step", at: nil)) {
      try Plan(expanding: all, limit: 64)
    }
  }
}
