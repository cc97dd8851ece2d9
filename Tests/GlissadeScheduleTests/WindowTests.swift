import GlissadeGraph
import GlissadeSchedule
import GlissadeTesting
import Testing

@Suite struct WindowTests {
  @Test func aChainOfStatesRunsStepByStep() throws {
    var probe = SchedulerProbe(counter(), steps: 2, window: 2, slots: 4)
    #expect(try probe.begin() == ["start 0@0"])
    #expect(try probe.finish(0, 0) == ["release 0@-1", "completed 0", "start 0@1"])
    #expect(try probe.finish(0, 1) == ["release 0@0", "completed 1", "release 0@1", "done 2"])
    #expect(probe.state.reservedBytes == 0)
    #expect(probe.state.peakReservedBytes == 8)
  }

  /// Independent tasks of later steps run ahead as far as the window is deep.
  @Test(arguments: [1, 2, 3])
  func theWindowBoundsHowFarStepsRunAhead(depth: Int) throws {
    var sketch = TableSketch()
    sketch.add()
    var probe = SchedulerProbe(sketch.table(), steps: 5, window: depth, slots: 9)
    #expect(try probe.begin() == (0..<depth).map { "start 0@\($0)" })
    // The newest ends first: nothing opens before the oldest has ended.
    for step in (1..<depth).reversed() {
      #expect(try probe.finish(0, step) == ["release 0@\(step)"])
    }
    let completed = (0..<depth).map { "completed \($0)" }
    let opened = (depth..<min(2 * depth, 5)).map { "start 0@\($0)" }
    #expect(try probe.finish(0, 0) == ["release 0@0"] + completed + opened)
  }

  @Test func slotsBoundHowManyRunAndTheEarliestStepComesFirst() throws {
    var sketch = TableSketch()
    sketch.add()
    sketch.add()
    var probe = SchedulerProbe(sketch.table(), ranks: [1, 0], steps: 2, window: 2, slots: 3)
    #expect(try probe.begin() == ["start 1@0", "start 0@0", "start 1@1"])
    #expect(try probe.finish(1, 1) == ["release 1@1", "start 0@1"])
    #expect(probe.state.running == 3)
  }

  /// The reason tells what made a task ready, its rank and how many were.
  @Test func aStartHasItsReason() throws {
    var sketch = TableSketch()
    sketch.add()
    sketch.add(uses: [.init(0), .init(1, lag: 1, floor: -1)])
    var probe = SchedulerProbe(sketch.table(), steps: 2, window: 2, slots: 1)
    _ = try probe.runToTheEnd()
    let starts: [Instruction] = probe.log.filter {
      if case .start = $0 { true } else { false }
    }
    func start(_ task: Int, _ step: Int, _ cause: StartReason.Cause, ready: Int32) -> Instruction {
      .start(
        TaskID(step: step, index: task), attempt: 1,
        reason: StartReason(cause: cause, rank: Int32(task), ready: ready))
    }
    #expect(
      starts == [
        start(0, 0, .stepOpened, ready: 2),
        start(1, 0, .dependency(TaskID(step: 0, index: 0)), ready: 2),
        start(0, 1, .stepOpened, ready: 1),
        start(1, 1, .dependency(TaskID(step: 1, index: 0)), ready: 1),
      ])
  }

  /// ```
  ///   step        0  1  2  3  4  5  6
  ///   task 0      x  x  x  x  x  x  x
  ///   task 1            x        x  x     period 3, and the last step
  /// ```
  @Test func aPeriodicTaskIsDueOnMultiplesAndInTheLastStep() throws {
    var sketch = TableSketch()
    sketch.add()
    sketch.add(uses: [.init(0)], outputs: [], period: 3)
    var probe = SchedulerProbe(sketch.table(), steps: 7, window: 2, slots: 2)
    let words = try probe.runToTheEnd()
    #expect(words.filter { $0.hasPrefix("start 1@") } == ["start 1@2", "start 1@5", "start 1@6"])
    #expect(words.filter { $0.hasPrefix("release") }.count == 7)
    #expect(words.last == "done 7")
  }

  @Test func stepsInWhichNothingIsDueCompleteAtOnce() throws {
    var sketch = TableSketch()
    sketch.add(outputs: [], period: 3)
    var probe = SchedulerProbe(sketch.table(), steps: 4, window: 1)
    #expect(try probe.begin() == ["completed 0", "completed 1", "start 0@2"])
    #expect(try probe.finish(0, 2) == ["completed 2", "start 0@3"])
    #expect(try probe.finish(0, 3) == ["completed 3", "done 4"])
  }

  @Test func aRunWithoutStepsOrTasksIsOverAtOnce() throws {
    var noSteps = SchedulerProbe(counter(), steps: 0)
    #expect(try noSteps.begin() == ["done 0"])
    var noTasks = SchedulerProbe(TaskTable(), steps: 1_000_000_000)
    #expect(try noTasks.begin() == ["done 1000000000"])
  }

  /// The size of a run is no size of the scheduler.
  @Test func aBillionStepsTakeTheMemoryOfTheWindow() throws {
    let bytes = SchedulerState.bytes(of: counter(), steps: 1_000_000_000, windowDepth: 8)
    #expect(bytes == 9 * 24)
    var probe = SchedulerProbe(counter(), steps: 1_000_000_000, window: 8)
    _ = try probe.begin()
    for step in 0..<100 { _ = try probe.finish(0, step) }
    #expect(probe.state.reservedBytes == 8)
    #expect(SchedulerState.bytes(of: counter(), steps: .max, windowDepth: .max) == nil)
  }

  /// A lag with floor 0 reads step 0 until it fits: in step 0 that is a wait inside the step.
  @Test func aFloorClampsIntoStepZero() throws {
    var sketch = TableSketch()
    sketch.add(outputs: [1])
    sketch.add(uses: [.init(0, lag: 2)], outputs: [])
    var probe = SchedulerProbe(sketch.table(), ranks: [1, 0], steps: 4, window: 4, slots: 9)
    #expect(try probe.begin() == (0..<4).map { "start 0@\($0)" })
    // Steps 0, 1 and 2 read step 0.
    #expect(try probe.finish(0, 0) == ["start 1@0", "start 1@1", "start 1@2"])
    // Step 3 reads step 1; nobody reads steps 2 and 3.
    #expect(try probe.finish(0, 1) == ["start 1@3"])
    #expect(try probe.finish(0, 2) == ["release 0@2"])
    #expect(try probe.finish(1, 2) == [])
    #expect(try probe.finish(1, 1) == [])
    #expect(try probe.finish(1, 0) == ["release 0@0", "completed 0", "completed 1", "completed 2"])
  }
}
