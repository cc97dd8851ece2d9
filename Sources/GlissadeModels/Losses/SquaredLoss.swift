import GlissadeKernels

/// ½ (ŷ − y)²; derivative ŷ − y.
///
/// With the half, as in most derivations; PyTorch's `MSELoss` has none.
struct SquaredLoss: ElementwiseLoss {
  let word = "squared"
  let fit = LossFit.numbers
  let kernel = ElementLoss.squared
}
