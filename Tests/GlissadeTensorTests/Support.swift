import Foundation

/// The seed of the property tests here: fixed, so that a run repeats; `Tools/test --seed N NAME` tries another.
let testSeed =
  ProcessInfo.processInfo.environment["GLISSADE_SEED"].flatMap(UInt64.init) ?? 20_260_729

/// Whether counts look drawn from a uniform distribution: Pearson's χ² within five standard deviations of its mean.
///
/// χ² with f degrees of freedom has mean f and variance 2f. With another seed a sound generator raises the alarm once in
/// 200 runs at f = 1, once in 1,000 at f = 6, ever more seldom above.
func chiSquareIsPlausible(_ counts: [Int]) -> Bool {
  let expected = Double(counts.reduce(0, +)) / Double(counts.count)
  let statistic = counts.reduce(0) { sum, count in
    sum + (Double(count) - expected) * (Double(count) - expected) / expected
  }
  let freedom = Double(counts.count - 1)
  return abs(statistic - freedom) < 5 * (2 * freedom).squareRoot()
}
