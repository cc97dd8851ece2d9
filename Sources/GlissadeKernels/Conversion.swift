import CKernels

// Numbers of a file to numbers of a model: x · factor + shift, in one pass.

/// out ← x · factor + shift for bytes, as of an image.
package func convert(
  _ x: UnsafePointer<UInt8>, count: Int, factor: Float, shift: Float,
  into out: UnsafeMutablePointer<Float>
) { glissade_affine_u8(count, x, factor, shift, out) }

/// out ← x · factor + shift; out may be x.
package func convert(
  _ x: UnsafePointer<Float>, count: Int, factor: Float, shift: Float,
  into out: UnsafeMutablePointer<Float>
) { glissade_affine_f32(count, x, factor, shift, out) }

/// out ← x · factors[column] + shifts[column] for x of [rows, columns] bytes.
package func convert(
  _ x: UnsafePointer<UInt8>, rows: Int, columns: Int, factors: UnsafePointer<Float>,
  shifts: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
) { glissade_affine_rows_u8(rows, columns, x, factors, shifts, out) }

/// out ← x · factors[column] + shifts[column] for x of [rows, columns]; out may be x.
package func convert(
  _ x: UnsafePointer<Float>, rows: Int, columns: Int, factors: UnsafePointer<Float>,
  shifts: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
) { glissade_affine_rows_f32(rows, columns, x, factors, shifts, out) }
