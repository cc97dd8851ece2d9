import COpenBLAS

/// What decides the bits of a matrix product besides its operands: with another fingerprint the same graph may give
/// other last bits.
public enum KernelFingerprint {
  /// OpenBLAS's version and core, and the level of our own kernels: `OpenBLAS 0.3.21 SkylakeX kernels 1 v4`.
  ///
  /// The number after `kernels` counts the changes of our own arithmetic that gave other bits.
  public static var current: String {
    let configuration = openblas_get_config().map { String(cString: $0) } ?? ""
    let core = openblas_get_corename().map { String(cString: $0) } ?? "unknown"
    return compose(configuration: configuration, core: core, level: KernelLevel.current.word)
  }

  /// OpenBLAS's own account of how it was built, for `doctor`.
  public static var configuration: String {
    openblas_get_config().map { String(cString: $0) } ?? ""
  }

  /// A core that OpenBLAS should be started with (`OPENBLAS_CORETYPE`, read when it is loaded), or nil where its own
  /// choice is sound.
  ///
  /// A version that does not know a processor's model takes its oldest kernels: 0.3.21 takes `Prescott`, of 2004, on an
  /// Emerald Rapids of 2023, and multiplies at a quarter of the speed.
  public static var preferredCore: String? {
    let core = openblas_get_corename().map { String(cString: $0) } ?? ""
    return preferredCore(chosen: core, level: KernelLevel.highest)
  }

  static func preferredCore(chosen core: String, level: KernelLevel) -> String? {
    let old = ["Prescott", "Core2", "Penryn", "Dunnington", "Nehalem", "Atom", "Generic"]
    guard old.contains(core) else { return nil }
    switch level {
    case .baseline: return nil
    case .v3: return "Haswell"
    case .v4: return "SkylakeX"
    }
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
