import GlissadeKernels

/// Adam, with w multiplied by 1 − rate · decay first, apart from the gradient.
///
/// I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019. All tensors decay, as in PyTorch, but
/// those that `decay-except` names.
struct AdamW: OptimizerRule {
  static let word = "adamw"
  static let numbers = Adam.numbers + [Hyperparameter("decay", 0.01, .nonnegative)]
  static let state = Adam.state

  let adam: Adam
  let decay: Double

  init(_ values: [Double]) { (adam, decay) = (Adam(values), values[3]) }

  func kernel(rate: Double, count: Int) -> UpdateKernel { adam.kernel(rate: rate, count: count) }
}
