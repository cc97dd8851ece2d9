import CKernels

/// Matrix products through OpenBLAS, each on the calling thread alone.
///
/// Matrices are row-major and contiguous.
///
/// Parallelism belongs to the scheduler: with one thread a product, its bits depend on its shape only.
package enum BLAS {
  /// The greatest size along a dimension: OpenBLAS counts in 32 bits.
  package static let maximumSize = Int(Int32.max)

  /// Loads OpenBLAS once in a process.
  ///
  /// The programs that use it check `KernelFingerprint.failure` at their start; who comes here without it has no library
  /// to go on with.
  private static let prepared: Void = {
    if let failure = glissade_blas_failure() { preconditionFailure(String(cString: failure)) }
  }()

  /// A factor of a product, by the address of its first element.
  package enum Operand {
    /// As it is stored.
    case plain(UnsafePointer<Float>)
    /// The transpose of what is stored.
    case transposed(UnsafePointer<Float>)

    fileprivate var address: UnsafePointer<Float> {
      switch self {
      case .plain(let address), .transposed(let address): address
      }
    }

    fileprivate var isTransposed: Bool {
      switch self {
      case .plain: false
      case .transposed: true
      }
    }
  }

  /// c ← alpha · a · b + beta · c, with a of [rows, inner], b of [inner, columns] and c of [rows, columns],
  /// transposes taken; with `beta` 0 what stood in c is not read.
  ///
  /// 2 · rows · columns · inner floating-point operations.
  package static func multiply(
    rows: Int, columns: Int, inner: Int, alpha: Float = 1, _ a: Operand, _ b: Operand,
    beta: Float = 0, into c: UnsafeMutablePointer<Float>
  ) {
    precondition(
      max(rows, columns, inner) <= maximumSize, "a matrix product of \(rows)×\(columns)×\(inner)")
    _ = prepared
    // A matrix without columns still needs a stride of 1.
    glissade_sgemm(
      a.isTransposed ? 1 : 0, b.isTransposed ? 1 : 0, Int32(rows), Int32(columns), Int32(inner),
      alpha, a.address, Int32(max(1, a.isTransposed ? rows : inner)), b.address,
      Int32(max(1, b.isTransposed ? inner : columns)), beta, c, Int32(max(1, columns)))
  }

  /// y ← alpha · a · x + beta · y, where the matrix that is stored has `storedRows` and `storedColumns`.
  package static func multiply(
    storedRows rows: Int, storedColumns columns: Int, alpha: Float = 1, _ a: Operand,
    vector x: UnsafePointer<Float>, beta: Float = 0, into y: UnsafeMutablePointer<Float>
  ) {
    precondition(max(rows, columns) <= maximumSize, "a matrix of \(rows)×\(columns)")
    _ = prepared
    glissade_sgemv(
      a.isTransposed ? 1 : 0, Int32(rows), Int32(columns), alpha, a.address, x, beta, y)
  }
}
