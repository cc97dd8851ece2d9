import GlissadeGraph
import GlissadeSchedule
import GlissadeTesting
import Testing

/// Deciding for whole steps at a time and deciding task by task are the same decisions.
@Suite struct WindowStateTests {
  /// What one end of a task led to, in an order that does not depend on who says it.
  private struct Answer: Hashable {
    var started: [TaskID] = []
    var released: [WindowState.Version] = []
    var completed: [Int] = []

    mutating func sort() {
      started.sort()
      released.sort { ($0.step, $0.value) < ($1.step, $1.value) }
    }
  }

  /// Decides task by task, without a limit of running tasks.
  private struct TaskByTask {
    var state: SchedulerState

    mutating func answer(to event: SchedulerEvent) -> Answer {
      var instructions: [Instruction] = []
      state.handle(event, into: &instructions)
      var answer = Answer()
      for instruction in instructions {
        switch instruction {
        case .start(let task, _, _): answer.started.append(task)
        case .release(let value, let step):
          answer.released.append(WindowState.Version(value: value, step: step))
        case .completed(let step): answer.completed.append(step)
        case .finished, .spill, .evict, .fetch: break
        }
      }
      answer.sort()
      return answer
    }
  }

  /// Decides for whole steps, as the engine asks it to.
  private struct StepByStep {
    let state: WindowState
    let steps: Int
    var oldest = 0

    mutating func begin() -> Answer {
      var answer = Answer()
      while state.opened < min(state.depth, steps) { state.open(ready: &answer.started) }
      complete(&answer)
      answer.sort()
      return answer
    }

    mutating func finish(_ task: TaskID) -> Answer {
      var answer = Answer()
      state.endReads(of: Int(task.index), step: task.step, released: &answer.released)
      if state.finish(Int(task.index), step: task.step, ready: &answer.started) {
        complete(&answer)
      }
      answer.sort()
      return answer
    }

    private mutating func complete(_ answer: inout Answer) {
      while oldest < state.opened, state.isComplete(oldest) {
        answer.completed.append(oldest)
        state.unpin(oldest, released: &answer.released)
        oldest += 1
        if state.opened < steps { state.open(ready: &answer.started) }
      }
    }
  }

  private static var seeds: Range<UInt64> {
    #if DEBUG
      0..<1_000
    #else
      0..<10_000
    #endif
  }

  /// Random tables, numbers of steps and depths of the window; tasks end in a random order.
  @Test func bothGiveTheSameInstructions() throws {
    var compared = 0
    for seed in propertySeeds(Self.seeds) {
      var generator = SeededGenerator(seed: seed)
      let table = RandomTables.table(using: &generator)
      let steps = generator.number(1...8)
      let depth = generator.number(1...5)
      let ranks = Priorities.order(of: table)
      guard table.taskCount > 0,
        let template = WindowTemplate(table, ranks: ranks, steps: steps)
      else { continue }
      compared += 1
      var one = TaskByTask(
        state: SchedulerState(
          table: table, ranks: ranks, steps: steps, windowDepth: depth, slots: .max))
      var other = StepByStep(state: WindowState(template, windowDepth: depth), steps: steps)
      var running: [TaskID] = []
      var expected = one.answer(to: .begin)
      var found = other.begin()
      while true {
        try #require(found == expected, "GLISSADE_SEED=\(seed)")
        running += expected.started
        guard !running.isEmpty else { break }
        let ended = running.remove(at: generator.number(0...running.count - 1))
        expected = one.answer(to: .finished(ended, attempt: 1))
        found = other.finish(ended)
      }
      #expect(other.oldest == steps, "GLISSADE_SEED=\(seed)")
    }
    #expect(compared > 0)
  }
}
