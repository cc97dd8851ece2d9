public import GlissadeTensor

/// How a chunk is stored.
public enum SpillCoding: UInt32, Sendable, CaseIterable {
  /// As it is.
  case raw = 0
  /// A bit for each element, and those that are not zero.
  ///
  /// Beside LZ4 for what training makes most of: after a ReLU half of the elements are zero, and where they are is noise, in which
  /// LZ4 finds little (1.49 at 0.5 GB/s a thread, where this gives 1.89 at 5 GB/s).
  case packed = 1
  /// As an LZ4 frame.
  case lz4 = 2
  /// As an LZ4 frame of its bytes plane by plane, which helps where neighbours have a similar size.
  case shuffled = 3
}

/// Chooses how a chunk is stored from what a sample of it says: the way that takes the least time, out and back.
///
/// The time for a byte of the tensor is that of the disk, for writing and for reading what the byte becomes, and that of the processor
/// for coding and decoding, simply added: the processors have kernels to run, so their seconds are as dear as those of waiting. A
/// faster disk so makes raw chunks more frequent, a slower one compressed ones. Only sizes are measured, never
/// times: a file depends on the tensor and these numbers, not on the day.
public struct SpillRates: Sendable, Hashable {
  /// What the disk writes, or reads, in a second.
  public var diskBytesPerSecond: Double

  /// Rates for a disk; 1.2 GB/s by default, as a virtual machine's disk or a plain solid-state one has.
  public init(diskBytesPerSecond: Double = 1.2e9) {
    precondition(diskBytesPerSecond > 0, "a disk of \(diskBytesPerSecond) bytes a second")
    self.diskBytesPerSecond = diskBytesPerSecond
  }

  /// Seconds to write bytes as they are and to read them back.
  public func secondsToMove(_ bytes: ByteCount) -> Double {
    Double(bytes.bytes) * 1e-9 * cost(.raw, part: 1)
  }

  /// Seconds for a GB of tensor out and back, stored as `part` of its size; measured on one thread of a Zen 4 at 3 GHz,
  /// checksums included.
  func cost(_ coding: SpillCoding, part: Double) -> Double {
    let disk = 2 * part * 1e9 / diskBytesPerSecond
    switch coding {
    case .raw: return disk + 0.15
    case .packed: return disk + 0.40
    // The more is left, the longer LZ4 has searched in vain: half-zero noise takes 2.9 s, a smooth ramp 0.9.
    case .lz4: return disk + 0.85 + 3.5 * part
    case .shuffled: return disk + 0.95 + 3.5 * part
    }
  }
}
