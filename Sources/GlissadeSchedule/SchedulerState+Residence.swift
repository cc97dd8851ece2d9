import GlissadeGraph

/// Where the bytes of values are, where memory has a limit.
extension SchedulerState {
  /// Whether a value shows the bytes of what its task has read, so that these stay as long as it lives.
  @inline(__always)
  func isView(_ value: Int) -> Bool {
    memory.isLimited && memory.isView[value]
  }

  /// Where the record of a version is.
  func memoryIndex(of version: Version) -> Int {
    let value = Int(version.value)
    let ringCount = ring.capacity * template.valueCount
    if version.step == Version.once { return ringCount + template.held.count + value }
    if version.step >= ring.first { return valueBase(version.step) + value }
    precondition(memory.heldIndex[value] >= 0, "value \(value) of step \(version.step) is gone")
    return ringCount + Int(memory.heldIndex[value])
  }

  /// The bytes of a version.
  package func bytes(of version: Version) -> Int {
    version.step == Version.once
      ? memory.limit?.once[Int(version.value)].bytes ?? 0
      : template.valueBytes[Int(version.value)]
  }

  /// The versions that have the bytes which a task reads, once for each reading.
  package func forEachRoot(of task: Int, step: Int, _ body: (Version) -> Void) {
    for position in template.useRange(of: task) {
      let use = template.uses[position]
      switch use.time {
      case .once:
        for root in memory.limit?.once[Int(use.value)].roots ?? [] {
          body(Version(Int(root), step: Version.once))
        }
      case .step, .held:
        let entry = StepTemplate.FarUse(
          reader: Int32(task), producer: template.producer[Int(use.value)], use: use)
        guard let source = source(of: entry, readAt: step) else { continue }
        if template.valueBytes[Int(use.value)] > 0 {
          body(Version(Int(use.value), step: source))
        } else if source >= 0, isView(Int(use.value)) {
          forEachRoot(of: Int(entry.producer), step: source, body)
        }
      }
    }
  }

  // MARK: Tasks and their inputs

  /// Holds the inputs of a task in memory, or lets them go.
  mutating func changeUsers(of task: Int, step: Int, by change: Int32) {
    memory.clock &+= 1
    var touched: [Version] = []
    swap(&touched, &memory.touched)
    touched.removeAll(keepingCapacity: true)
    forEachRoot(of: task, step: step) { touched.append($0) }
    for version in touched {
      let index = memoryIndex(of: version)
      memory.records[index].users += change
      memory.records[index].lastUse = memory.clock
    }
    swap(&touched, &memory.touched)
  }

  /// How many inputs of a task are not in memory, and the bytes of those that nobody is bringing back, which are then in
  /// `memory.away`.
  mutating func missing(of task: Int, step: Int) -> (count: Int, bytes: Int) {
    var count = 0
    var bytes = 0
    var away: [Version] = []
    swap(&away, &memory.away)
    away.removeAll(keepingCapacity: true)
    forEachRoot(of: task, step: step) { version in
      switch memory.records[memoryIndex(of: version)].residence {
      case .memory, .leaving: break
      case .coming: count += 1
      case .away:
        if !away.contains(version) {
          away.append(version)
          count += 1
          bytes += self.bytes(of: version)
        }
      }
    }
    swap(&away, &memory.away)
    return (count, bytes)
  }

  // MARK: Room

  /// Sends away what is needed last, until `need` bytes have room or will have it when what is being written is.
  mutating func makeRoom(for need: Int, before key: UInt64, into instructions: inout [Instruction])
  {
    guard let limit = memory.limit else { return }
    var lacking = reservedBytes + need - limit.budget - memory.leavingBytes
    guard lacking > 0 else { return }
    // Where many values would each need a search of their own, some more go at once.
    if memory.movable.count > 1024 { lacking += limit.budget / 64 }
    collectCandidates(limit)
    chooseVictims(limit, lacking: lacking, before: key)
    for victim in memory.candidates {
      let index = Int(victim.index)
      if victim.isFree {
        memory.records[index].residence = .away
        reservedBytes -= victim.bytes
        instructions.append(.evict(victim.version))
      } else {
        memory.records[index].residence = .leaving
        memory.leavingBytes += victim.bytes
        memory.moving += 1
        instructions.append(.spill(victim.version))
      }
    }
  }

  /// Leaves in `memory.candidates` those that go: the first of them that make enough room, and of these none that the others
  /// make room without.
  private mutating func chooseVictims(_ limit: MemoryLimit, lacking: Int, before key: UInt64) {
    // What is needed sooner than this task goes only if nothing else will ever move.
    let isIdle = running == 0 && memory.coming.isEmpty && memory.moving == 0
    var found = 0
    var count = 0
    for candidate in memory.candidates where found < lacking {
      if limit.eviction == .furthest, candidate.order < key, !isIdle { break }
      guard candidate.isFree || !memory.isDiskFull else { continue }
      memory.candidates[count] = candidate
      count += 1
      found += candidate.bytes
    }
    memory.candidates.removeSubrange(count...)
    guard limit.eviction == .furthest, found > lacking else { return }
    // What is needed soonest is spared first.
    for index in memory.candidates.indices.reversed()
    where memory.candidates[index].bytes <= found - lacking {
      found -= memory.candidates[index].bytes
      memory.candidates[index].bytes = 0
    }
    memory.candidates.removeAll { $0.bytes == 0 }
  }

  /// Fills `memory.candidates` with what could go, the first to go first.
  private mutating func collectCandidates(_ limit: MemoryLimit) {
    var found: [MemoryState.Candidate] = []
    swap(&found, &memory.candidates)
    found.removeAll(keepingCapacity: true)
    func consider(_ version: Version, _ bytes: Int, _ traits: MemoryLimit.Traits) {
      let index = memoryIndex(of: version)
      let record = memory.records[index]
      guard record.residence == .memory, record.users == 0 else { return }
      let order: UInt64 =
        switch limit.eviction {
        case .furthest: nextUse(of: version)
        case .leastRecent: UInt64(UInt32.max - record.lastUse)
        }
      // What is computed once lives on when its last reader has gone.
      let isOver = version.step == Version.once && limit.eviction == .furthest && order == .max
      found.append(
        .init(
          version: version, index: Int32(index), bytes: bytes, order: order,
          isFree: record.hasCopy || isOver, isRepeatable: traits.isRepeatable))
    }
    for value in memory.movable {
      let bytes = template.valueBytes[Int(value)]
      for step in max(ring.first, -1)..<max(ring.end, 0)
      where values[valueBase(step) + Int(value)].isAlive {
        consider(Version(Int(value), step: step), bytes, limit.traits[Int(value)])
      }
      let held = memory.heldIndex[Int(value)]
      if held >= 0, heldBeforeRing[Int(held)] >= 0 {
        consider(
          Version(Int(value), step: heldBeforeRing[Int(held)]), bytes, limit.traits[Int(value)])
      }
    }
    for value in memory.movableOnce {
      let once = limit.once[Int(value)]
      consider(Version(Int(value), step: Version.once), once.bytes, once.traits)
    }
    found.sort { $0.goesBefore($1) }
    swap(&found, &memory.candidates)
  }

  // MARK: Life and death

  /// A value has come to life in memory; its bytes were reserved before.
  mutating func beResident(_ value: Int, step: Int) {
    guard memory.isLimited else { return }
    memory.clock &+= 1
    memory.records[valueBase(step) + value] = MemoryRecord(
      hasCopy: memory.limit?.traits[value].isDropped ?? false, lastUse: memory.clock)
  }

  /// The bytes of a value that is let go; what is on its way frees them when it has arrived.
  mutating func freeBytes(of version: Version) {
    guard memory.isLimited else {
      reservedBytes -= template.valueBytes[Int(version.value)]
      return
    }
    guard bytes(of: version) > 0 else { return }
    let record = memory.records[memoryIndex(of: version)]
    switch record.residence {
    case .memory: reservedBytes -= bytes(of: version)
    case .leaving, .coming: memory.orphans.append(version)
    case .away: break
    }
    // Its file goes, too.
    if record.hasCopy { memory.isDiskFull = false }
  }

  // MARK: What has come of moves

  /// The bytes of a version are on the disk, too.
  mutating func stored(_ version: Version, into instructions: inout [Instruction]) {
    memory.moving -= 1
    memory.leavingBytes -= bytes(of: version)
    if dropOrphan(version) {
      memory.isDiskFull = false
      return
    }
    let index = memoryIndex(of: version)
    memory.records[index].hasCopy = true
    memory.refusals = 0
    guard memory.records[index].users == 0 else {
      memory.records[index].residence = .memory
      return
    }
    memory.records[index].residence = .away
    reservedBytes -= bytes(of: version)
    instructions.append(.evict(version))
  }

  /// The disk did not take a version, which is in memory still.
  mutating func notStored(_ version: Version) {
    memory.moving -= 1
    memory.leavingBytes -= bytes(of: version)
    memory.isDiskFull = true
    memory.refusals += 1
    if !dropOrphan(version) { memory.records[memoryIndex(of: version)].residence = .memory }
  }

  /// A version is back.
  mutating func fetched(_ version: Version) {
    memory.moving -= 1
    if !dropOrphan(version) { memory.records[memoryIndex(of: version)].residence = .memory }
  }

  /// A version cannot be had again.
  mutating func notFetched(_ version: Version) {
    memory.moving -= 1
    if dropOrphan(version) { return }
    memory.records[memoryIndex(of: version)].residence = .away
    reservedBytes -= bytes(of: version)
    for task in memory.coming {
      var reads = false
      forEachRoot(of: Int(task.index), step: task.step) { reads = reads || $0 == version }
      if reads { failure = failure.map { min($0, task) } ?? task }
    }
  }

  /// Whether a version was released while its bytes were on their way; they are free now.
  private mutating func dropOrphan(_ version: Version) -> Bool {
    guard let index = memory.orphans.firstIndex(of: version) else { return false }
    memory.orphans.remove(at: index)
    reservedBytes -= bytes(of: version)
    return true
  }
}
