import GlissadeSchedule
import GlissadeTesting
import Testing

/// Early stop and cancellation.
@Suite struct EndingTests {
  /// ```
  ///   step 0   step 1   step 2   step 3
  ///   run      run      run ┊    -          stop after 1: step 2 is discarded,
  ///                         ┊               what runs in it ends, nothing of it starts.
  /// ```
  @Test func aStopDiscardsLaterSteps() throws {
    var sketch = TableSketch()
    sketch.add(pinned: [0])
    sketch.add(uses: [.init(0)], outputs: [])
    var probe = SchedulerProbe(sketch.table(), steps: 9, window: 3, slots: 3)
    #expect(try probe.begin() == ["start 0@0", "start 0@1", "start 0@2"])
    // Its value is pinned, but its step will not be completed: it is released at once.
    #expect(try probe.send(.stop(afterStep: 1)) == [])
    #expect(try probe.finish(0, 2) == ["release 0@2"])
    #expect(try probe.finish(0, 0) == ["start 1@0"])
    #expect(try probe.finish(1, 0) == ["completed 0", "release 0@0"])
    #expect(try probe.finish(0, 1) == ["start 1@1"])
    #expect(try probe.finish(1, 1) == ["completed 1", "release 0@1", "stopped 1"])
  }

  /// What only discarded steps would read is released when the stop is decided.
  @Test func aStopReleasesWhatOnlyLaterStepsRead() throws {
    var sketch = TableSketch()
    sketch.add(outputs: [5])
    sketch.add(uses: [.init(0)], outputs: [])
    var probe = SchedulerProbe(sketch.table(), ranks: [0, 1], steps: 2, window: 2, slots: 2)
    _ = try probe.begin()
    #expect(try probe.finish(0, 1) == ["start 1@1"])
    #expect(try probe.finish(0, 0) == ["start 1@0"])
    // Step 1 is discarded, but its task reads the value now.
    #expect(try probe.send(.stop(afterStep: 0)) == [])
    #expect(try probe.fail(1, 1, transient: true) == ["release 0@1"])
    #expect(try probe.finish(1, 0) == ["release 0@0", "completed 0", "stopped 0"])
  }

  @Test func aStopMayComeWhenLaterStepsAreComplete() throws {
    var probe = SchedulerProbe(counter(), steps: 9, window: 2)
    _ = try probe.begin()
    _ = try probe.finish(0, 0)
    _ = try probe.finish(0, 1)
    #expect(try probe.send(.stop(afterStep: 0)) == [])
    #expect(try probe.finish(0, 2) == ["release 0@2", "release 0@1", "stopped 0"])
  }

  @Test func aStopAfterTheLastStepChangesNothing() throws {
    var probe = SchedulerProbe(counter(), steps: 1)
    _ = try probe.begin()
    _ = try probe.send(.stop(afterStep: 0))
    #expect(try probe.finish(0).last == "done 1")
  }

  @Test func theEarlierOfTwoStopsCounts() throws {
    var probe = SchedulerProbe(counter(), steps: 9)
    _ = try probe.begin()
    _ = try probe.send(.stop(afterStep: 1), .stop(afterStep: 4))
    _ = try probe.finish(0, 0)
    #expect(try probe.finish(0, 1).last == "stopped 1")
  }

  /// A failure past the stop is discarded with its step, whichever is told first.
  @Test(arguments: [true, false])
  func aFailurePastTheStopDoesNotCount(failsFirst: Bool) throws {
    var sketch = TableSketch()
    sketch.add()
    var probe = SchedulerProbe(sketch.table(), steps: 2, window: 2, slots: 2)
    _ = try probe.begin()
    if failsFirst {
      _ = try probe.fail(0, 1, transient: false)
      _ = try probe.send(.stop(afterStep: 0))
    } else {
      _ = try probe.send(.stop(afterStep: 0))
      _ = try probe.fail(0, 1, transient: false)
    }
    #expect(try probe.finish(0, 0) == ["release 0@0", "completed 0", "stopped 0"])
  }

  /// A cancelled run finishes its oldest step, so that what it leaves is a whole version.
  @Test func cancellingFinishesTheOldestStep() throws {
    var probe = SchedulerProbe(counter(), steps: 9, window: 3, slots: 2)
    _ = try probe.begin()
    _ = try probe.finish(0, 0)
    #expect(try probe.send(.cancel) == [])
    let expected = ["release 0@0", "completed 1", "release 0@1", "cancelled 1"]
    #expect(try probe.finish(0, 1) == expected)
  }

  @Test func cancellingInTheLastStepCutsNothing() throws {
    var probe = SchedulerProbe(counter(), steps: 1)
    _ = try probe.begin()
    _ = try probe.send(.cancel)
    #expect(try probe.finish(0).last == "done 1")
  }

  @Test func aFailureIsToldThoughTheRunWasCancelled() throws {
    var probe = SchedulerProbe(counter(), steps: 3)
    _ = try probe.begin()
    _ = try probe.send(.cancel)
    #expect(try probe.fail(0, transient: false) == ["failed 0@0"])
  }
}
