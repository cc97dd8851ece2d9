import GlissadeGraph

/// Admission: a task starts when all that it needs has room, where memory has a limit.
extension SchedulerState {
  /// Admits ready tasks in their order, and starts those whose inputs are all in memory.
  ///
  /// The first one that finds no room holds up those behind it, so that it cannot be passed over for ever.
  mutating func admitReady(into instructions: inout [Instruction]) {
    guard failure == nil, let limit = memory.limit else { return }
    heldUp = nil
    startArrived(into: &instructions)
    while let key = ready.first {
      let step = ReadyHeap.step(of: key)
      let task = Int(taskAtRank[Int(ReadyHeap.rank(of: key))])
      let missing = missing(of: task, step: step)
      guard missing.count > 0 ? memory.coming.count < limit.ahead : running < slots else { return }
      let need = template.outputBytes[task] + template.workspaceBytes[task] + missing.bytes
      changeUsers(of: task, step: step, by: 1)
      if reservedBytes + need > limit.budget {
        makeRoom(for: need, before: key, into: &instructions)
        if isStalled, memory.isDiskFull, memory.refusals < 4 {
          // Nothing else moves: what the disk refused once it may take now.
          memory.isDiskFull = false
          makeRoom(for: need, before: key, into: &instructions)
        }
      }
      guard reservedBytes + need <= limit.budget else {
        changeUsers(of: task, step: step, by: -1)
        noteStarving(TaskID(step: step, index: task))
        return
      }
      let count = Int32(clamping: ready.count)
      _ = ready.popFirst()
      reservedBytes += need
      peakReservedBytes = max(peakReservedBytes, reservedBytes)
      for version in memory.away {
        memory.records[memoryIndex(of: version)].residence = .coming
        memory.moving += 1
        instructions.append(.fetch(version))
      }
      if missing.count == 0 {
        start(task, step: step, ready: count, into: &instructions)
      } else {
        records[recordBase(step) + task].phase = .fetching
        memory.coming.append(TaskID(step: step, index: task))
      }
    }
  }

  /// Starts admitted tasks whose inputs have come.
  private mutating func startArrived(into instructions: inout [Instruction]) {
    var index = 0
    while index < memory.coming.count, running < slots {
      let id = memory.coming[index]
      let task = Int(id.index)
      guard missing(of: task, step: id.step).count == 0 else {
        index += 1
        continue
      }
      memory.coming.remove(at: index)
      start(task, step: id.step, ready: Int32(clamping: ready.count + 1), into: &instructions)
    }
  }

  /// The first task finds no room; where nothing moves that could make any, the run is over.
  private mutating func noteStarving(_ id: TaskID) {
    heldUp = id
    if isStalled { starved = id }
  }

  /// Whether nothing runs and nothing moves.
  private var isStalled: Bool { running == 0 && memory.coming.isEmpty && memory.moving == 0 }

  /// A task whose step is discarded lets go of what was reserved for it.
  mutating func withdrawFetching(_ id: TaskID) {
    let task = Int(id.index)
    memory.coming.removeAll { $0 == id }
    changeUsers(of: task, step: id.step, by: -1)
    reservedBytes -= template.outputBytes[task] + template.workspaceBytes[task]
    records[recordBase(id.step) + task].phase = .withdrawn
  }

  /// What is computed once is there when the steps begin, in memory or away.
  mutating func beginOnce() {
    guard let limit = memory.limit else { return }
    for (value, once) in limit.once.enumerated() where once.bytes > 0 {
      memory.records[values.count + template.held.count + value] = MemoryRecord(
        residence: once.place.isResident ? .memory : .away,
        hasCopy: once.place.isStored || once.traits.isDropped)
      if once.place.isResident { reservedBytes += once.bytes }
    }
  }

  /// The initial version of a state is there when the steps begin, in memory or away.
  mutating func beginInitial(_ value: Int) {
    let bytes = template.valueBytes[value]
    guard let limit = memory.limit else {
      reservedBytes += bytes
      return
    }
    let place = limit.initial[Int32(value)] ?? MemoryLimit.Place()
    memory.records[valueBase(-1) + value] = MemoryRecord(
      residence: place.isResident || bytes == 0 ? .memory : .away, hasCopy: place.isStored)
    if place.isResident { reservedBytes += bytes }
  }

  /// What is known of a value of step 0 when it has been made, for whoever goes on with it as a value that is computed
  /// once.
  package func place(of value: Int) -> MemoryLimit.Place {
    guard memory.isLimited, template.valueBytes[value] > 0 else { return MemoryLimit.Place() }
    let record = memory.records[valueBase(0) + value]
    let isDropped = memory.limit?.traits[value].isDropped ?? false
    return MemoryLimit.Place(
      isResident: record.residence != .away, isStored: record.hasCopy && !isDropped)
  }
}
