import GlissadeKernels

/// ½ e² for an error |e| ≤ δ, δ (|e| − ½ δ) beyond; derivative e, clamped to ±δ.
///
/// P. J. Huber, "Robust estimation of a location parameter", 1964; PyTorch's `HuberLoss`.
struct HuberLoss: ElementwiseLoss {
  let word = "huber"
  let fit = LossFit.numbers
  let kernel: ElementLoss

  init(delta: Double) throws(ModelError) {
    let rounded = Float(delta)
    guard rounded > 0, rounded.isFinite else {
      throw .invalid("the delta of the loss 'huber' is \(delta), and must be above 0 and finite")
    }
    kernel = .huber(delta: rounded)
  }
}
