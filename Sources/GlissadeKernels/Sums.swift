import CKernels

// Sums over a buffer, in Float64 through 16 lanes that are added in a fixed tree: the same bits on every processor.

/// Σ x.
package func total(_ x: UnsafePointer<Float>, count: Int) -> Double { glissade_total(count, x) }

/// Σ |x|.
package func totalAbsolute(_ x: UnsafePointer<Float>, count: Int) -> Double {
  glissade_total_absolute(count, x)
}

/// Σ a · b.
package func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Double {
  glissade_dot(count, a, b)
}

/// Σ x².
///
/// Finite exactly if every element is: no square of a Float32 overflows a Float64.
package func totalSquares(_ x: UnsafePointer<Float>, count: Int) -> Double {
  glissade_dot(count, x, x)
}

/// sums[column] += Σ x[row, column] with x of [rows, columns], the rows added one after another first.
package func addColumnSums(
  _ x: UnsafePointer<Float>, rows: Int, columns: Int, into sums: UnsafeMutablePointer<Float>
) { glissade_column_sums(rows, columns, x, sums) }
