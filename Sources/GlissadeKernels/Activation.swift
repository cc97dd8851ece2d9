import CKernels

/// What a layer does to its sums.
public enum Activation: String, Sendable, Hashable, CaseIterable {
  /// Nothing.
  case identity
  /// max(0, z)
  case relu
  /// The hyperbolic tangent.
  case tanh
  /// 1 / (1 + e⁻ᶻ)
  case sigmoid
  /// z · Φ(z) in its tanh form, PyTorch's `GELU(approximate="tanh")` (D. Hendrycks, K. Gimpel, 2016).
  case gelu

  /// Whether the derivative is taken from the sums z; from the outputs otherwise, and then one buffer can hold both.
  package var savesSums: Bool { self == .gelu }

  private var code: Int32 {
    switch self {
    case .identity: Int32(GLISSADE_IDENTITY.rawValue)
    case .relu: Int32(GLISSADE_RELU.rawValue)
    case .tanh: Int32(GLISSADE_TANH.rawValue)
    case .sigmoid: Int32(GLISSADE_SIGMOID.rawValue)
    case .gelu: Int32(GLISSADE_GELU.rawValue)
    }
  }

  /// z ← z + bias[column], y ← f(z), for z and y of [rows, columns].
  ///
  /// y may be z.
  package func apply(
    addingBias bias: UnsafePointer<Float>, to z: UnsafeMutablePointer<Float>, rows: Int,
    columns: Int, into y: UnsafeMutablePointer<Float>
  ) { glissade_bias_activate(code, rows, columns, z, bias, y) }

  /// out ← dy · f′, at the outputs y that were saved, or at the sums z where `savesSums`.
  ///
  /// out may be dy.
  package func backward(
    saved: UnsafePointer<Float>, _ dy: UnsafePointer<Float>, count: Int,
    into out: UnsafeMutablePointer<Float>
  ) { glissade_activate_backward(code, count, saved, dy, out) }
}
