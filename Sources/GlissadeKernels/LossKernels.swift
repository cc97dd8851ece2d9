import CKernels

// Losses with their derivatives, in one pass over the logits, stable at any finite margin. Sums are in Float64.

/// A loss that is a sum over elements.
package enum ElementLoss: Sendable {
  /// ½ (y − t)²
  case squared
  /// |y − t|
  case absolute
  /// ½ (y − t)² within `delta`, delta · (|y − t| − ½ delta) beyond.
  case huber(delta: Float)
  /// log(1 + eʸ) − t · y, for t in 0...1.
  case logistic
  /// max(0, 1 − s · y) with s = 2 t − 1, for t of 0 or 1.
  case hinge

  /// The sum over `count` elements, and the derivatives by y in `residual`, which may be y, or nil.
  package func sum(
    _ y: UnsafePointer<Float>, targets: UnsafePointer<Float>, count: Int,
    residual: UnsafeMutablePointer<Float>?
  ) -> Double {
    switch self {
    case .squared: glissade_loss(code(GLISSADE_SQUARED), 0, count, y, targets, residual)
    case .absolute: glissade_loss(code(GLISSADE_ABSOLUTE), 0, count, y, targets, residual)
    case .huber(let delta): glissade_loss(code(GLISSADE_HUBER), delta, count, y, targets, residual)
    case .logistic: glissade_loss(code(GLISSADE_LOGISTIC), 0, count, y, targets, residual)
    case .hinge: glissade_loss(code(GLISSADE_HINGE), 0, count, y, targets, residual)
    }
  }

  private func code(_ loss: glissade_element_loss) -> Int32 { Int32(loss.rawValue) }
}

/// Σ over rows of log Σ e^logits − logits[label], and softmax − onehot in `residual`, which may be the logits, or nil.
///
/// NaN where a label is outside 0..<columns.
package func softmaxCrossEntropy(
  _ logits: UnsafePointer<Float>, labels: UnsafePointer<Int32>, rows: Int, columns: Int,
  residual: UnsafeMutablePointer<Float>?
) -> Double { glissade_softmax_cross_entropy(rows, columns, logits, labels, residual) }

/// out ← softmax(logits / temperature) along each row of [rows, columns]; out may be the logits.
package func softmax(
  _ logits: UnsafePointer<Float>, rows: Int, columns: Int, temperature: Float = 1,
  into out: UnsafeMutablePointer<Float>
) { glissade_softmax(rows, columns, logits, 1 / temperature, out) }
