import CKernels

// Element by element. Counts are in elements; outputs may be one of the inputs, but must not overlap one otherwise.

/// out ← a + b.
package func add(
  _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int,
  into out: UnsafeMutablePointer<Float>
) { glissade_add(count, a, b, out) }

/// out ← alpha · x.
package func scale(
  _ x: UnsafePointer<Float>, by alpha: Float, count: Int, into out: UnsafeMutablePointer<Float>
) { glissade_scale(count, alpha, x, out) }

/// y ← y + alpha · x.
package func addScaled(
  _ alpha: Float, _ x: UnsafePointer<Float>, count: Int, into y: UnsafeMutablePointer<Float>
) { glissade_axpy(count, alpha, x, y) }

/// out ← inputs[0] + inputs[1] + …, added in that order.
///
/// At least one input.
package func sum(
  _ inputs: [UnsafePointer<Float>], count: Int, into out: UnsafeMutablePointer<Float>
) {
  precondition(!inputs.isEmpty, "a sum of no buffers")
  withOptionals(inputs) { glissade_sum(count, inputs.count, $0, out) }
}

/// out ← weights[0] · inputs[0] + weights[1] · inputs[1] + …, added in that order.
///
/// At least one input.
package func combine(
  _ inputs: [UnsafePointer<Float>], weights: [Float], count: Int,
  into out: UnsafeMutablePointer<Float>
) {
  precondition(!inputs.isEmpty, "a combination of no buffers")
  precondition(
    inputs.count == weights.count, "\(inputs.count) buffers with \(weights.count) weights")
  withOptionals(inputs) { glissade_combine(count, inputs.count, $0, weights, out) }
}

/// out ← the greatest of the inputs at each element.
///
/// At least one input.
package func greatest(
  _ inputs: [UnsafePointer<Float>], count: Int, into out: UnsafeMutablePointer<Float>
) {
  precondition(!inputs.isEmpty, "the greatest of no buffers")
  withOptionals(inputs) { glissade_greatest(count, inputs.count, $0, out) }
}

/// out ← eˣ, within 2 units in the last place.
package func exponential(
  _ x: UnsafePointer<Float>, count: Int, into out: UnsafeMutablePointer<Float>
) { glissade_exp(count, x, out) }

/// The addresses as C sees them: its pointers may be null, and an optional pointer has the bytes of a plain one.
private func withOptionals(
  _ inputs: [UnsafePointer<Float>],
  _ body: (UnsafePointer<UnsafePointer<Float>?>) -> Void
) {
  inputs.withUnsafeBytes { bytes in
    bytes.withMemoryRebound(to: UnsafePointer<Float>?.self) { pointers in
      if let base = pointers.baseAddress { body(base) }
    }
  }
}
