import GlissadeGraph
import Testing

/// When nodes run, and what readers on another clock see.
@Suite struct ClockTests {
  private let run: KeyValuePairs<String, AttributeValue> = ["until": ["steps": 7]]
  private let base = [node("a", "source"), node("b", "batch", ["of": "a"])]

  private func every(_ steps: Int) -> AttributeValue { ["steps": .init(.integer(steps))] }

  @Test func aNodeWithoutStateOrBatchRunsOnce() throws {
    let found = try graph(base + [node("c", "chain", ["of": "a"])], run: run)
    #expect(found["a"].clock == .once)
    #expect(found["c"].clock == .once)
    #expect(found["b"].clock == .step)
  }

  @Test func everyRunsOnMultiplesAndAtTheEnd() throws {
    let found = try graph(
      base + [node("e", "evaluate", ["of": "b", "every": every(3)])], run: run)
    #expect(found["e"].clock == .every(3))
    let plan = try Plan(expanding: found)
    let task = plan.taskNames.firstIndex(of: "e")!
    #expect((0..<7).filter { plan.step.table.isDue(task, step: $0, of: 7) } == [2, 5, 6])
    #expect(
      try (1...7).map { try PlanInterpreter(plan, steps: $0).numbers("e")?[0] ?? -1 }
        == [-1, -1, 2, 2, 2, 5, 6])
  }

  @Test func everyEpochCountsTheStepsOfTheBatch() throws {
    let found = try graph(
      base + [node("e", "evaluate", ["of": "b", "every": ["epochs": 2]])],
      run: ["until": ["epochs": 4]])
    #expect(found["e"].clock == .every(10))
    #expect(found.run.steps == 20)
    #expect(found.run.epochSteps == 5)
  }

  @Test func whatReadsOnlyHeldValuesKeepsTheirClock() throws {
    let found = try graph(
      base + [
        node("c", "chain", ["of": "b", "every": every(3)]), node("d", "chain", ["of": "c"]),
        node("p", "pair", ["left": "c", "right": "a"]),
        node("q", "pair", ["left": "c", "right": "b"]), node("e", "evaluate", ["of": "q"]),
      ], run: run)
    #expect(found["d"].clock == .every(3))
    #expect(found["p"].clock == .every(3))
    #expect(found["q"].clock == .step)
  }

  @Test func aReaderInEveryStepSeesWhatIsHeldFromBefore() throws {
    let plan = try Plan(
      expanding: graph(
        base + [
          node("c", "chain", ["of": "b", "every": every(3)]),
          node("q", "pair", ["left": "c", "right": "b"]), node("e", "evaluate", ["of": "q"]),
        ], run: run), fusing: false)
    #expect(plan.wiring["q"] == ["held:c@-1", "b"])
    // c is b + 1 at steps 3 and 6, so 3 and 6.
    #expect(
      try (1...7).map { try PlanInterpreter(plan, steps: $0).numbers("e")?[0] }
        == [0, 1, 2, 3003, 3004, 3005, 6006])
  }

  @Test func aReaderAtMultiplesSeesWhatIsMadeInTheSameStep() throws {
    let plan = try Plan(
      expanding: graph(
        base + [
          node("c", "chain", ["of": "b", "every": every(2)]),
          node("e", "evaluate", ["of": "c", "every": every(4)]),
          node("f", "evaluate", ["of": "c", "every": every(3)]),
          node("h", "evaluate", ["of": ["from": "c", "staleness": 1], "every": every(2)]),
        ], run: ["until": ["steps": 8]]), fusing: false)
    #expect(plan.wiring["e"] == ["c"])
    #expect(plan.wiring["f"] == ["held:c@-1"])
    #expect(plan.wiring["h"] == ["held:c@-1"])
    let end = try PlanInterpreter(plan, steps: 8)
    #expect(end.numbers("e") == [8])
    #expect(end.numbers("f") == [6])
    #expect(end.numbers("h") == [6])
  }

  @Test func whatRunsNowAndThenReadsTheVersionAfterThatManyUpdates() throws {
    let plan = try Plan(
      expanding: graph(
        [
          node("w", "parameters"), node("a", "source"),
          node("g", "gradient", ["at": "w", "data": "a"]),
          node("u", "update", ["of": "w", "with": "g"]),
          node("e", "evaluate", ["of": "w", "every": every(3)]),
          node("f", "evaluate", ["of": "w"]),
        ], run: run), fusing: false)
    #expect(plan.wiring["e"] == ["u"])
    #expect(plan.wiring["f"] == ["u@-1"])
  }

  @Test func everyWithoutEffectIsRefused() {
    #expect(
      errors([node("a", "source"), node("c", "chain", ["of": "a", "every": every(2)])]) == [
        "'every' has no effect: nothing that 'c' reads changes"
      ])
  }

  @Test func aNextVersionRunsInEveryStep() {
    #expect(
      errors(
        [
          node("w", "parameters"), node("a", "source"),
          node("g", "gradient", ["at": "w", "data": "a"]),
          node("u", "update", ["of": "w", "with": "g", "every": every(2)]),
        ], run: run) == [
          "'every' cannot stand at 'u': what it keeps from step to step moves on in every step",
          "'u' is the next version of 'w' and must run in every step",
        ])
  }

  /// An update of each step cannot use a gradient that is not there yet.
  @Test func whatIsHeldIsNotThereBeforeItsFirstTime() throws {
    func nodes(_ own: Int) -> [NodeDescription] {
      [
        node("w", "parameters"), node("a", "source"), node("b", "batch", ["of": "a"]),
        node("g", "gradient", ["at": "w", "data": "b", "every": every(own)]),
        node("u", "update", ["of": "w", "with": "g"]),
      ]
    }
    #expect(
      errors(nodes(2), run: run) == [
        "'with' of 'u' reads 'g', which runs every 2 steps: there is nothing to read before its first time"
      ])
    #expect(errors(nodes(1), run: run).count == 1)
  }

  @Test func epochsOfSeveralBatchesNeedAName() throws {
    let two = base + [node("d", "batch", ["of": "a", "epoch": 7])]
    #expect(
      errors(two, run: ["until": ["epochs": 2]]) == [
        "the graph has several batches (b, d): say whose epochs with 'of'"
      ])
    #expect(try graph(two, run: ["until": ["epochs": 2, "of": "d"]]).run.steps == 14)
    #expect(try graph(two, run: ["until": ["steps": 3]]).run.epochSteps == 7)
    #expect(
      errors(two, run: ["until": ["epochs": 2, "of": "a"]]) == [
        "'of' expects a batch, and 'a' is none"
      ])
  }

  @Test func stepsAreBounded() {
    #expect(
      errors(
        [node("a", "source"), node("b", "batch", ["of": "a", "epoch": 1000])],
        run: ["until": ["epochs": 10_000_000]]) == [
          "10000000 epochs of 1000 steps pass the limit of 1000000000 steps"
        ])
  }
}
