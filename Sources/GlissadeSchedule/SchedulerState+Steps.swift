import GlissadeGraph

/// Steps: how the window moves.
extension SchedulerState {
  /// Brings the initial versions to life and opens the first steps.
  mutating func begin(into instructions: inout [Instruction]) {
    hasBegun = true
    // Without tasks there is nothing to complete step by step.
    if template.taskCount == 0 { oldest = end }
    guard oldest < end else { return }
    let base = valueBase(-1)
    for use in template.farUses where use.use.time == .step {
      values[base + Int(use.use.value)].claims += Int32(
        clamping: template.readers(use, of: -1, before: end))
    }
    for value in template.initial {
      values[base + Int(value)].isAlive = true
      beginInitial(Int(value))
    }
    beginOnce()
    peakReservedBytes = reservedBytes
    for value in template.initial where values[base + Int(value)].claims == 0 {
      release(Int(value), step: -1, into: &instructions)
    }
    openSteps()
    completeSteps(into: &instructions)
  }

  /// Opens steps until the window is full.
  ///
  /// It starts nothing.
  mutating func openSteps() {
    while ring.end < end, ring.end - oldest < windowDepth { openStep() }
  }

  private mutating func openStep() {
    let step = ring.end
    retireEarliest()
    let slot = ring.advance()
    let taskCount = template.taskCount
    let base = slot * taskCount
    for task in 0..<taskCount { records[base + task] = TaskRecord(waits: template.nearWaits[task]) }
    var due = taskCount
    for task in template.periodic where !template.isDue(task, step: step) {
      records[base + Int(task)].phase = .notDue
      due -= 1
    }
    unfinished[slot] = due
    countClaims(of: step, at: slot * template.valueCount)
    for far in template.farUses where isUnfinished(far, readAt: step) {
      records[base + Int(far.reader)].waits += 1
    }
    for task in template.roots {
      let record = records[base + Int(task)]
      if record.phase == .waiting && record.waits == 0 { makeReady(step, Int(task), at: base) }
    }
  }

  /// Whether the task that a use of another step reads from has still to finish.
  private func isUnfinished(_ far: StepTemplate.FarUse, readAt step: Int) -> Bool {
    guard let source = source(of: far, readAt: step), source >= oldest else { return false }
    let phase = records[recordBase(source) + Int(far.producer)].phase
    return phase != .finished && phase != .notDue
  }

  /// The step of the version that a use reads; nil where nothing was made yet.
  ///
  /// -1 is the initial version.
  func source(of far: StepTemplate.FarUse, readAt step: Int) -> Int? {
    if far.use.time == .held {
      return template.lastDue(far.producer, through: step - Int(far.use.lag))
    }
    return StepTemplate.source(of: far.use, at: step)
  }

  /// Fills the claims on the values of a step that opens.
  private mutating func countClaims(of step: Int, at base: Int) {
    let isSteady = step > 0 && step + template.reach < end
    for value in 0..<template.valueCount {
      values[base + value] = ValueRecord(claims: isSteady ? template.steadyClaims[value] : 0)
    }
    if isSteady {
      for entry in template.periodicUses
      where template.isDue(entry.reader, step: step + Int(entry.use.lag)) {
        values[base + Int(entry.use.value)].claims += 1
      }
    } else {
      for value in template.pinned { values[base + Int(value)].claims = 1 }
      let template = template
      template.forEachStepUse { entry in
        let readers = template.readers(entry, of: step, before: end)
        values[base + Int(entry.use.value)].claims += Int32(clamping: readers)
      }
    }
    for held in template.held
    where template.isDue(held.producer, step: step) && template.isEverHeld(held, from: step) {
      values[base + Int(held.value)].claims += 1
    }
  }

  /// Completes the oldest steps that are finished, and opens others in their place.
  mutating func completeSteps(into instructions: inout [Instruction]) {
    while oldest < min(ring.end, end), unfinished[ring.slot(oldest)] == 0 {
      let step = oldest
      instructions.append(.completed(step: step))
      oldest += 1
      let base = valueBase(step)
      for value in template.pinned
      where template.isDue(template.producer[Int(value)], step: step) {
        if memory.limit?.keepsPinned ?? false { continue }
        dropClaim(base, Int(value), step: step, into: &instructions)
      }
      dropReplaced(into: &instructions)
      openSteps()
    }
  }

  /// Ends the run earlier than planned: tasks of later steps are not started any more, and what only they would read is
  /// released.
  ///
  /// - Complexity: O(window × (tasks + uses)); it happens once or twice in a run.
  mutating func shorten(
    to newEnd: Int, as newEnding: Ending, into instructions: inout [Instruction]
  ) {
    guard newEnd < end else { return }
    end = newEnd
    ending = newEnding
    // A failure in a discarded step is discarded with it.
    if let task = failure, task.step >= end { failure = nil }
    ready.removeSteps(from: end)
    for step in max(end, oldest)..<max(end, oldest, ring.end) {
      let base = recordBase(step)
      for task in base..<base + template.taskCount {
        switch records[task].phase {
        case .waiting, .ready, .failed: records[task].phase = .withdrawn
        case .fetching: withdrawFetching(TaskID(step: step, index: task - base))
        case .running, .finished, .notDue, .withdrawn: break
        }
      }
    }
    recountClaims(into: &instructions)
  }

  /// Says that the run is over once nothing runs and nothing is left to start.
  mutating func finishRun(into instructions: inout [Instruction]) {
    guard running == 0, memory.moving == 0, hasBegun else { return }
    let outcome: RunOutcome
    if let failure {
      outcome = .failed(failure)
    } else if let starved {
      outcome = .starved(starved)
    } else if oldest >= end {
      switch ending {
      case .complete: outcome = .done(steps: end)
      case .stopped: outcome = .stopped(after: end - 1)
      case .cancelled: outcome = .cancelled(after: end - 1)
      }
    } else {
      return
    }
    isOver = true
    instructions.append(.finished(outcome))
  }
}
