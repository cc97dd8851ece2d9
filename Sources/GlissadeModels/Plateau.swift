/// Lowers the rate where a metric stops getting better: a value that is fed the metric in the order of its steps.
///
/// PyTorch's `ReduceLROnPlateau` with `threshold_mode="abs"`.
public struct Plateau: Sendable, Hashable {
  /// Which values are better.
  public enum Mode: String, Sendable, Hashable {
    /// Smaller ones, as of a loss.
    case least
    /// Greater ones, as of an accuracy.
    case greatest
  }

  /// What the rate is multiplied by at each plateau.
  public let factor: Double
  /// How many values in a row may be no better before the rate is lowered.
  public let patience: Int
  /// What a value must be better by.
  public let minimumChange: Double
  /// Which values are better.
  public let mode: Mode
  /// How many values behind a lowering do not count as no better.
  public let cooldown: Int
  /// The rate below which it does not fall.
  public let floor: Double

  /// The product of the factors so far.
  public private(set) var multiplier = 1.0
  /// The best value so far.
  public private(set) var best: Double?
  private var stale = 0
  private var cooling = 0
  private var lastStep = 0

  /// A watch that has seen nothing.
  public init(
    factor: Double = 0.1, patience: Int = 10, minimumChange: Double = 1e-4, mode: Mode = .least,
    cooldown: Int = 0, floor: Double = 0
  ) throws(ModelError) {
    guard factor > 0, factor < 1 else {
      throw .invalid("the factor of a plateau is \(factor), and must be between 0 and 1")
    }
    for (name, count) in [("patience", patience), ("cooldown", cooldown)] where count < 0 {
      throw .invalid("the \(name) of a plateau is \(count), and must be 0 or more")
    }
    for (name, value) in [("minimum change", minimumChange), ("floor", floor)] {
      guard value >= 0, value.isFinite else {
        throw .invalid("the \(name) of a plateau is \(value), and must be 0 or more")
      }
    }
    self.factor = factor
    self.patience = patience
    self.minimumChange = minimumChange
    self.mode = mode
    self.cooldown = cooldown
    self.floor = floor
  }

  /// Takes the next value; NaN is no better than anything.
  public mutating func observe(_ value: Double) {
    if isBetter(value) {
      best = value
      stale = 0
    } else {
      stale += 1
    }
    if cooling > 0 {
      cooling -= 1
      stale = 0
    }
    if stale > patience {
      multiplier *= factor
      cooling = cooldown
      stale = 0
    }
  }

  /// The rate that the schedule's becomes.
  public func rate(_ scheduled: Double) -> Double {
    max(min(floor, scheduled), scheduled * multiplier)
  }

  private func isBetter(_ value: Double) -> Bool {
    guard let best else { return !value.isNaN }
    switch mode {
    case .least: return value < best - minimumChange
    case .greatest: return value > best + minimumChange
    }
  }
}

extension Plateau {
  /// How many numbers `memory` has.
  package static let memoryCount = 5

  /// Everything that was learnt from the values so far: multiplier, best (NaN for none), values no better, values that
  /// do not count, and the step of the last value.
  package var memory: [Double] {
    [multiplier, best ?? .nan, Double(stale), Double(cooling), Double(lastStep)]
  }

  /// Goes on from a memory; one of zeros is that of a plateau that has seen nothing.
  package mutating func restore(_ memory: [Double]) {
    precondition(memory.count == Plateau.memoryCount, "a plateau remembers 5 numbers")
    guard memory[0] > 0 else { return }
    multiplier = memory[0]
    best = memory[1].isNaN ? nil : memory[1]
    stale = Int(memory[2])
    cooling = Int(memory[3])
    lastStep = Int(memory[4])
  }

  /// Takes a value that was measured after a number of steps, unless it has taken it already.
  package mutating func observe(_ value: Double, takenAt step: Int) {
    guard step > lastStep else { return }
    lastStep = step
    observe(value)
  }
}
