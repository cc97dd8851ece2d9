import GlissadeSchedule
import GlissadeTesting
import Testing

/// Random runs in a simulated world.
///
/// A failure prints its seed and the line that runs it again; `GLISSADE_SEED` runs that seed alone.
@Suite struct SimulationTests {
  private var seeds: Range<UInt64> {
    #if DEBUG
      // 12 ms a seed without optimization.
      propertySeeds(0..<2_000)
    #else
      propertySeeds(0..<10_000)
    #endif
  }

  @Test func everySeedKeepsThePromises() throws {
    var outcomes: [String: Int] = [:]
    for seed in seeds {
      let report = try Simulation(seed: seed).run()
      outcomes["\(report.outcome)".prefix { $0 != "(" }.description, default: 0] += 1
    }
    guard seeds.count > 1 else { return }
    // The seeds reach every way in which a run can end.
    for outcome in ["done", "stopped", "cancelled", "failed"] {
      #expect(outcomes[outcome, default: 0] > seeds.count / 100, "\(outcome): \(outcomes)")
    }
  }

  @Test func everySeedKeepsThePromisesUnderPressure() throws {
    var outcomes: [String: Int] = [:]
    var moves = 0
    for seed in seeds {
      let report = try Simulation(seed: seed, underPressure: true).run()
      outcomes["\(report.outcome)".prefix { $0 != "(" }.description, default: 0] += 1
      moves += report.log.count {
        switch $0 {
        case .spill, .fetch: true
        default: false
        }
      }
    }
    guard seeds.count > 1 else { return }
    for outcome in ["done", "stopped", "cancelled", "failed", "starved"] {
      #expect(outcomes[outcome, default: 0] > seeds.count / 200, "\(outcome): \(outcomes)")
    }
    #expect(moves > 3 * seeds.count, "\(moves) moves")
  }

  @Test(arguments: [3, 77, 1234] as [UInt64])
  func twoRunsOfASeedGiveTheSameLog(seed: UInt64) throws {
    let first = try Simulation(seed: seed).run()
    let second = try Simulation(seed: seed).run()
    #expect(first.log == second.log)
    #expect(first.attempts > 0)
    #expect(first.completedSteps == second.completedSteps)
  }
}
