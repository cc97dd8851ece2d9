/// The sizes of a tensor along its dimensions, outermost first.
///
/// A shape without dimensions is a single number.
public struct Shape: Sendable, Hashable, CustomStringConvertible {
  /// The greatest number of dimensions.
  public static let maximumRank = 8

  /// The size along each dimension, none negative.
  public let dimensions: [Int]

  /// The product of the dimensions.
  public let elementCount: Int

  /// A shape, or nil where a size is negative, the rank passes `maximumRank` or the product of the sizes that are not
  /// zero overflows.
  public init?(checking dimensions: [Int]) {
    guard dimensions.count <= Shape.maximumRank else { return nil }
    var product = 1
    // A zero does not excuse the other sizes: views of an empty tensor still multiply them.
    for size in dimensions where size != 0 {
      guard size > 0 else { return nil }
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      // Room for the widest scalar, so that byte counts cannot overflow either.
      guard !overflow, next <= Int.max / 16 else { return nil }
      product = next
    }
    self.dimensions = dimensions
    self.elementCount = dimensions.contains(0) ? 0 : product
  }

  /// A shape whose sizes are known to be sound.
  ///
  /// Traps where `init(checking:)` gives nil.
  public init(_ dimensions: [Int]) {
    guard let shape = Shape(checking: dimensions) else {
      preconditionFailure("not a shape: \(dimensions)")
    }
    self = shape
  }

  /// A shape from its sizes.
  public init(_ dimensions: Int...) { self.init(dimensions) }

  /// The number of dimensions.
  public var rank: Int { dimensions.count }

  /// The size along a dimension.
  public subscript(dimension: Int) -> Int { dimensions[dimension] }

  /// As NumPy writes it: `[60000, 784]`.
  public var description: String {
    "[" + dimensions.map(String.init).joined(separator: ", ") + "]"
  }
}
