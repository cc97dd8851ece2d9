import CKernels

/// What decides the bits of a matrix product besides its operands: with another fingerprint the same graph may give
/// other last bits.
public enum KernelFingerprint {
  /// OpenBLAS's version and core, and the level of our own kernels: `OpenBLAS 0.3.21 SkylakeX kernels 1 v4`.
  ///
  /// The number after `kernels` counts the changes of our own arithmetic that gave other bits.
  public static var current: String {
    compose(
      configuration: configuration, core: String(cString: glissade_blas_core()),
      level: KernelLevel.current.word)
  }

  /// Why matrix products cannot be computed here, or nil: OpenBLAS is not installed.
  public static var failure: String? { glissade_blas_failure().map { String(cString: $0) } }

  /// OpenBLAS's own account of how it was built, for `doctor`.
  public static var configuration: String {
    String(cString: glissade_blas_configuration())
  }

  static func compose(configuration: String, core: String, level: String) -> String {
    let words = configuration.split(separator: " ")
    let version = words.count > 1 ? words[1] : "unknown"
    // An ILP64 or single-threaded build has kernels of the same name, but is another library.
    let kinds = words.filter { $0 == "USE64BITINT" || $0 == "SINGLE_THREADED" }
    return (["OpenBLAS", String(version), core] + kinds.map(String.init) + ["kernels 1", level])
      .joined(separator: " ")
  }
}
