import GlissadeKernels

/// m ← μ m + (1 − dampening) g, w ← w − rate · m; the first m is g itself, as in PyTorch.
///
/// B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
struct Momentum: OptimizerRule {
  static let word = "momentum"
  static let numbers = [
    Hyperparameter("momentum", 0.9, .fraction), Hyperparameter("dampening", 0, .fraction),
  ]
  static let state = ["momentum"]

  let momentum: Double
  let dampening: Double

  init(_ values: [Double]) { (momentum, dampening) = (values[0], values[1]) }

  func kernel(rate: Double, count: Int) -> UpdateKernel {
    let mix = count == 1 ? 1 : 1 - dampening
    return UpdateKernel(
      .momentum(decay: Float(momentum), mix: Float(mix), nesterov: false), rate: Float(rate))
  }
}
