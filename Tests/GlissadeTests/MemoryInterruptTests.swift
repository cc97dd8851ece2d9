import Foundation
import GlissadeSystem
import GlissadeTesting
import Testing

/// Runs that put values away, ended at random times: once, twice, or by force.
///
/// A failure prints its seed; `GLISSADE_SEED` runs that seed alone.
@Suite struct MemoryInterruptTests {
  /// How a run is ended.
  private enum End: CaseIterable {
    case once
    case twice
    case killed
  }

  /// 6 runs, and 200 with `GLISSADE_ALL=1`.
  @Test(.timeLimit(.minutes(20)))
  func nothingIsLeftWhereverItIsEnded() throws {
    let tool = try BoundedTool()
    let began = MonotonicClock.now()
    try tool.isSame(try tool.start().wait(), "undisturbed")
    let usual = MonotonicClock.seconds(since: began)
    for seed in propertySeeds(0..<(runsEverything ? 200 : 6)) {
      var random = SeededRandom(seed: seed)
      // Most are ended once; each other way comes first in its turn.
      let end = seed < 3 ? End.allCases[Int(seed)] : random.happens(0.6) ? .once : .twice
      let delay = random.number(0...Int(usual * 1.1e6))
      let pause = random.number(0...20_000)
      let comment: Comment = "GLISSADE_SEED=\(seed), \(end) after \(delay) µs, then \(pause) µs"
      let running = try tool.start()
      usleep(UInt32(delay))
      switch end {
      case .once: running.interrupt()
      case .twice:
        running.interrupt()
        usleep(UInt32(pause))
        running.interrupt()
      case .killed: kill(running.process.processIdentifier, SIGKILL)
      }
      let outcome = try #require(running.waitsForEnd(), comment)
      let code: Int32 = end == .killed ? 137 : 130
      #expect(outcome.code == code || outcome.code == 0, "\(comment): exit \(outcome.code)")
      #expect(tool.processes == [], comment)
      if end != .once {
        // What is left goes with the next run in the same place.
        #expect(tool.left.allSatisfy { $0.hasPrefix("glissade-spill-") }, "\(comment)")
        try tool.isSame(try tool.start().wait(), comment)
      }
      #expect(tool.left == [], comment)
      try examine(outcome, comment)
    }
  }

  /// The second Ctrl-C, too, removes the spill directory; only what kills a process outright cannot.
  @Test func theSecondRemovesWhatWasPutAway() throws {
    let tool = try BoundedTool()
    try BoundedTool.write(epochs: 1_000, to: tool.glissade)
    for seed in propertySeeds(0..<(runsEverything ? 50 : 4)) {
      var random = SeededRandom(seed: seed)
      let pause = random.number(0...5_000)
      let running = try tool.start()
      #expect(tool.waitsForFiles(), "nothing was put away")
      usleep(UInt32(random.number(0...100_000)))
      running.interrupt()
      usleep(UInt32(pause))
      running.interrupt()
      let outcome = try #require(running.waitsForEnd())
      #expect(outcome.code == 130)
      #expect(tool.left == [], "GLISSADE_SEED=\(seed), \(pause) µs between both")
    }
  }

  /// A run that had begun and was interrupted says how far it came: to its end, where the signal came after that.
  private func examine(_ outcome: CommandLineTool.Outcome, _ comment: Comment) throws {
    guard !outcome.output.isEmpty else { return }
    let report = try object(outcome.output)
    let status = try #require(report["status"] as? String)
    #expect(status == "done" || (status == "interrupted" && outcome.code != 0), comment)
  }
}
