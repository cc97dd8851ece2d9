import GlissadeGraph
import Testing

/// States, their next versions, and what late readers see.
@Suite struct StateTests {
  private let base = [
    node("w", "parameters"), node("a", "source", ["plus": 4]),
    node("g", "gradient", ["at": "w", "data": "a"]),
    node("u", "update", ["of": "w", "with": "g"]),
  ]
  private let run: KeyValuePairs<String, AttributeValue> = ["until": ["steps": 6]]

  @Test func theOnlyUpdateIsTheNextVersion() throws {
    let found = try graph(base, run: run)
    #expect(found["w"].next == Graph.PortReference(node: 3, port: "value"))
    #expect(found["w"].clock == .step)
  }

  @Test func aReaderSeesTheVersionBeforeTheStep() throws {
    let plan = try Plan(expanding: graph(base, run: run), fusing: false)
    #expect(plan.wiring["g"] == ["u@-1", "once:a"])
    #expect(plan.wiring["u"] == ["u@-1", "g", "u@-1"])
    // Step by step: w − (w + 4) / 8.
    var expected = 100.0
    for steps in 1...6 {
      expected -= (expected + 4) / 8
      let found = try PlanInterpreter(plan, steps: steps)
      #expect(found.numbers("w") == [expected])
      #expect(found.numbers("u.state") == [Double(steps)])
    }
    #expect(try PlanInterpreter(plan, steps: 0).numbers("w") == [100])
  }

  @Test func aStateWithoutAnUpdateStaysAsItIs() throws {
    let found = try graph(
      [node("w", "parameters"), node("c", "chain", ["of": "w"])], outputs: ["c": "c.npy"])
    #expect(found["w"].clock == .once)
    #expect(found.run.steps == 0)
    let plan = try Plan(expanding: found)
    #expect(plan.step.table.taskCount == 0)
    #expect(try PlanInterpreter(plan, steps: 0).numbers("c") == [101])
  }

  @Test func severalUpdatesNeedNext() throws {
    let more = node("v", "update", ["of": "w", "with": "g"])
    #expect(
      errors(base + [more], run: run) == [
        "'w' has several updates (u, v): say which with 'next'"
      ])
    var nodes = base + [more]
    nodes[0] = node("w", "parameters", ["next": "v"])
    #expect(try graph(nodes, run: run)["w"].next?.node == 4)
  }

  @Test func nextMustGiveParameters() {
    var nodes = base
    nodes[0] = node("w", "parameters", ["next": "g"])
    #expect(errors(nodes, run: run) == ["'next' of 'w' expects parameters, and 'g' gives none"])
    nodes[0] = node("w", "parameters", ["next": "uu"])
    #expect(
      errors(nodes, run: run) == [
        "'next' refers to 'uu', and no node has that name [did you mean 'u'?]"
      ])
  }

  @Test func aNextVersionOfAnotherFamilyIsRefusedWithBothSides() {
    #expect(
      errors(
        [
          node("w", "parameters"), node("a", "source", ["count": 3]),
          node("g", "gradient", ["at": "w", "data": "a"]),
          node("u", "update", ["of": "w", "with": "g"]),
        ], run: run) == ["'w' is single, and its next version 'u' is [a[3]]"])
  }

  @Test func aNextVersionOfAnotherShapeIsRefusedWithBothSides() {
    let labels: AttributeValue = ["m": ["s", "t"]]
    let nodes = [
      node("w", "parameters", ["axes": labels, "width": ["s": 1, "t": 2], "next": "u"]),
      node("v", "parameters", ["axes": labels, "width": ["s": 1, "t": 3]]),
      node("a", "source"), node("g", "gradient", ["at": "v", "data": "a"]),
      node("u", "update", ["of": "v", "with": "g"]),
    ]
    #expect(
      errors(nodes, run: run) == [
        "'w' has the shape [2] at m=t, and its next version 'u' has [3]"
      ])
  }

  /// The next version lists the axes of the state the other way round.
  @Test func versionsMeetByTheNamesOfTheirAxes() throws {
    let found = try graph(
      [
        node("w", "parameters", ["axes": ["x": 2, "y": 3], "next": "u"]),
        node("a", "source", ["axes": ["y": 3, "x": 2]]),
        node("v", "parameters", ["axes": ["y": 3, "x": 2]]),
        node("g", "gradient", ["at": "v", "data": "a"]),
        node("u", "update", ["of": "v", "with": "g"]),
        node("c", "evaluate", ["of": "w"]),
      ], run: run)
    let plan = try Plan(expanding: found, fusing: false)
    #expect(plan.wiring["c[x=1, y=2]"] == ["u[y=2, x=1]@-1"])
  }

  @Test func aStateMayBeginAsAnother() throws {
    let found = try graph(base + [node("copy", "parameters", ["initial": "w"])], run: run)
    let plan = try Plan(expanding: found)
    #expect(try PlanInterpreter(plan, steps: 3).numbers("copy") == [100])
  }

  @Test func aStateCannotBeginAsAValueOfAStep() {
    #expect(
      errors(base + [node("late", "parameters", ["initial": "u"])], run: run) == [
        "'initial' of 'late' is read before the first step, and 'u' changes from step to step"
      ])
  }

  @Test func aStateHasNoClockOfItsOwn() {
    var nodes = base
    nodes[0] = node("w", "parameters", ["every": ["steps": 2]])
    #expect(
      errors(nodes, run: run) == ["'every' has no effect: 'w' moves on with its next version"])
  }

  // MARK: Staleness

  @Test(arguments: [0, 1, 3])
  func aLateReaderOfAStateSeesAnOlderVersion(staleness: Int) throws {
    var nodes = base
    nodes[2] = node(
      "g", "gradient", ["at": ["from": "w", "staleness": .init(.integer(staleness))], "data": "a"])
    let plan = try Plan(expanding: graph(nodes, run: run), fusing: false)
    #expect(plan.wiring["g"] == ["u@-\(1 + staleness)", "once:a"])
    var versions = [100.0]
    for step in 0..<6 {
      let old = versions[max(0, step - staleness)]
      versions.append(versions[step] - (old + 4) / 8)
    }
    #expect(try PlanInterpreter(plan, steps: 6).numbers("w") == [versions[6]])
  }

  @Test func aLateReaderOfAValueSeesTheFirstOneUntilThereAreOthers() throws {
    let plan = try Plan(
      expanding: graph(
        [
          node("a", "source"), node("b", "batch", ["of": "a"]),
          node("e", "evaluate", ["of": ["from": "b", "staleness": 2]]),
        ], run: run), fusing: false)
    #expect(plan.wiring["e"] == ["b@-2"])
    let seen = try (1...6).map { try PlanInterpreter(plan, steps: $0).numbers("e") }
    #expect(seen == [[0], [0], [0], [1], [2], [3]])
  }

  @Test func stalenessOfWhatDoesNotChangeIsRefused() {
    #expect(
      errors([
        node("a", "source"), node("c", "chain", ["of": ["from": "a", "staleness": 1]]),
      ]) == ["'staleness' has no effect: 'a' does not change from step to step"])
  }
}
