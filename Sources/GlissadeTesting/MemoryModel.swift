import GlissadeGraph
import GlissadeSchedule

/// Where the bytes of values are in a simulated world: its own book-keeping, from instructions and events alone.
struct MemoryModel {
  private enum Place {
    case memory
    case leaving
    case away
    case coming
  }

  private struct Bytes {
    var place = Place.memory
    var isOnDisk = false
  }

  private let table: TaskTable
  private let steps: Int
  private let limit: MemoryLimit
  private let isView: [Bool]
  private var values: [Version: Bytes] = [:]
  private var released: Set<Version> = []
  /// Whether the disk has lost a value.
  private(set) var hasLost = false

  init(_ table: TaskTable, steps: Int, limit: MemoryLimit) {
    self.table = table
    isView = TableViews(of: table).isView
    self.steps = steps
    self.limit = limit
    // Without steps nothing is taken over.
    guard steps > 0 else { return }
    for (value, once) in limit.once.enumerated() where once.bytes > 0 {
      values[Version(value, step: Version.once)] = Bytes(
        place: once.place.isResident ? .memory : .away, isOnDisk: once.place.isStored)
    }
    for use in table.uses where use.time == .step && use.lag > 0 && use.floor == -1 {
      let version = Version(Int(use.value), step: -1)
      guard bytes(of: version) > 0 else { continue }
      let place = limit.initial[use.value] ?? MemoryLimit.Place()
      values[version] = Bytes(
        place: place.isResident ? .memory : .away, isOnDisk: place.isStored)
    }
  }

  /// The bytes in memory, those on their way included.
  var bytes: Int {
    values.reduce(0) { $0 + ($1.value.place == .away ? 0 : bytes(of: $1.key)) }
  }

  private func bytes(of version: Version) -> Int {
    version.step == Version.once
      ? limit.once[Int(version.value)].bytes : table.valueBytes[Int(version.value)]
  }

  /// Takes note of what has happened; gives a complaint, or nil.
  mutating func happen(_ event: SchedulerEvent) -> String? {
    switch event {
    case .stored(let version):
      guard values[version]?.place == .leaving else { return "\(version) was not leaving" }
      values[version] = Bytes(place: .memory, isOnDisk: true)
      forgetReleased(version)
    case .notStored(let version):
      values[version]?.place = .memory
      forgetReleased(version)
    case .fetched(let version):
      guard values[version]?.place == .coming else { return "\(version) was not coming" }
      values[version]?.place = .memory
      forgetReleased(version)
    case .notFetched(let version):
      hasLost = true
      values[version]?.place = .away
      forgetReleased(version)
    case .begin, .finished, .failed, .lost, .stop, .cancel: break
    }
    return nil
  }

  private mutating func forgetReleased(_ version: Version) {
    if released.remove(version) != nil { values[version] = nil }
  }

  /// Performs an instruction; gives a complaint, or nil.
  mutating func perform(_ instruction: Instruction) -> String? {
    switch instruction {
    case .start(let id, _, _):
      var complaint: String?
      forEachRoot(of: Int(id.index), in: id.step) { version in
        switch values[version]?.place {
        case .memory, .leaving: break
        case .away, .coming: complaint = "\(id) was started while \(version) is not in memory"
        case nil: complaint = "\(id) was started while \(version) is not alive"
        }
      }
      return complaint
    case .spill(let version):
      guard let old = values[version], old.place == .memory, !released.contains(version) else {
        return "\(version) is to be spilled and not in memory"
      }
      if old.isOnDisk { return "\(version) is to be spilled and was" }
      values[version]?.place = .leaving
    case .evict(let version):
      guard let old = values[version], old.place == .memory else {
        return "\(version) is to be let go and not in memory"
      }
      let traits =
        version.step == Version.once
        ? limit.once[Int(version.value)].traits : limit.traits[Int(version.value)]
      let isRepeatable = traits.isRepeatable && version.step != -1
      if old.isOnDisk || isRepeatable {
        values[version]?.place = .away
      } else if version.step == Version.once {
        // Whoever reads it from here on finds nothing.
        values[version] = nil
      } else {
        return "\(version) would be lost"
      }
    case .fetch(let version):
      guard values[version]?.place == .away else { return "\(version) is to come and not away" }
      values[version]?.place = .coming
    case .release(let value, let step):
      let version = Version(Int(value), step: step)
      switch values[version]?.place {
      case .leaving, .coming: released.insert(version)
      case .memory, .away, nil: values[version] = nil
      }
    case .completed, .finished: break
    }
    return nil
  }

  /// The outputs of an attempt that has ended well are in memory.
  mutating func made(_ id: TaskID) {
    for value in table.outputs(of: Int(id.index)) where table.valueBytes[value] > 0 {
      values[Version(value, step: id.step)] = Bytes()
    }
  }

  /// What has the bytes that a task reads, through what has none.
  private func forEachRoot(of task: Int, in step: Int, _ body: (Version) -> Void) {
    for use in table.uses(of: task) {
      let value = Int(use.value)
      var source = step - Int(use.lag)
      switch use.time {
      case .once:
        for root in limit.once[value].roots where limit.once[Int(root)].bytes > 0 {
          body(Version(Int(root), step: Version.once))
        }
        continue
      case .step: source = max(source, Int(use.floor))
      case .held:
        let producer = Int(table.producer[value])
        while source >= 0, !table.isDue(producer, step: source, of: steps) { source -= 1 }
        if source < 0 { continue }
      }
      if table.valueBytes[value] > 0 {
        body(Version(value, step: source))
      } else if source >= 0, isView[value] {
        forEachRoot(of: Int(table.producer[value]), in: source, body)
      }
    }
  }
}
