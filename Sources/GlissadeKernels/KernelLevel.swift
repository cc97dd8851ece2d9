import CKernels

/// The instructions that the kernels may use.
///
/// All levels give the same bits; only their speed differs.
package enum KernelLevel: Int32, Sendable, CaseIterable {
  /// What every processor of the platform has.
  case baseline = 1
  /// AVX2: Haswell (2013), Zen (2017) and later.
  case v3 = 3
  /// AVX-512: Skylake-SP (2017), Zen 4 (2022) and later.
  case v4 = 4

  /// The level in use.
  package static var current: KernelLevel {
    KernelLevel(rawValue: glissade_kernels_level()) ?? .baseline
  }

  /// The highest level of this processor, whatever is pinned.
  package static var highest: KernelLevel {
    KernelLevel(rawValue: glissade_kernels_highest()) ?? .baseline
  }

  /// Uses this level in the whole process from now on; false, and no change, where the processor has not got it.
  @discardableResult
  package func pin() -> Bool { glissade_kernels_pin(rawValue) == 0 }

  /// Goes back to the highest level of this processor.
  package static func unpin() { _ = glissade_kernels_pin(0) }

  /// The word for it in a fingerprint.
  package var word: String {
    switch self {
    case .baseline: "baseline"
    case .v3: "v3"
    case .v4: "v4"
    }
  }
}
