/// Bounds on a gradient: first on its norm, then on each element.
public struct GradientClip: Sendable, Hashable {
  /// The greatest norm over all parameters.
  public let norm: Double?
  /// The greatest magnitude of an element.
  public let value: Double?

  /// Bounds, each above 0; nil is none.
  public init(norm: Double? = nil, value: Double? = nil) throws(ModelError) {
    for (name, bound) in [("norm", norm), ("value", value)] {
      guard let bound else { continue }
      guard Float(bound) > 0 else {
        throw .invalid("a gradient is clipped to a \(name) of \(bound), which must be above 0")
      }
    }
    self.norm = norm
    self.value = value
  }

  /// What a gradient of a norm is multiplied by: the smaller of 1 and bound / (norm + 10⁻⁶).
  ///
  /// As PyTorch's `clip_grad_norm_` has it (R. Pascanu, T. Mikolov, Y. Bengio, 2013).
  public func factor(forNorm found: Double) -> Double {
    norm.map { min(1, $0 / (found + 1e-6)) } ?? 1
  }
}
