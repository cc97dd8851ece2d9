import Foundation
import GlissadeKernels
import GlissadeTensor

import GlissadeModels

/// The loss of dense layers in Float64, written as plainly as it can be: what the network is checked against.
struct ReferenceNetwork {
  let layout: TensorLayout
  let inputs: Int
  let activation: Activation
  let loss: (_ logits: ArraySlice<Double>, _ row: Int) -> Double

  func totalLoss(_ parameters: [Double], x: [Float], rows: Int) -> Double {
    (0..<rows).reduce(0) { total, row in
      let own = x[row * inputs..<(row + 1) * inputs].map(Double.init)
      return total + loss(logits(parameters, own)[...], row)
    }
  }

  func logits(_ parameters: [Double], _ x: [Double]) -> [Double] {
    var values = x
    let layers = layout.entries.count / 2
    for layer in 0..<layers {
      guard let weight = layout["dense.\(layer).weight"], let bias = layout["dense.\(layer).bias"]
      else { return [] }
      let width = values.count
      values = (0..<weight.shape[0]).map { unit in
        let sum = (0..<width).reduce(parameters[bias.offset + unit]) {
          $0 + parameters[weight.offset + unit * width + $1] * values[$1]
        }
        return layer + 1 == layers ? sum : activate(sum)
      }
    }
    return values
  }

  private func activate(_ z: Double) -> Double {
    switch activation {
    case .identity: z
    case .relu: max(0, z)
    case .tanh: tanh(z)
    case .sigmoid: 1 / (1 + exp(-z))
    case .gelu: z / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (z + 0.044715 * z * z * z)))
    }
  }
}

/// Numbers in -1..<1 that depend on a seed only.
func numbers(_ count: Int, seed: UInt64) -> [Float] {
  let stream = RandomKey(seed: seed).stream
  return (0..<count).map { stream.uniform(0, UInt64($0)) * 2 - 1 }
}

extension Network {
  /// Parameters for tests: random everywhere, biases and convex models too, zeros in the gaps.
  func randomParameters(seed: UInt64) -> [Float] {
    var result = [Float](repeating: 0, count: layout.count)
    for (index, entry) in layout.entries.enumerated() {
      let own = numbers(entry.shape.elementCount, seed: seed + UInt64(index))
      for (offset, value) in own.enumerated() { result[entry.offset + offset] = value / 2 }
    }
    return result
  }

  /// The loss sum and the gradient, with a workspace of exactly the size that is asked for.
  func lossAndGradient(
    _ parameters: [Float], x: [Float], targets: Targets, rows: Int, loss: Loss
  ) -> (loss: Double, gradient: [Float]) {
    var gradient = [Float](repeating: 0, count: layout.count)
    let space = UnsafeMutableRawBufferPointer.allocate(
      byteCount: workspaceBytes(rows: rows, for: .gradient), alignment: 64)
    defer { space.deallocate() }
    let sum = self.gradient(
      parameters: parameters, x: x, targets: targets, rows: rows, loss: loss, into: &gradient,
      workspace: space)
    return (sum, gradient)
  }

  /// The logits, with a workspace of exactly the size that is asked for.
  func logits(_ parameters: [Float], x: [Float], rows: Int) -> [Float] {
    var logits = [Float](repeating: .nan, count: rows * outputs)
    let space = UnsafeMutableRawBufferPointer.allocate(
      byteCount: workspaceBytes(rows: rows, for: .forward), alignment: 64)
    defer { space.deallocate() }
    forward(parameters: parameters, x: x, rows: rows, logits: &logits, workspace: space)
    return logits
  }
}
