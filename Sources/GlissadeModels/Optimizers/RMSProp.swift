import GlissadeKernels

/// v ← α v + (1 − α) g², w ← w − rate · g / (√v + ε), with α called `decay`.
///
/// T. Tieleman, G. Hinton, lecture 6.5 of "Neural networks for machine learning", 2012.
struct RMSProp: OptimizerRule {
  static let word = "rmsprop"
  static let numbers = [
    Hyperparameter("decay", 0.99, .fraction), Hyperparameter("epsilon", 1e-8, .positive),
  ]
  static let state = ["square"]

  let decayOfSquare: Double
  let epsilon: Double

  init(_ values: [Double]) { (decayOfSquare, epsilon) = (values[0], values[1]) }

  func kernel(rate: Double, count: Int) -> UpdateKernel {
    UpdateKernel(
      .rmsprop(
        decay: Float(decayOfSquare), mix: Float(1 - decayOfSquare), epsilon: Float(epsilon)),
      rate: Float(rate))
  }
}
