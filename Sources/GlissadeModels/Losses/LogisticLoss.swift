import GlissadeKernels

/// log(1 + eᶻ) − y z for a margin z and a label y of 0 or 1; derivative σ(z) − y.
///
/// Computed as max(z, 0) − y z + log(1 + e^−|z|), which overflows for no finite z.
struct LogisticLoss: ElementwiseLoss {
  let word = "logistic"
  let fit = LossFit.margin
  let kernel = ElementLoss.logistic
}
