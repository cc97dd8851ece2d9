import Glibc
import GlissadeKernels

/// m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², w ← w − rate / (1 − β₁ᵗ) · m / (√(v / (1 − β₂ᵗ)) + ε).
///
/// D. P. Kingma, J. Ba, "Adam: a method for stochastic optimization", ICLR 2015.
struct Adam: OptimizerRule {
  static let word = "adam"
  static let numbers = [
    Hyperparameter("beta1", 0.9, .fraction), Hyperparameter("beta2", 0.999, .fraction),
    Hyperparameter("epsilon", 1e-8, .positive),
  ]
  static let state = ["m", "v"]

  let beta1: Double
  let beta2: Double
  let epsilon: Double

  init(_ values: [Double]) { (beta1, beta2, epsilon) = (values[0], values[1], values[2]) }

  func kernel(rate: Double, count: Int) -> UpdateKernel {
    let first = 1 - pow(beta1, Double(count))
    let second = 1 - pow(beta2, Double(count))
    return UpdateKernel(
      .adam(
        decay1: Float(beta1), mix1: Float(1 - beta1), decay2: Float(beta2),
        mix2: Float(1 - beta2), spread: Float(1 / second.squareRoot()), epsilon: Float(epsilon)),
      rate: Float(rate / first))
  }
}
