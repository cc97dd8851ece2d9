import Foundation
import Testing

import GlissadeModels

@Suite struct ScheduleTests {
  /// The rates of some steps for a base of 1.
  static let tables: [(Schedule.Curve, warmup: Int, floor: Double, [Int: Double])] = [
    (.constant, 0, 0, [0: 1, 1_000_000: 1]),
    (.constant, 4, 0, [0: 0.25, 1: 0.5, 3: 1, 4: 1]),
    (.step(every: 10, factor: 0.5), 0, 0.2, [0: 1, 9: 1, 10: 0.5, 20: 0.25, 30: 0.2]),
    (.step(every: 10, factor: 0.5), 5, 0, [4: 1, 14: 1, 15: 0.5]),
    (.exponential(decay: 0.25, every: 2), 0, 0, [0: 1, 1: 0.5, 2: 0.25]),
    (.inverseTime(decay: 0.5), 0, 0, [0: 1, 2: 0.5, 6: 0.25]),
    (.polynomial(power: 2, until: 10), 0, 0, [0: 1, 5: 0.25, 10: 0, 99: 0]),
    (.polynomial(power: 1, until: 10), 0, 0.5, [0: 1, 5: 0.75, 10: 0.5]),
    (.cosine(until: 100), 0, 0, [0: 1, 50: 0.5, 100: 0, 101: 0]),
    (.cosine(until: 110), 10, 0.2, [0: 0.1, 9: 1, 10: 1, 60: 0.6, 110: 0.2]),
    (.oneCycle(peak: 0.25, until: 100), 0, 0, [0: 0.04, 25: 1, 100: 0, 200: 0]),
    (.oneCycle(peak: 0.5, until: 100), 0, 0.1, [25: 0.52, 50: 1, 75: 0.55, 100: 0.1]),
  ]

  @Test(arguments: tables.indices)
  func ratesFollowTheTable(index: Int) throws {
    let (curve, warmup, floor, table) = Self.tables[index]
    let schedule = try Schedule(curve, warmup: warmup, floor: floor)
    for (step, rate) in table {
      let found = schedule.rate(base: 1, step: step)
      #expect(abs(found - rate) < 1e-12, "\(curve) at \(step): \(found) for \(rate)")
    }
  }

  @Test(arguments: [
    Schedule.Curve.step(every: 0, factor: 0.5), .exponential(decay: -1), .inverseTime(decay: .nan),
    .polynomial(power: 1, until: 5), .cosine(until: 0), .oneCycle(peak: 1, until: 100),
  ])
  func curvesWithoutRatesAreRefused(curve: Schedule.Curve) {
    #expect(throws: ModelError.self) { try Schedule(curve, warmup: 5) }
  }

  @Test func aPlateauLowersTheRateAndCoolsDown() throws {
    var plateau = try Plateau(
      factor: 0.5, patience: 1, minimumChange: 0.1, mode: .least, cooldown: 2, floor: 0.2)
    var multipliers: [Double] = []
    //           best  stale stale  cooling   stale stale best NaN
    for value in [1.0, 0.95, 0.95, 0.95, 0.95, 0.95, 0.95, 0.5, .nan] {
      plateau.observe(value)
      multipliers.append(plateau.multiplier)
    }
    #expect(multipliers == [1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25])
    #expect(plateau.best == 0.5)
    #expect(plateau.rate(1) == 0.25)
    #expect(plateau.rate(0.4) == 0.2)
    #expect(plateau.rate(0.1) == 0.1)
  }

  @Test func aPlateauOfAnAccuracyWantsMore() throws {
    var plateau = try Plateau(patience: 0, mode: .greatest)
    for value in [0.5, 0.6, 0.7] { plateau.observe(value) }
    #expect(plateau.multiplier == 1)
    plateau.observe(0.7)
    #expect(plateau.multiplier == 0.1)
    #expect(throws: ModelError.self) { try Plateau(factor: 1) }
    #expect(throws: ModelError.self) { try Plateau(patience: -1) }
  }
}
