import GlissadeKernels

/// |ŷ − y|; derivative sign(ŷ − y), 0 where they are equal.
struct AbsoluteLoss: ElementwiseLoss {
  let word = "absolute"
  let fit = LossFit.numbers
  let kernel = ElementLoss.absolute
}
