/// The type of a tensor's elements.
public enum ScalarType: String, Sendable, Hashable, CaseIterable {
  case float32
  case float64
  case int32
  case int64
  case uint8

  /// The bytes of one element.
  public var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .float64, .int64: 8
    case .uint8: 1
    }
  }
}

/// A Swift type that a tensor can hold.
public protocol TensorScalar: BitwiseCopyable, Sendable {
  /// The scalar type that names this Swift type.
  static var scalarType: ScalarType { get }
}

extension Float: TensorScalar {
  /// `float32`.
  public static var scalarType: ScalarType { .float32 }
}

extension Double: TensorScalar {
  /// `float64`.
  public static var scalarType: ScalarType { .float64 }
}

extension Int32: TensorScalar {
  /// `int32`.
  public static var scalarType: ScalarType { .int32 }
}

extension Int64: TensorScalar {
  /// `int64`.
  public static var scalarType: ScalarType { .int64 }
}

extension UInt8: TensorScalar {
  /// `uint8`.
  public static var scalarType: ScalarType { .uint8 }
}
