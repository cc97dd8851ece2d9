public import GlissadeSystem
public import GlissadeTensor

/// What kept the store from putting a tensor away or from giving it back, as a sentence with what was expected and found.
public enum StoreError: Error, Sendable, CustomStringConvertible {
  /// Bits of a spill file have changed: `part` is the header or a chunk.
  case damaged(path: String, part: String)
  /// A spill file is shorter, or longer, than it was written.
  case short(path: String, expected: ByteCount, found: ByteCount)
  /// A spill file is gone.
  case missing(path: String)
  /// What stands there is no spill file of this run and this version of the format.
  case foreign(path: String, found: String)
  /// A spill file of this run, but of another value, step, place or shape, or of an earlier writing.
  case stale(path: String, expected: String, found: String)
  /// The disk has no room for a tensor; nothing of it was left there.
  case diskFull(path: String, needed: ByteCount, free: ByteCount?)
  /// The spill directory cannot be used.
  case directory(path: String, reason: String)
  /// More requests wait than may.
  case busy(limit: Int)
  /// The threads were told to end before they came to it.
  case closed
  /// The system refused something else.
  case system(SystemError)

  /// Whether the tensor is lost but everything else is sound: computing it again from its inputs helps.
  public var isLoss: Bool {
    switch self {
    case .damaged, .short, .missing, .foreign, .stale: true
    case .system(let error): error.action == .read || error.action == .open
    case .diskFull, .directory, .busy, .closed: false
    }
  }

  /// As a sentence: `the spill file 'a.spill' is damaged: chunk 3 is not what was written`.
  public var description: String {
    switch self {
    case .damaged(let path, let part):
      "the spill file '\(path)' is damaged: \(part) is not what was written"
    case .short(let path, let expected, let found):
      "the spill file '\(path)' has \(found.bytes) bytes, and \(expected.bytes) were written"
    case .missing(let path):
      "the spill file '\(path)' is gone"
    case .foreign(let path, let found):
      "the file '\(path)' is none of this run's spill files: \(found)"
    case .stale(let path, let expected, let found):
      "the spill file '\(path)' holds \(found), and \(expected) was expected"
    case .diskFull(let path, let needed, let free):
      "no space is left on the disk for '\(path)': up to \(needed) are needed"
        + (free.map { ", and \($0) are free" } ?? "")
    case .directory(let path, let reason):
      "the spill directory '\(path)' cannot be used: \(reason)"
    case .busy(let limit):
      "more than \(limit) tensors wait to be spilled or read back"
    case .closed:
      "the run is ending, and nothing is spilled or read back any more"
    case .system(let error):
      error.description
    }
  }
}
