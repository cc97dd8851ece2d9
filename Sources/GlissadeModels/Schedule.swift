import Glibc

/// The rate of each step: a pure function of the step, so that a run that goes on later has the same rates.
public struct Schedule: Sendable, Hashable {
  /// How the rate changes behind the warm-up; t counts steps from its end, and `until` is the step, counted from 0,
  /// at which the curve ends.
  public enum Curve: Sendable, Hashable {
    /// base
    case constant
    /// base · factor^⌊t / every⌋
    case step(every: Int, factor: Double)
    /// base · decay^(t / every), without stairs.
    case exponential(decay: Double, every: Int = 1)
    /// base / (1 + decay · t)
    case inverseTime(decay: Double)
    /// floor + (base − floor) · (1 − p)^power, with p the part of the way to `until`.
    case polynomial(power: Double, until: Int)
    /// floor + (base − floor) · (1 + cos π p) / 2 (I. Loshchilov, F. Hutter, "SGDR", 2017).
    case cosine(until: Int)
    /// From base / 25 up to base at the part `peak` of the way, then down to the floor, both along a half cosine
    /// (L. N. Smith, N. Topin, "Super-convergence", 2018; the division by 25 as in PyTorch).
    case oneCycle(peak: Double = 0.3, until: Int)
  }

  /// The words of all curves.
  public static let words = [
    "constant", "step", "exponential", "inverse-time", "polynomial", "cosine", "one-cycle",
  ]

  /// The curve.
  public let curve: Curve
  /// The steps of the warm-up, in which the rate rises linearly: step s has base · (s + 1) / warmup, so that the first
  /// step is not lost on a rate of 0.
  public let warmup: Int
  /// The rate below which the curve does not fall; the warm-up may be below it.
  public let floor: Double

  /// A schedule; refuses what gives no rate.
  public init(
    _ curve: Curve = .constant, warmup: Int = 0, floor: Double = 0
  ) throws(ModelError) {
    guard warmup >= 0 else { throw .invalid("a warm-up of \(warmup) steps") }
    guard floor >= 0, floor.isFinite else {
      throw .invalid("the floor of a schedule is \(floor), and must be 0 or more")
    }
    func demand(_ holds: Bool, _ sentence: @autoclosure () -> String) throws(ModelError) {
      guard holds else { throw .invalid(sentence()) }
    }
    func end(_ until: Int) throws(ModelError) {
      try demand(
        until > warmup, "a schedule until step \(until) ends within its warm-up of \(warmup)")
    }
    func positive(_ value: Double, _ name: String) throws(ModelError) {
      try demand(
        value >= 0 && value.isFinite, "the \(name) of a schedule is \(value), and must be 0 or more"
      )
    }
    switch curve {
    case .constant: break
    case .step(let every, let factor):
      try demand(every > 0, "a schedule steps every \(every) steps, which must be 1 or more")
      try positive(factor, "factor")
    case .exponential(let decay, let every):
      try demand(every > 0, "a schedule decays every \(every) steps, which must be 1 or more")
      try positive(decay, "decay")
    case .inverseTime(let decay): try positive(decay, "decay")
    case .polynomial(let power, let until):
      try positive(power, "power")
      try end(until)
    case .cosine(let until): try end(until)
    case .oneCycle(let peak, let until):
      try demand(
        peak > 0 && peak < 1,
        "a one-cycle schedule peaks at the part \(peak) of the way, which must be between 0 and 1")
      try end(until)
    }
    self.curve = curve
    self.warmup = warmup
    self.floor = floor
  }

  /// The rate of a step, counted from 0.
  ///
  /// O(1).
  public func rate(base: Double, step: Int) -> Double {
    if step < warmup { return base * Double(step + 1) / Double(warmup) }
    let steps = Double(step - warmup)
    func part(_ until: Int) -> Double { min(1, steps / Double(until - warmup)) }
    /// From `high` to `low` along half a cosine.
    func halfCosine(_ high: Double, _ low: Double, _ part: Double) -> Double {
      low + (high - low) * (1 + cos(Double.pi * part)) / 2
    }
    // A floor above the base would make a curve rise.
    let low = min(floor, base)
    switch curve {
    case .constant: return base
    case .step(let every, let factor):
      return max(low, base * pow(factor, (steps / Double(every)).rounded(.down)))
    case .exponential(let decay, let every):
      return max(low, base * pow(decay, steps / Double(every)))
    case .inverseTime(let decay): return max(low, base / (1 + decay * steps))
    case .polynomial(let power, let until):
      return low + (base - low) * pow(1 - part(until), power)
    case .cosine(let until): return halfCosine(base, low, part(until))
    case .oneCycle(let peak, let until):
      let done = part(until)
      return done < peak
        ? halfCosine(base / 25, base, done / peak)
        : halfCosine(base, low, (done - peak) / (1 - peak))
    }
  }
}
