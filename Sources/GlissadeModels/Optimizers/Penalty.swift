import GlissadeKernels
public import GlissadeTensor

/// What large parameters cost: weight · (ratio · ‖w‖₁ + (1 − ratio) / 2 · ‖w‖²), as in scikit-learn's elastic net.
///
/// The smooth part joins the gradient; the part with ‖w‖₁ is applied behind the step by soft-thresholding, so that
/// parameters become exactly zero (N. Parikh, S. Boyd, "Proximal algorithms", 2014, §4.2 and §6.5.2).
public struct Penalty: Sendable, Hashable, CustomStringConvertible {
  /// The words of all penalties.
  public static let words = ["l1", "l2", "elastic-net"]

  /// The word of the penalty.
  public let description: String
  /// The factor of ‖w‖₁.
  public let l1: Double
  /// The factor of ½ ‖w‖².
  public let l2: Double
  /// Whether biases, and the scales and shifts of norms, are penalized too.
  public let includesBiases: Bool

  /// The penalty of a word; `ratio`, the share of ‖w‖₁, is for `elastic-net` alone.
  public init(
    named word: String, weight: Double, ratio: Double = 0.5, includesBiases: Bool = false
  ) throws(ModelError) {
    guard weight >= 0, Float(weight).isFinite else {
      throw .invalid("the weight of the penalty '\(word)' is \(weight), and must be 0 or more")
    }
    guard ratio >= 0, ratio <= 1 else {
      throw .invalid("the ratio of the penalty '\(word)' is \(ratio), and must be from 0 to 1")
    }
    switch word {
    case "l1": (l1, l2) = (weight, 0)
    case "l2": (l1, l2) = (0, weight)
    case "elastic-net": (l1, l2) = (weight * ratio, weight * (1 - ratio))
    default: throw .unknown("penalty", word: word, known: Penalty.words)
    }
    description = word
    self.includesBiases = includesBiases
  }

  /// Whether tensors of a role are penalized.
  public func applies(to role: TensorLayout.Role) -> Bool {
    switch role {
    case .weight, .embedding: true
    case .bias, .norm: includesBiases
    }
  }

  /// The penalty of the elements `range` of a layout; `parameters` points to the first of them.
  package func value(
    _ parameters: UnsafePointer<Float>, layout: TensorLayout, range: Range<Int>
  ) -> Double {
    var result = 0.0
    for entry in layout.entries where applies(to: entry.role) {
      let part = entry.range.clamped(to: range)
      guard !part.isEmpty else { continue }
      let start = parameters + (part.lowerBound - range.lowerBound)
      if l1 > 0 { result += l1 * totalAbsolute(start, count: part.count) }
      if l2 > 0 { result += l2 / 2 * totalSquares(start, count: part.count) }
    }
    return result
  }

  /// Adds the derivative of the smooth part to a gradient: for solvers that do without an update.
  package func addGradient(
    at parameters: UnsafePointer<Float>, layout: TensorLayout, range: Range<Int>,
    into gradient: UnsafeMutablePointer<Float>
  ) {
    guard l2 > 0 else { return }
    for entry in layout.entries where applies(to: entry.role) {
      let part = entry.range.clamped(to: range)
      guard !part.isEmpty else { continue }
      let offset = part.lowerBound - range.lowerBound
      addScaled(Float(l2), parameters + offset, count: part.count, into: gradient + offset)
    }
  }
}
