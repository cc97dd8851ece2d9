import GlissadeGraph

/// Values: who still claims them, and when they are released.
extension SchedulerState {
  /// A task has read its inputs for the last time.
  ///
  /// Held inputs are kept by a claim of their own.
  @inline(__always)
  mutating func dropUses(of task: Int, step: Int, into instructions: inout [Instruction]) {
    for position in template.useRange(of: task) {
      let use = template.uses[position]
      guard use.time == .step else { continue }
      let source = StepTemplate.source(of: use, at: step)
      dropClaim(valueBase(source), Int(use.value), step: source, into: &instructions)
    }
  }

  /// One reason less to keep a value; after the last one it is released.
  @inline(__always)
  mutating func dropClaim(
    _ base: Int, _ value: Int, step: Int, into instructions: inout [Instruction]
  ) {
    if values[base + value].dropClaim() { release(value, step: step, into: &instructions) }
  }

  /// Forgets a value of a step of the ring.
  mutating func release(_ value: Int, step: Int, into instructions: inout [Instruction]) {
    values[valueBase(step) + value].isAlive = false
    freeBytes(of: Version(value, step: step))
    instructions.append(.release(value: Int32(value), step: step))
    if step >= 0, isView(value) { dropViewed(by: value, step: step, into: &instructions) }
  }

  /// A view was let go: what its task has read is not needed any more, unless by another view that the task made.
  private mutating func dropViewed(
    by value: Int, step: Int, into instructions: inout [Instruction]
  ) {
    let task = Int(template.producer[value])
    let base = valueBase(step)
    for other in template.outputs(of: task) where isView(other) && values[base + other].isAlive {
      return
    }
    dropUses(of: task, step: step, into: &instructions)
  }

  /// Drops the claim of each held version that the step just completed was the last to read: from `oldest` on, all read
  /// the version that came after it.
  ///
  /// What nothing has replaced at the end of the run stays alive: whoever performs the instructions drops it then.
  mutating func dropReplaced(into instructions: inout [Instruction]) {
    for (index, held) in template.held.enumerated() {
      let next = oldest - held.greatestLag
      guard next >= held.period, (next + 1) % held.period == 0 else { continue }
      let replaced = next - held.period
      guard template.isEverHeld(held, from: replaced) else { continue }
      if replaced >= ring.first {
        dropClaim(valueBase(replaced), Int(held.value), step: replaced, into: &instructions)
      } else {
        assert(heldBeforeRing[index] == replaced, "another version was kept")
        freeBytes(of: Version(Int(held.value), step: replaced))
        heldBeforeRing[index] = -1
        instructions.append(.release(value: held.value, step: replaced))
      }
    }
  }

  /// Before the place of the earliest step is used again: notes which held versions of it are alive.
  ///
  /// There is at most one a value: a second one would have replaced the first for every step that is not complete.
  mutating func retireEarliest() {
    guard ring.first >= 0 else { return }
    let base = valueBase(ring.first)
    for (index, held) in template.held.enumerated() where values[base + Int(held.value)].isAlive {
      assert(heldBeforeRing[index] == -1, "two versions were kept")
      heldBeforeRing[index] = ring.first
      if memory.isLimited {
        memory.records[values.count + index] = memory.records[base + Int(held.value)]
      }
    }
  }

  /// Counts all claims anew and releases what has none.
  mutating func recountClaims(into instructions: inout [Instruction]) {
    let counted = countedClaims()
    for index in values.indices { values[index].claims = counted[index] }
    for step in max(ring.first, -1)..<ring.end {
      let base = valueBase(step)
      for value in 0..<template.valueCount
      where values[base + value].isAlive && values[base + value].claims == 0 {
        release(value, step: step, into: &instructions)
      }
    }
  }

  /// The claims on all values of the ring, counted from the tasks that have not finished and from those of steps that will
  /// open.
  ///
  /// - Complexity: O(window × (values + uses)).
  func countedClaims() -> [Int32] {
    var counted = [Int32](repeating: 0, count: values.count)
    for step in max(ring.first, 0)..<max(ring.first, 0, ring.end) {
      let base = valueBase(step)
      let keepsPinned = memory.limit?.keepsPinned ?? false
      if (step >= oldest || keepsPinned) && step < end {
        for value in template.pinned
        where template.isDue(template.producer[Int(value)], step: step) {
          counted[base + Int(value)] += 1
        }
      }
      for held in template.held
      where template.isDue(held.producer, step: step) && template.isEverHeld(held, from: step)
        && oldest < step + held.period + held.greatestLag
      {
        counted[base + Int(held.value)] += 1
      }
    }
    let last = max(ring.end, min(end, ring.end + template.reach))
    // Tasks of complete steps may have made views that are alive.
    let first = memory.isLimited ? max(ring.first, 0) : oldest
    for step in min(first, ring.end)..<last {
      template.forEachStepUse { entry in
        guard reads(entry.reader, in: step) else { return }
        let source = StepTemplate.source(of: entry.use, at: step)
        if source < ring.end { counted[valueBase(source) + Int(entry.use.value)] += 1 }
      }
    }
    return counted
  }

  /// Whether a task has made a view that is alive.
  private func hasView(_ task: Int32, in step: Int) -> Bool {
    guard memory.isLimited else { return false }
    return template.outputs(of: Int(task)).contains {
      isView($0) && values[valueBase(step) + $0].isAlive
    }
  }

  /// Whether a task of a step that is not complete will read its inputs, or reads them now.
  private func reads(_ task: Int32, in step: Int) -> Bool {
    if step >= ring.end { return template.isDue(task, step: step) }
    switch records[recordBase(step) + Int(task)].phase {
    case .waiting, .ready, .fetching, .running, .failed: return true
    case .finished: return hasView(task, in: step)
    case .notDue, .withdrawn: return false
    }
  }
}
