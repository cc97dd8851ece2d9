import GlissadeSchedule
import GlissadeTesting
import Testing

@Suite struct RetryTests {
  @Test func aTransientFailureIsTriedAgainUntilTheLimit() throws {
    var probe = SchedulerProbe(counter(), retries: 2)
    _ = try probe.begin()
    #expect(try probe.fail(0, attempt: 1, transient: true) == ["start 0@0 #2"])
    #expect(try probe.fail(0, attempt: 2, transient: true) == ["start 0@0 #3"])
    #expect(try probe.fail(0, attempt: 3, transient: true) == ["failed 0@0"])
    #expect(probe.state.running == 0)
  }

  @Test func aRetrySaysSo() throws {
    var probe = SchedulerProbe(counter())
    _ = try probe.begin()
    _ = try probe.fail(0, transient: true)
    let reason = StartReason(cause: .retry, rank: 0, ready: 1)
    #expect(probe.log.last == .start(TaskID(step: 0, index: 0), attempt: 2, reason: reason))
  }

  @Test func anotherFailureIsNotTriedAgain() throws {
    var probe = SchedulerProbe(counter())
    _ = try probe.begin()
    #expect(try probe.fail(0, transient: false) == ["failed 0@0"])
  }

  /// A lost attempt is not the task's fault, but there is an end to it too.
  @Test func lossesAreCountedApart() throws {
    var probe = SchedulerProbe(counter(), retries: 1, losses: 2)
    _ = try probe.begin()
    #expect(try probe.lose(0, attempt: 1) == ["start 0@0 #2"])
    #expect(try probe.fail(0, attempt: 2, transient: true) == ["start 0@0 #3"])
    #expect(try probe.lose(0, attempt: 3) == ["start 0@0 #4"])
    #expect(try probe.lose(0, attempt: 4) == ["failed 0@0"])
  }

  /// What comes late, twice or for something that never ran changes nothing.
  @Test func eventsOfOtherAttemptsAreIgnored() throws {
    var probe = SchedulerProbe(counter(), steps: 2)
    _ = try probe.begin()
    #expect(try probe.lose(0) == ["start 0@0 #2"])
    #expect(try probe.finish(0, attempt: 1) == [])
    #expect(try probe.lose(0, attempt: 1) == [])
    #expect(try probe.finish(0, 1) == [])
    #expect(try probe.finish(7) == [])
    #expect(try probe.finish(0, attempt: 2) == ["release 0@-1", "completed 0", "start 0@1"])
    #expect(try probe.finish(0, attempt: 2) == [])
    #expect(try probe.fail(0, attempt: 2, transient: false) == [])
  }

  /// After a failure for good nothing starts, and the run is over when the last running attempt has ended.
  @Test func aFailureWaitsForWhatRuns() throws {
    var sketch = TableSketch()
    for _ in 0..<4 { sketch.add(outputs: [2], workspace: 1) }
    var probe = SchedulerProbe(sketch.table(), slots: 3)
    #expect(try probe.begin() == ["start 0@0", "start 1@0", "start 2@0"])
    #expect(try probe.fail(1, transient: false) == [])
    #expect(try probe.finish(0) == ["release 0@0"])
    #expect(probe.state.reservedBytes == 3)
    #expect(try probe.fail(2, transient: true) == ["failed 1@0"])
    #expect(try probe.finish(2, attempt: 2) == [])
  }

  /// Of several failures the one in the earliest step is told, whichever came first.
  @Test func theEarliestFailureIsTold() throws {
    var sketch = TableSketch()
    sketch.add()
    sketch.add()
    var probe = SchedulerProbe(sketch.table(), steps: 2, window: 2, slots: 4)
    _ = try probe.begin()
    _ = try probe.fail(0, 1, transient: false)
    _ = try probe.fail(1, 0, transient: false)
    _ = try probe.finish(0, 0)
    #expect(try probe.finish(1, 1) == ["release 1@1", "failed 1@0"])
  }
}
