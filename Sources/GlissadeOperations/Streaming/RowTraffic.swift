import GlissadeGraph
import GlissadeSystem
import Synchronization

/// Counts what a window of rows moves, from any thread.
final class RowTraffic: DiskTraffic {
  private let spilled = Atomic<Int>(0)
  private let written = Atomic<Int>(0)
  private let readBack = Atomic<Int>(0)
  private let reread = Atomic<Int>(0)
  private let waited = Atomic<Int>(0)

  /// What was counted.
  var moved: DiskMoves {
    var moved = DiskMoves()
    moved.spilledBytes = spilled.load(ordering: .relaxed)
    moved.writtenBytes = written.load(ordering: .relaxed)
    moved.readBackBytes = readBack.load(ordering: .relaxed)
    moved.rereadBytes = reread.load(ordering: .relaxed)
    moved.waitNanoseconds = waited.load(ordering: .relaxed)
    return moved
  }

  /// Rows of so many bytes were written out, to so many bytes of a file.
  func wrote(_ bytes: Int, as fileBytes: Int) {
    spilled.add(bytes, ordering: .relaxed)
    written.add(fileBytes, ordering: .relaxed)
  }

  /// Rows were read: from the file that they were written to, or from that of the data.
  func read(_ bytes: Int, fromScratch: Bool) {
    if fromScratch {
      readBack.add(bytes, ordering: .relaxed)
    } else {
      reread.add(bytes, ordering: .relaxed)
    }
  }

  /// Runs what a task has to wait for.
  func waiting<Result>(_ body: () throws -> Result) rethrows -> Result {
    let start = MonotonicClock.now()
    defer { waited.add(Int(MonotonicClock.now() - start), ordering: .relaxed) }
    return try body()
  }
}
