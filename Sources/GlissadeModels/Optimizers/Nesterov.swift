import GlissadeKernels

/// m ← μ m + g, w ← w − rate · (g + μ m).
///
/// I. Sutskever, J. Martens, G. Dahl, G. Hinton, "On the importance of initialization and momentum in deep learning",
/// ICML 2013, in PyTorch's form.
struct Nesterov: OptimizerRule {
  static let word = "nesterov"
  static let numbers = [Hyperparameter("momentum", 0.9, .fraction)]
  static let state = ["momentum"]

  let momentum: Double

  init(_ values: [Double]) { momentum = values[0] }

  func kernel(rate: Double, count: Int) -> UpdateKernel {
    UpdateKernel(.momentum(decay: Float(momentum), mix: 1, nesterov: true), rate: Float(rate))
  }
}
