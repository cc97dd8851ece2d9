import GlissadeGraph
import GlissadeSchedule
import GlissadeTesting
import Testing

@Suite struct ReleaseTests {
  @Test func aValueLivesUntilItsLastReaderHasFinished() throws {
    var sketch = TableSketch()
    sketch.add(outputs: [3])
    sketch.add(uses: [.init(0)], outputs: [], workspace: 7)
    sketch.add(uses: [.init(0), .init(0)], outputs: [])
    var probe = SchedulerProbe(sketch.table(), ranks: [0, 1, 2], slots: 2)
    _ = try probe.begin()
    #expect(probe.state.reservedBytes == 3)
    #expect(try probe.finish(0) == ["start 1@0", "start 2@0"])
    #expect(probe.state.reservedBytes == 10)
    #expect(try probe.finish(2) == [])
    #expect(try probe.finish(1) == ["release 0@0", "completed 0", "done 1"])
    #expect(probe.state.reservedBytes == 0)
    #expect(probe.state.peakReservedBytes == 10)
  }

  @Test func aValueThatNobodyReadsIsReleasedAtOnce() throws {
    var sketch = TableSketch()
    sketch.add(outputs: [1, 2])
    var probe = SchedulerProbe(sketch.table())
    _ = try probe.begin()
    #expect(try probe.finish(0) == ["release 0@0", "release 1@0", "completed 0", "done 1"])
  }

  @Test func aPinnedValueIsThereWhenItsStepCompletes() throws {
    var sketch = TableSketch()
    sketch.add(pinned: [0])
    sketch.add(uses: [.init(0)])
    var probe = SchedulerProbe(sketch.table())
    _ = try probe.begin()
    _ = try probe.finish(0)
    #expect(try probe.finish(1) == ["release 1@0", "completed 0", "release 0@0", "done 1"])
  }

  /// ```
  ///   step       0    1    2    3        The gradient of step t reads the weights of
  ///   reads     -1   -1   -1    0        t - 3, not before -1: the initial version
  ///                                      lives until step 2 has read it.
  /// ```
  @Test func theInitialVersionLivesWhileTheFloorClamps() throws {
    var sketch = TableSketch()
    sketch.add(outputs: [4])
    sketch.add(uses: [.init(0, lag: 3, floor: -1)], outputs: [])
    var probe = SchedulerProbe(sketch.table(), steps: 4, window: 1)
    let words = try probe.runToTheEnd()
    #expect(
      words.firstIndex(of: "release 0@-1") == words.firstIndex(of: "completed 2").map { $0 - 1 })
    #expect(words.filter { $0.hasPrefix("release") }.count == 5)
    #expect(words.last == "done 4")
  }

  @Test func anInitialVersionThatNobodyReadsIsReleasedAtOnce() throws {
    var sketch = TableSketch()
    sketch.add()
    sketch.add(uses: [.init(0, lag: 1, floor: -1)], outputs: [], period: 2)
    var probe = SchedulerProbe(sketch.table(), steps: 2)
    #expect(try probe.begin() == ["release 0@-1", "start 0@0"])
  }

  /// ```
  ///   step         0   1   2   3   4   5
  ///   score            x       x       x     due on every other step
  ///   rate reads   -   -   1   1   3   3     the score that is held, one step late
  /// ```
  @Test func aHeldValueLivesUntilAnotherReplacesIt() throws {
    var sketch = TableSketch()
    sketch.add(outputs: [8], period: 2)
    sketch.add(uses: [.init(0, lag: 1, time: .held)], outputs: [])
    var probe = SchedulerProbe(sketch.table(), ranks: [0, 1], steps: 6, window: 1)
    let words = try probe.runToTheEnd()
    #expect(
      words == [
        "start 1@0", "completed 0",
        "start 0@1", "start 1@1", "completed 1",
        "start 1@2", "completed 2",
        "start 0@3", "start 1@3", "completed 3", "release 0@1",
        "start 1@4", "completed 4",
        // Nobody reads the last score, though it replaces the one before it.
        "start 0@5", "release 0@5", "start 1@5", "completed 5", "release 0@3", "done 6",
      ])
    #expect(probe.state.reservedBytes == 0)
  }

  /// Whoever reads a held value waits for the task that makes it.
  @Test func aHeldReaderWaitsForItsVersion() throws {
    var sketch = TableSketch()
    sketch.add(outputs: [8], period: 2)
    sketch.add(uses: [.init(0, lag: 1, time: .held)], outputs: [])
    var probe = SchedulerProbe(sketch.table(), ranks: [0, 1], steps: 5, window: 4, slots: 9)
    #expect(try probe.begin() == ["start 1@0", "start 0@1", "start 1@1", "start 0@3"])
    #expect(try probe.finish(0, 1) == ["start 1@2", "start 1@3"])
  }

  /// A version far older than the window is still found and released.
  @Test func aHeldValueOutlivesTheWindow() throws {
    var sketch = TableSketch()
    sketch.add(outputs: [8], period: 10)
    sketch.add(uses: [.init(0, lag: 1, time: .held)], outputs: [])
    var probe = SchedulerProbe(sketch.table(), ranks: [0, 1], steps: 25, window: 1)
    let words = try probe.runToTheEnd()
    let place = words.firstIndex(of: "release 0@9") ?? 0
    #expect(words[place - 1] == "completed 19")
    #expect(words.last == "done 25")
  }

  @Test func theSameEventsGiveTheSameInstructions() throws {
    let table = TableSketch.training(shards: 5).table()
    var first = SchedulerProbe(table, steps: 4, window: 2, slots: 3)
    var second = SchedulerProbe(table, steps: 4, window: 2, slots: 3)
    #expect(try first.runToTheEnd() == second.runToTheEnd())
    #expect(first.log == second.log)
    #expect(first.log.count > 4 * table.taskCount)
  }

  /// Events one by one or all at once: the same instructions in the same order.
  @Test func batchesDecideNothingButTheOrderOfStarts() throws {
    var sketch = TableSketch()
    for _ in 0..<6 { sketch.add() }
    var single = SchedulerProbe(sketch.table(), slots: 2)
    var batched = SchedulerProbe(sketch.table(), slots: 2)
    #expect(try single.begin() == batched.begin())
    let events = (0...1).map { SchedulerEvent.finished(TaskID(step: 0, index: $0), attempt: 1) }
    let words = try single.send(events[0]) + single.send(events[1])
    #expect(try batched.send(events[0], events[1]) == words)
  }
}
