import GlissadeKernels

/// max(0, 1 − s z) for a margin z and s = ±1 from a label of 1 or 0; derivative −s where it is above 0.
///
/// C. Cortes, V. Vapnik, "Support-vector networks", 1995.
struct HingeLoss: ElementwiseLoss {
  let word = "hinge"
  let fit = LossFit.margin
  let kernel = ElementLoss.hinge
}
