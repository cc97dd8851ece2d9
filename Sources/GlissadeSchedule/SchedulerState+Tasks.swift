import GlissadeGraph

/// Tasks: how they become ready, start and end.
extension SchedulerState {
  /// Puts a task among those that could start.
  ///
  /// `base` is where its step's records begin.
  @inline(__always)
  mutating func makeReady(_ step: Int, _ task: Int, at base: Int) {
    records[base + task].phase = .ready
    ready.insert(ReadyHeap.key(step: step, rank: ranks[task]))
  }

  /// Starts what is ready while there are slots.
  mutating func startReady(into instructions: inout [Instruction]) {
    guard failure == nil else { return }
    while running < slots {
      let count = Int32(clamping: ready.count)
      guard let key = ready.popFirst() else { return }
      let step = ReadyHeap.step(of: key)
      let task = Int(taskAtRank[Int(ReadyHeap.rank(of: key))])
      reservedBytes += template.outputBytes[task] + template.workspaceBytes[task]
      peakReservedBytes = max(peakReservedBytes, reservedBytes)
      start(task, step: step, ready: count, into: &instructions)
    }
  }

  /// Starts an attempt whose bytes are reserved.
  @inline(__always)
  mutating func start(
    _ task: Int, step: Int, ready count: Int32, into instructions: inout [Instruction]
  ) {
    let index = recordBase(step) + task
    let record = records[index]
    records[index].phase = .running
    running += 1
    let cause: StartReason.Cause =
      switch record.causeTask {
      case TaskRecord.stepOpened: .stepOpened
      case TaskRecord.retry: .retry
      case let other:
        .dependency(TaskID(step: step - Int(record.causeLag), index: Int(other)))
      }
    instructions.append(
      .start(
        TaskID(step: step, index: task), attempt: record.attempt,
        reason: StartReason(cause: cause, rank: ranks[task], ready: count)))
  }

  /// Takes the outputs of a task: they are alive, its readers wait for one less, its inputs are read once more.
  mutating func finish(_ id: TaskID, into instructions: inout [Instruction]) {
    let step = id.step
    let task = Int(id.index)
    let slot = ring.slot(step)
    let base = slot * template.taskCount
    records[base + task].phase = .finished
    running -= 1
    reservedBytes -= template.workspaceBytes[task]
    let valueBase = slot * template.valueCount
    var views = 0
    for value in template.outputs(of: task) {
      values[valueBase + value].isAlive = true
      if isView(value) { views += 1 } else { beResident(value, step: step) }
    }
    // What is read through a view is read until the view goes.
    if memory.isLimited { changeUsers(of: task, step: step, by: -1) }
    for value in template.outputs(of: task) where values[valueBase + value].claims == 0 {
      release(value, step: step, into: &instructions)
    }
    for position in template.near.range(task) {
      let reader = Int(template.near.items[position])
      if records[base + reader].dropWait(cause: id.index, lag: 0) {
        ready.insert(ReadyHeap.key(step: step, rank: ranks[reader]))
      }
    }
    for position in template.farStart[task]..<template.farStart[task + 1] {
      tellFarReader(template.farUses[Int(position)], of: step)
    }
    if views == 0 { dropUses(of: task, step: step, into: &instructions) }
    unfinished[slot] -= 1
    if step == oldest && unfinished[slot] == 0 { completeSteps(into: &instructions) }
  }

  /// Tells the readers of a value in other open steps that it is there.
  ///
  /// Steps that open later see it by themselves.
  private mutating func tellFarReader(_ far: StepTemplate.FarUse, of step: Int) {
    var first = step + Int(far.use.lag)
    var last = first
    switch far.use.time {
    case .once: return
    case .held:
      // Read until the producer is due again.
      if step + 1 == template.steps { return }
      last = first + Int(template.period[Int(far.producer)]) - 1
    case .step:
      if step == Int(far.use.floor) { first = step }
    }
    first = max(first, oldest)
    last = min(last, ring.end - 1)
    guard first <= last else { return }
    for other in first...last {
      let reader = Int(far.reader)
      let lag = Int32(clamping: other - step)
      if records[recordBase(other) + reader].dropWait(cause: far.producer, lag: lag) {
        ready.insert(ReadyHeap.key(step: other, rank: ranks[reader]))
      }
    }
  }

  /// Ends an attempt that made nothing: the task is tried again, or has failed for good.
  mutating func endAttempt(
    _ id: TaskID, isFault: Bool, mayRetry: Bool, into instructions: inout [Instruction]
  ) {
    let task = Int(id.index)
    let base = recordBase(id.step)
    running -= 1
    reservedBytes -= template.outputBytes[task] + template.workspaceBytes[task]
    if memory.isLimited { changeUsers(of: task, step: id.step, by: -1) }
    if id.step >= end {
      records[base + task].phase = .withdrawn
      dropUses(of: task, step: id.step, into: &instructions)
      return
    }
    let failures = Int(records[base + task].failures)
    let used = isFault ? failures : Int(records[base + task].attempt) - 1 - failures
    guard mayRetry, used < (isFault ? retries : losses) else {
      records[base + task].phase = .failed
      failure = failure.map { min($0, id) } ?? id
      return
    }
    if isFault { records[base + task].failures += 1 }
    records[base + task].attempt += 1
    records[base + task].causeTask = TaskRecord.retry
    makeReady(id.step, task, at: base)
  }
}
