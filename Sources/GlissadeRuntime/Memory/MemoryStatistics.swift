import GlissadeGraph
import GlissadeSchedule

/// What was moved between memory and disk.
struct MemoryStatistics: Sendable {
  /// Of one value, or of several.
  struct Moved: Sendable, Hashable {
    /// Bytes of tensors that were written.
    var spilled = 0
    /// The bytes of their files.
    var written = 0
    /// Bytes of tensors that were read from spill files.
    var readBack = 0
    /// Bytes of tensors that were made again by their tasks.
    var reread = 0
    /// How often bytes were let go without writing them.
    var dropped = 0
    /// How often a value was computed again since its file was damaged or gone.
    var recomputed = 0

    static func += (left: inout Moved, right: Moved) {
      left.spilled += right.spilled
      left.written += right.written
      left.readBack += right.readBack
      left.reread += right.reread
      left.dropped += right.dropped
      left.recomputed += right.recomputed
    }
  }

  /// By value that is computed once.
  private(set) var once: [Int32: Moved] = [:]
  /// By value of the steps.
  private(set) var steps: [Int32: Moved] = [:]

  /// Of all values.
  var total: Moved {
    var total = Moved()
    for moved in once.values { total += moved }
    for moved in steps.values { total += moved }
    return total
  }

  /// Counts something for a value.
  mutating func note(_ version: Version, _ count: (inout Moved) -> Void) {
    if version.step == Version.once {
      count(&once[version.value, default: Moved()])
    } else {
      count(&steps[version.value, default: Moved()])
    }
  }
}

extension MemoryStatistics.Moved {
  /// What was moved of rows that stay on the disk.
  init(_ traffic: DiskMoves) {
    spilled = traffic.spilledBytes
    written = traffic.writtenBytes
    readBack = traffic.readBackBytes
    reread = traffic.rereadBytes
  }
}
