package import GlissadeTensor

/// What is spilled in the bench: four kinds of data, from noise to what compresses best.
package enum SpillData: String, Sendable, CaseIterable {
  case normal = "normal floats"
  case halfZeros = "50 % zeros"
  case fewNonZeros = "95 % zeros"
  case ramp = "smooth ramp"

  /// A tensor of so many floats; others for other numbers.
  ///
  /// Its normal numbers are sums of four uniform ones, which is bell enough for a compressor. Half of them cut off at zero is what
  /// a ReLU leaves; the ramp rises from 0 to 1, as a coordinate does.
  package func tensor(count: Int, number: Int) -> Tensor {
    let draws = RandomKey(seed: 1).deriving(number).stream
    var tensor = Tensor(uninitialized: .float32, Shape(count))
    tensor.withMutableElements(of: Float.self) { elements in
      for index in 0..<count {
        if self == .ramp {
          elements[index] = Float(index) / Float(count)
          continue
        }
        let words = draws.words(0, UInt64(index))
        let sum = Double(words.0) + Double(words.1) + Double(words.2) + Double(words.3)
        let normal = Float((sum * 0x1p-32 - 2) * 1.7320508)
        elements[index] =
          switch self {
          case .normal, .ramp: normal
          case .halfZeros: max(0, normal)
          // Another draw decides, so that those that are kept have any size.
          case .fewNonZeros: draws.uniform(1, UInt64(index)) < 0.05 ? normal : 0
          }
      }
    }
    return tensor
  }
}
