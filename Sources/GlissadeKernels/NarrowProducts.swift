import CKernels

// Products with few outputs, as of linear models: at the speed of memory, and with the same bits on every processor,
// which a library's matrix product does not promise.

/// y ← x · wᵀ for x of [rows, inputs] and w of [outputs, inputs].
package func narrowProduct(
  _ x: UnsafePointer<Float>, _ w: UnsafePointer<Float>, rows: Int, inputs: Int, outputs: Int,
  into y: UnsafeMutablePointer<Float>
) { glissade_narrow_product(rows, inputs, outputs, x, w, y) }

/// gradient ← gradient + residualᵀ · x for residuals of [rows, outputs] and a gradient of [outputs, inputs].
///
/// The rows are summed on their own first, so that a long run of calls loses little to rounding.
package func addNarrowGradient(
  _ x: UnsafePointer<Float>, _ residual: UnsafePointer<Float>, rows: Int, inputs: Int,
  outputs: Int, into gradient: UnsafeMutablePointer<Float>
) { glissade_narrow_gradient(rows, inputs, outputs, x, residual, gradient) }
