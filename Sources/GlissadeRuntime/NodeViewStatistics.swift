public import GlissadeTensor

/// What the elements of a tensor are like.
public struct TensorStatistics: Sendable, Hashable {
  /// The number of elements.
  public let count: Int
  /// The least finite element; nil where there is none.
  public let least: Double?
  /// The greatest finite element.
  public let greatest: Double?
  /// The mean of the finite elements.
  public let mean: Double?
  /// Their standard deviation, by n.
  public let deviation: Double?
  /// How many are zero.
  public let zeros: Int
  /// How many are not finite.
  public let nonFinite: Int

  /// The statistics of a tensor.
  ///
  /// - Complexity: O(count), in two passes: the mean, then the squares around it, so that a small spread around a large
  ///   mean is not lost.
  public init(_ tensor: Tensor) {
    let elements = tensor.doubles()
    var least = Double.infinity
    var greatest = -Double.infinity
    var sum = 0.0
    var zeros = 0
    var finite = 0
    for element in elements where element.isFinite {
      finite += 1
      least = min(least, element)
      greatest = max(greatest, element)
      sum += element
      if element == 0 { zeros += 1 }
    }
    count = elements.count
    nonFinite = elements.count - finite
    self.zeros = zeros
    guard finite > 0 else {
      (self.least, self.greatest, mean, deviation) = (nil, nil, nil, nil)
      return
    }
    let mean = sum / Double(finite)
    var squares = 0.0
    for element in elements where element.isFinite {
      squares += (element - mean) * (element - mean)
    }
    self.least = least
    self.greatest = greatest
    self.mean = mean
    deviation = (squares / Double(finite)).squareRoot()
  }
}
