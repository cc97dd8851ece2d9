import GlissadeGraph
import GlissadeTensor
import Testing

/// Culling, fusion and addresses.
@Suite struct PlanTests {
  private let run: KeyValuePairs<String, AttributeValue> = ["until": ["steps": 5]]
  private let base = [node("a", "source", ["count": 2]), node("b", "batch", ["of": "a"])]

  // MARK: Culling

  @Test func whatNoOutputNeedsIsLeftOut() throws {
    let found = try graph(
      base + [
        node("c", "chain", ["of": "b"]), node("d", "chain", ["of": "b"]),
        node("e", "chain", ["of": "d"]),
      ], run: run, outputs: ["c": "c-{a}.npy"])
    let plan = try Plan(expanding: found)
    #expect(plan.culled.map { found.nodes[$0].name } == ["d", "e"])
    #expect(try Plan(expanding: found, keeping: [found.port("d")!]).culled.count == 1)
  }

  @Test func evaluationsAndStatesAreWantedByTheRun() throws {
    let found = try graph(
      base + [
        node("e", "evaluate", ["of": "b"]), node("w", "parameters"),
        node("c", "chain", ["of": "a"]),
      ], run: run)
    #expect(try Plan(expanding: found).culled.map { found.nodes[$0].name } == ["c"])
  }

  @Test func aGraphThatWantsNothingKeepsEverything() throws {
    #expect(try Plan(expanding: graph(base, run: run)).culled.isEmpty)
  }

  // MARK: Fusion

  private var chains: [NodeDescription] {
    base + [
      node("c", "chain", ["of": "b"]), node("d", "chain", ["of": "c"]),
      node("e", "evaluate", ["of": "d"]),
    ]
  }

  @Test func aStraightChainIsOneTask() throws {
    let plan = try Plan(expanding: graph(chains, run: run))
    #expect(
      plan.taskNames == ["b[a=0] + c[a=0] + d[a=0] + e[a=0]", "b[a=1] + c[a=1] + d[a=1] + e[a=1]"])
    #expect(plan.address(of: plan.graph.port("c")!, place: 0) == nil)
    #expect(plan.address(of: plan.graph.port("e.loss")!, place: 1) == .step(3))
  }

  @Test func whatIsKeptIsNotFusedAway() throws {
    let found = try graph(chains, run: run)
    let plan = try Plan(expanding: found, keeping: [found.port("c")!])
    #expect(plan.taskNames.first == "b[a=0] + c[a=0]")
    #expect(plan.address(of: found.port("c")!, place: 0) != nil)
  }

  @Test func whatTwoReadIsNotFused() throws {
    let plan = try Plan(
      expanding: graph(
        base + [
          node("c", "evaluate", ["of": "b"]), node("d", "evaluate", ["of": "b"]),
        ], run: run))
    #expect(Set(plan.taskNames) == ["b[a=0]", "b[a=1]", "c[a=0]", "c[a=1]", "d[a=0]", "d[a=1]"])
  }

  @Test func whatIsReadLateIsNotFused() throws {
    let plan = try Plan(
      expanding: graph(
        base + [node("e", "evaluate", ["of": ["from": "b", "staleness": 1]])], run: run))
    #expect(plan.step.table.taskCount == 4)
  }

  @Test func differentClocksAreNotFused() throws {
    let plan = try Plan(
      expanding: graph(
        base + [node("e", "evaluate", ["of": "b", "every": ["steps": 2]])], run: run))
    #expect(plan.step.table.taskCount == 4)
  }

  /// Fused or not, every output and every state has the same numbers after each number of steps.
  @Test func fusionChangesNoResult() throws {
    let found = try graph(
      [
        node("w", "parameters", ["width": 3]), node("s", "source", ["count": 5]),
        node("b", "batch", ["of": "s"]), node("c", "chain", ["of": "b"]),
        node("g", "gradient", ["at": "w", "data": "c"]),
        node("m", "reduce", ["of": "g", "over": "s", "fan-in": 2]),
        node("u", "update", ["of": "w", "with": "m"]),
        node("e", "evaluate", ["of": "w", "every": ["steps": 2]]),
        node("x", "chain", ["of": "m"]), node("y", "chain", ["of": "x"]),
      ], run: run, outputs: ["y": "y.npy", "u.state": "u.npy"])
    let plain = try Plan(expanding: found, fusing: false)
    let fused = try Plan(expanding: found)
    #expect(fused.step.table.taskCount < plain.step.table.taskCount)
    for steps in 0...5 {
      let left = try PlanInterpreter(plain, steps: steps)
      let right = try PlanInterpreter(fused, steps: steps)
      for name in ["w", "y", "e", "u.state"] {
        #expect(left.numbers(name) == right.numbers(name), "\(name) after \(steps) steps")
      }
    }
  }

  // MARK: Addresses and names

  @Test func addressesSayWhereValuesAre() throws {
    let found = try graph(
      base + [
        node("w", "parameters"), node("r", "reduce", ["of": "b", "over": "a"]),
        node("u", "update", ["of": "w", "with": "r"]),
      ], run: run)
    let plan = try Plan(expanding: found, fusing: false)
    #expect(plan.address(of: found.port("a")!, place: 1) == .once(1))
    // A state is where its next version is.
    #expect(
      plan.address(of: found.port("w")!, place: 0) == plan.address(of: found.port("u")!, place: 0))
    #expect(plan.address(of: found.port("b")!, place: 2) == nil)
    #expect(plan.initials.count == 2)
    #expect(plan.steps == 5)
  }

  @Test func aReaderBeforeTheStepsReadsTheInitialVersion() throws {
    let found = try graph(
      [
        node("w", "parameters"), node("a", "source"),
        node("g", "gradient", ["at": "w", "data": "a"]),
        node("u", "update", ["of": "w", "with": "g"]),
        node("copy", "parameters", ["initial": "w"]),
      ], run: run, outputs: ["copy": "copy.npy"])
    let plan = try Plan(expanding: found)
    #expect(try PlanInterpreter(plan, steps: 5).numbers("copy") == [100])
  }

  @Test func planningTwiceGivesTheSameTables() throws {
    let found = try graph(chains, run: run)
    let left = try Plan(expanding: found)
    let right = try Plan(expanding: found)
    #expect(left.step.table.uses == right.step.table.uses)
    #expect(left.step.members == right.step.members)
    #expect(left.taskNames == right.taskNames)
  }
}
