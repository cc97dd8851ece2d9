package import Glissade

/// A robust mean, element by element: the further a place stands from the median of all places, the less it counts.
///
/// With m the median of the places' means x and d the mean distance |x − m|, a place has the weight
/// 1 / (1 + sharpness · |x − m| / d).
package struct SoftMedian: Reduction {
  package static let name = "acme.soft-median"
  package static let version = 2
  package static let summary = "A mean in which places count less the further they are off."
  package static let attributes = [
    AttributeSpec("sharpness", .number(.positive), "How fast weights fall.", default: 1)
  ]

  private let sharpness: Float

  package init(_ attributes: Attributes) {
    sharpness = Float(attributes.number("sharpness") ?? 1)
  }

  package func reduce(_ places: [ReductionPlace], into result: UnsafeMutableBufferPointer<Float>) {
    var means = [Float](repeating: 0, count: places.count)
    for element in result.indices {
      for place in places.indices { means[place] = places[place].mean(element) }
      result[element] = softMedian(means)
    }
  }

  private func softMedian(_ values: [Float]) -> Float {
    let sorted = values.sorted()
    let half = sorted.count / 2
    let median = sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
    let distance = values.reduce(0) { $0 + abs($1 - median) } / Float(values.count)
    guard distance > 0 else { return median }
    var sum: Float = 0
    var total: Float = 0
    for value in values {
      let weight = 1 / (1 + sharpness * abs(value - median) / distance)
      sum += weight * value
      total += weight
    }
    return sum / total
  }
}

extension Reduce.Method {
  /// The reduction as graphs name it.
  package static func softMedian(sharpness: Double) -> Self {
    .kind(SoftMedian.name, ["sharpness": .of(sharpness)])
  }
}
