import GlissadeKernels

/// log Σ e^z − z[class] over a row of logits z; derivative softmax(z) − onehot(class).
///
/// PyTorch's `CrossEntropyLoss`.
struct CrossEntropyLoss: LossFunction {
  let word = "cross-entropy"
  let fit = LossFit.classes

  func sum(
    _ logits: UnsafePointer<Float>, _ targets: Targets, rows: Int, outputs: Int,
    residual: UnsafeMutablePointer<Float>?
  ) -> Double {
    guard case .codes(let codes) = targets else {
      preconditionFailure("cross-entropy over numbers instead of class codes")
    }
    return softmaxCrossEntropy(
      logits, labels: codes, rows: rows, columns: outputs, residual: residual)
  }
}
