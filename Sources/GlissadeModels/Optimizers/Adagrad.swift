import GlissadeKernels

/// v ← v + g², w ← w − rate · g / (√v + ε).
///
/// J. Duchi, E. Hazan, Y. Singer, "Adaptive subgradient methods", JMLR 2011.
struct Adagrad: OptimizerRule {
  static let word = "adagrad"
  static let numbers = [Hyperparameter("epsilon", 1e-10, .positive)]
  static let state = ["sum"]

  let epsilon: Double

  init(_ values: [Double]) { epsilon = values[0] }

  func kernel(rate: Double, count: Int) -> UpdateKernel {
    UpdateKernel(.adagrad(epsilon: Float(epsilon)), rate: Float(rate))
  }
}
