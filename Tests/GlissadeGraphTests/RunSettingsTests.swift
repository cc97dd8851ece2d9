import GlissadeGraph
import Testing

/// What `run` and `outputs` may say.
@Suite struct RunSettingsTests {
  private let base = [
    node("a", "source"), node("b", "batch", ["of": "a"]), node("e", "evaluate", ["of": "b"]),
  ]

  private func run(_ stop: AttributeValue) -> KeyValuePairs<String, AttributeValue> {
    ["until": ["steps": 9], "stop": stop]
  }

  @Test func aGraphWithStepsSaysHowMany() {
    #expect(
      errors(base) == [
        "the graph has steps, and 'run' does not say how many: give 'until', such as { epochs: 10 }"
      ])
    #expect(
      errors([node("a", "source")], run: ["until": ["steps": 1]]) == [
        "'until' has no effect: nothing in the graph changes from step to step"
      ])
    #expect(
      errors(base, run: ["untill": ["steps": 1]]) == [
        "unknown attribute 'untill' of 'run' [did you mean 'until'?]"
      ])
  }

  @Test func stopNamesAMetricAndADirection() throws {
    let settings = try graph(
      base, run: run(["when": "e.loss", "best": "least", "patience": 2, "minimum-change": 0.5])
    ).run.stop
    #expect(settings?.node == 2)
    #expect(settings?.metric == "loss")
    #expect(settings?.best == .least)
    #expect(settings?.patience == 2)
    #expect(settings?.minimumChange == 0.5)
    #expect(
      errors(base, run: run(["when": "e.loss"])) == [
        "'stop' expects 'best: greatest' or 'best: least', or a value that it 'reaches'"
      ])
    #expect(
      errors(base, run: run(["when": "e.loss", "reaches": 1, "patience": 2])) == [
        "'patience' has no effect without 'best'"
      ])
    #expect(
      errors(base, run: run(["when": "e.los", "reaches": 1])) == [
        "'when' expects a metric of an evaluation: e.loss; found 'e.los' [did you mean 'loss'?]"
      ])
    #expect(
      errors(base, run: run(["when": "f.loss", "reaches": 1])) == [
        "'when' refers to 'f', and no node has that name: the nodes are a, b, e"
      ])
  }

  @Test func stopWantsASingleNumber() {
    #expect(
      errors(
        [
          node("a", "source", ["count": 2]), node("b", "batch", ["of": "a"]),
          node("e", "evaluate", ["of": "b"]),
        ], run: run(["when": "e.loss", "reaches": 1])) == [
          "'when' expects a single number, and 'e.loss' is [a[2]]"
        ])
  }

  @Test func outputsNameNodesPortsAndFiles() throws {
    let once = [node("a", "source"), node("c", "chain", ["of": "a"])]
    let found = try graph(once, outputs: ["c": "c.npy", "a.value": ["file": "a.npy"]]).outputs
    #expect(found.map(\.file) == ["c.npy", "a.npy"])
    #expect(found.map(\.isBest) == [false, false])
    #expect(
      errors(once, outputs: ["d": "x.npy"]) == [
        "the output 'd' refers to 'd', and no node has that name: the nodes are a, c"
      ])
    #expect(
      errors(once, outputs: ["c.none": "x.npy"]) == [
        "node 'c' has no port 'none'; its ports are value"
      ])
    #expect(
      errors(once, outputs: ["c": 3]) == [
        "the output 'c' expects a file name or a map with 'file', found 3"
      ])
    #expect(
      errors(once, outputs: ["c": ["version": "best", "file": "x.npy"]]) == [
        "'version: best' needs 'stop' with 'best' in 'run'"
      ])
  }

  @Test func anOutputWithAxesHasThemInItsFileName() {
    let family = [node("a", "source", ["axes": ["model": ["s", "t"]]])]
    #expect(
      errors(family, outputs: ["a": "x.npy"]) == [
        "the output 'a' is [model[2]], so its file name needs {model}"
      ])
    #expect(errors(family, outputs: ["a": "x-{model}.npy"]) == [])
  }
}
