import Foundation
import GlissadeKernels
import Testing

@Suite struct ElementaryFunctionTests {
  @Test func theExponentialIsWithinTwoUlp() throws {
    // Every 9,973rd bit pattern of a finite Float32 in the range where the result is normal.
    let x = stride(from: UInt32(0), to: UInt32.max - 9_973, by: 9_973).map(Float.init(bitPattern:))
      .filter { $0 > -87.3 && $0 < 88.7 }
    let found = try #require(output(x.count) { exponential(x, count: x.count, into: $0) })
    let worst = zip(x, found).map { x, y in
      let exact = exp(Double(x))
      return abs(Double(y) - exact) / Double(Float(exact).ulp)
    }.max()
    #expect(try #require(worst) <= 2)
  }

  @Test func theExponentialKeepsItsLimits() throws {
    let x: [Float] = [.nan, .infinity, -.infinity, 200, -200, 0, -0.0]
    let y = try #require(output(x.count) { exponential(x, count: x.count, into: $0) })
    #expect(y[0].isNaN)
    #expect(Array(y[1...]) == [.infinity, 0, .infinity, 0, 1, 1])
  }

  @Test(arguments: Activation.allCases)
  func activationsAgreeWithTheirFormulas(activation: Activation) {
    let z = numbers(500, seed: 1).map { $0 * 6 } + [0, 1e4, -1e4, 1e-6]
    let bias = [Float](repeating: 0.25, count: 7)
    let expected = z.map { value(activation, Double($0) + 0.25) }
    let found = output(z) {
      activation.apply(addingBias: bias, to: $0, rows: z.count / 7, columns: 7, into: $0)
    }
    #expect(z.count % 7 == 0)
    #expect(agree(found, expected, within: 1e-6))
  }

  @Test(arguments: Activation.allCases)
  func slopesAgreeWithCentralDifferences(activation: Activation) {
    // Away from the kink of relu.
    let z = numbers(101, seed: 2).map { $0 * 2 }.filter { abs($0) > 1e-3 }
    let saved = activation.savesSums ? z : z.map { Float(value(activation, Double($0))) }
    let ones = [Float](repeating: 1, count: z.count)
    let expected = z.map { z in
      let step = 1e-5
      let (high, low) = (value(activation, Double(z) + step), value(activation, Double(z) - step))
      return (high - low) / (2 * step)
    }
    let found = output(z.count) {
      activation.backward(saved: saved, ones, count: z.count, into: $0)
    }
    #expect(agree(found, expected, within: 2e-6))
  }

  private func value(_ activation: Activation, _ z: Double) -> Double {
    switch activation {
    case .identity: z
    case .relu: max(0, z)
    case .tanh: tanh(z)
    case .sigmoid: 1 / (1 + exp(-z))
    case .gelu: z / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (z + 0.044715 * z * z * z)))
    }
  }
}
