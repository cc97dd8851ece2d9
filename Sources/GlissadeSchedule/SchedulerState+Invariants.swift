import GlissadeGraph

/// What must be true between two events, checked by counting everything anew.
package struct InvariantViolation: Error, Sendable, CustomStringConvertible {
  /// What is not as it must be, with the numbers.
  package let description: String
}

extension SchedulerState {
  /// Checks that counts agree with a recount, that no value is released while it is needed, that running tasks fit their
  /// slots and bytes, and that nothing is left undone that could be started.
  ///
  /// - Complexity: O(window × (tasks + uses)): for tests, after each call of `handle`.
  package func checkInvariants() throws(InvariantViolation) {
    try require(oldest <= max(ring.end, end), "step \(oldest) is complete but was not opened")
    try require(
      ring.end <= oldest + windowDepth, "\(ring.end - oldest) steps are open, not \(windowDepth)")
    try require(running <= slots, "\(running) tasks run in \(slots) slots")
    try checkTasks()
    try checkValues()
    if memory.isLimited { try checkMemory() }
    guard hasBegun, !isOver, failure == nil else { return }
    if memory.isLimited {
      try require(
        running > 0 || memory.moving > 0, "nothing runs or moves and the run is not over")
      return
    }
    try require(
      running == slots || ready.isEmpty, "\(ready.count) tasks wait for \(slots - running) slots")
    try require(running > 0, "nothing runs and the run is not over")
  }

  private func require(
    _ condition: Bool, _ message: @autoclosure () -> String
  ) throws(InvariantViolation) {
    if !condition { throw InvariantViolation(description: message()) }
  }

  private func checkTasks() throws(InvariantViolation) {
    var runningSeen = 0
    var fetchingSeen = 0
    var readySeen: Set<UInt64> = []
    for step in min(oldest, ring.end)..<ring.end {
      let waits = countedWaits(in: step)
      var left = 0
      for task in 0..<template.taskCount {
        let record = records[recordBase(step) + task]
        let id = TaskID(step: step, index: task)
        let isDue = template.isDue(Int32(task), step: step)
        try require(
          isDue == (record.phase != .notDue) || step >= end, "\(id) is due: \(isDue)")
        switch record.phase {
        case .waiting:
          try require(
            record.waits == waits[task] && waits[task] > 0,
            "\(id) waits for \(record.waits), counted \(waits[task])")
        case .ready:
          readySeen.insert(ReadyHeap.key(step: step, rank: ranks[task]))
          try require(waits[task] == 0, "\(id) is ready but waits for \(waits[task])")
        case .running:
          runningSeen += 1
          try require(waits[task] == 0, "\(id) runs but waits for \(waits[task])")
        case .fetching:
          fetchingSeen += 1
          try require(waits[task] == 0, "\(id) was admitted but waits for \(waits[task])")
        case .withdrawn: try require(step >= end, "\(id) was withdrawn before step \(end)")
        case .finished, .notDue, .failed: break
        }
        if record.phase != .finished && record.phase != .notDue { left += 1 }
      }
      let slot = ring.slot(step)
      try require(
        left == unfinished[slot],
        "step \(step): \(left) tasks are unfinished, counted as \(unfinished[slot])")
      try require(
        step != oldest || left > 0 || step >= end, "step \(step) is finished, not complete")
    }
    try require(runningSeen == running, "\(runningSeen) tasks run, counted as \(running)")
    try require(
      fetchingSeen == memory.coming.count,
      "\(fetchingSeen) tasks wait for inputs, counted as \(memory.coming.count)")
    try require(
      readySeen == Set(ready.keys) && readySeen.count == ready.count,
      "\(ready.count) tasks are in the heap, \(readySeen.count) are ready")
  }

  /// By task: how many of its uses in an open step are of tasks that have not finished.
  private func countedWaits(in step: Int) -> [Int32] {
    var waits = [Int32](repeating: 0, count: template.taskCount)
    for task in 0..<template.taskCount {
      for position in template.useRange(of: task) where template.uses[position].time != .once {
        let use = template.uses[position]
        let entry = StepTemplate.FarUse(
          reader: Int32(task), producer: template.producer[Int(use.value)], use: use)
        guard let source = source(of: entry, readAt: step), source >= oldest else { continue }
        let phase = records[recordBase(source) + Int(entry.producer)].phase
        if phase != .finished && phase != .notDue { waits[task] += 1 }
      }
    }
    return waits
  }

  private func checkValues() throws(InvariantViolation) {
    let counted = countedClaims()
    var bytes = 0
    for step in max(ring.first, hasBegun ? -1 : 0)..<max(ring.end, 0) {
      let base = valueBase(step)
      for value in 0..<template.valueCount {
        let producer = template.producer[value]
        if step >= 0 && !template.isDue(producer, step: step) { continue }
        let record = values[base + value]
        let name = "value \(value) of step \(step)"
        try require(
          record.claims == counted[base + value],
          "\(name) has \(record.claims) claims, counted \(counted[base + value])")
        let isMade =
          step < 0 || step < oldest || records[recordBase(step) + Int(producer)].phase == .finished
        try require(
          record.isAlive == (isMade && record.claims > 0),
          "\(name) is alive: \(record.isAlive), with \(record.claims) claims")
        if record.isAlive, isResident(Version(value, step: step)) {
          bytes += template.valueBytes[value]
        }
      }
    }
    for (index, step) in heldBeforeRing.enumerated() where step >= 0 {
      let held = template.held[index]
      if isResident(Version(Int(held.value), step: step)) {
        bytes += template.valueBytes[Int(held.value)]
      }
      try require(
        step < ring.first && oldest < step + held.period + held.greatestLag,
        "value \(held.value) of step \(step) is kept though it was replaced")
    }
    for step in min(oldest, ring.end)..<ring.end {
      for task in 0..<template.taskCount {
        let phase = records[recordBase(step) + task].phase
        guard phase == .running || phase == .fetching else { continue }
        bytes += template.outputBytes[task] + template.workspaceBytes[task]
        try checkInputs(of: task, in: step)
      }
    }
    bytes += memory.orphans.reduce(0) { $0 + self.bytes(of: $1) }
    if hasBegun, template.taskCount > 0, template.steps > 0 {
      for (value, once) in (memory.limit?.once ?? []).enumerated() where once.bytes > 0 {
        if isResident(Version(value, step: Version.once)) { bytes += once.bytes }
      }
    }
    try require(bytes == reservedBytes, "\(reservedBytes) bytes are reserved, \(bytes) are held")
    try require(reservedBytes <= peakReservedBytes, "the peak lies below \(reservedBytes) bytes")
  }

  /// Whether memory is reserved for a version that is alive.
  private func isResident(_ version: Version) -> Bool {
    guard memory.isLimited, bytes(of: version) > 0 else { return true }
    return memory.records[memoryIndex(of: version)].residence != .away
  }

  /// The budget is kept, nobody reads what is not in memory, and the counts of readers and moves agree with a recount.
  private func checkMemory() throws(InvariantViolation) {
    guard let limit = memory.limit else { return }
    try require(
      reservedBytes <= limit.budget, "\(reservedBytes) bytes are reserved of \(limit.budget)")
    try require(
      peakReservedBytes <= limit.budget, "the peak was \(peakReservedBytes) of \(limit.budget)")
    var users: [Version: Int32] = [:]
    var unready: [Version] = []
    for step in min(oldest, ring.end)..<ring.end {
      for task in 0..<template.taskCount {
        let phase = records[recordBase(step) + task].phase
        guard phase == .running || phase == .fetching else { continue }
        forEachRoot(of: task, step: step) { version in
          users[version, default: 0] += 1
          let residence = memory.records[memoryIndex(of: version)].residence
          if residence == .away || (residence == .coming && phase == .running) {
            unready.append(version)
          }
        }
      }
    }
    // A task behind the end of the run has no inputs any more.
    if failure == nil { try require(unready.isEmpty, "\(unready) are read and not in memory") }
    for (version, count) in users {
      let counted = memory.records[memoryIndex(of: version)].users
      try require(counted == count, "\(version) has \(count) readers, counted as \(counted)")
    }
  }

  /// A running task finds all its inputs.
  private func checkInputs(of task: Int, in step: Int) throws(InvariantViolation) {
    for position in template.useRange(of: task) where template.uses[position].time != .once {
      let use = template.uses[position]
      let entry = StepTemplate.FarUse(
        reader: Int32(task), producer: template.producer[Int(use.value)], use: use)
      guard let source = source(of: entry, readAt: step) else { continue }
      let isAlive =
        source >= ring.first
        ? values[valueBase(source) + Int(use.value)].isAlive
        : template.held.indices.contains {
          template.held[$0].value == use.value && heldBeforeRing[$0] == source
        }
      try require(
        isAlive,
        "\(TaskID(step: step, index: task)) runs without value \(use.value) of step \(source)")
    }
  }
}
