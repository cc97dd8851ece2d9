import GlissadeKernels
package import GlissadeTensor

extension Network {
  /// Fills `buffer`, which has `layout.count` elements, with the initial parameters of a key.
  ///
  /// - Models without hidden layers begin at zero: their loss is convex, so the start needs no luck.
  /// - Weights before relu and gelu: uniform within √(6 / fan-in) (K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into
  ///   rectifiers", ICCV 2015).
  /// - Other weights: uniform within √(6 / (fan-in + fan-out)) (X. Glorot, Y. Bengio, "Understanding the difficulty of
  ///   training deep feedforward neural networks", AISTATS 2010).
  /// - Embeddings: uniform with the standard deviation of 0.02 that Radford et al. (2019) draw from a normal.
  /// - Biases 0, the scales of norms 1.
  ///
  /// An element depends on the key, its tensor's name and its index only.
  package func initialize(_ buffer: UnsafeMutableBufferPointer<Float>, key: RandomKey) {
    precondition(
      buffer.count == layout.count, "\(buffer.count) elements for a layout of \(layout.count)")
    buffer.initialize(repeating: 0)
    for entry in layout.entries {
      let target = UnsafeMutableBufferPointer(rebasing: buffer[entry.range])
      if entry.role == .norm, entry.name.hasSuffix(".weight") {
        target.update(repeating: 1)
      } else if let bound = uniformBound(entry) {
        Network.fill(target, bound: bound, stream: key.deriving(entry.name).stream)
      }
    }
  }

  /// The bound of a tensor's uniform numbers, nil where it begins at zero.
  private func uniformBound(_ entry: TensorLayout.Entry) -> Float? {
    switch entry.role {
    case .bias, .norm: return nil
    case .embedding: return 0.02 * Float(3).squareRoot()
    case .weight: break
    }
    if layers.count == 1 { return nil }
    let area = entry.shape.dimensions.dropFirst(2).reduce(1, *)
    let fanIn = Float(entry.shape[1] * area)
    let fanOut = Float(entry.shape[0] * area)
    return isBeforeRectifier(entry)
      ? (6 / fanIn).squareRoot() : (6 / (fanIn + fanOut)).squareRoot()
  }

  private func isBeforeRectifier(_ entry: TensorLayout.Entry) -> Bool {
    guard let layer = layers.first(where: { $0.weight == entry.offset }) else {
      // Of the models without arithmetic here, all but the last weight stand before a rectifier.
      return entry != layout.entries.last { $0.role == .weight }
    }
    return layer.activation == .relu || layer.activation == .gelu
  }

  /// Uniform numbers in [-bound, bound), four to a counter.
  private static func fill(
    _ target: UnsafeMutableBufferPointer<Float>, bound: Float, stream: Philox
  ) {
    for first in stride(from: 0, to: target.count, by: 4) {
      let (a, b, c, d) = stream.words(0, UInt64(first / 4))
      for (index, word) in zip(first..<min(first + 4, target.count), [a, b, c, d]) {
        target[index] = (Float(word >> 8) * 0x1p-23 - 1) * bound
      }
    }
  }
}
