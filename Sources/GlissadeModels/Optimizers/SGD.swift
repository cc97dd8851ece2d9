import GlissadeKernels

/// w ← w − rate · g.
///
/// H. Robbins, S. Monro, "A stochastic approximation method", 1951.
struct SGD: OptimizerRule {
  static let word = "sgd"

  init(_ values: [Double]) {}

  func kernel(rate: Double, count: Int) -> UpdateKernel { UpdateKernel(.sgd, rate: Float(rate)) }
}
