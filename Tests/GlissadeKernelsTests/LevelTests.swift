import GlissadeKernels
import GlissadeTensor
import Testing

/// The pinned levels: serialized, since the choice is the process's.
///
/// Other suites do not mind: all levels give the same bits.
@Suite(.serialized) struct LevelTests {
  @Test func aLevelThatTheProcessorHasCanBePinnedAndGivenUp() {
    let highest = KernelLevel.current
    #expect(KernelLevel.baseline.pin())
    #expect(KernelLevel.current == .baseline)
    KernelLevel.unpin()
    #expect(KernelLevel.current == highest)
  }

  @Test(arguments: KernelLevel.allCases)
  func eachLevelAgreesWithPlainLoops(level: KernelLevel) {
    guard level.pin() else { return }
    defer { KernelLevel.unpin() }
    for count in oddSizes {
      let a = numbers(count, seed: 1)
      let b = numbers(count, seed: 2)
      let c = numbers(count, seed: 3)
      let wide = (a.map(Double.init), b.map(Double.init), c.map(Double.init))
      #expect(agree(output(count) { add(a, b, count: count, into: $0) }, zip2(wide.0, wide.1, +)))
      #expect(
        agree(output(count) { scale(a, by: 3, count: count, into: $0) }, wide.0.map { 3 * $0 }))
      #expect(
        agree(
          output(b) { addScaled(0.5, a, count: count, into: $0) },
          zip2(wide.0, wide.1) { 0.5 * $0 + $1 }))
      withPointers([a, b, c]) { inputs in
        #expect(
          agree(
            output(count) { sum(inputs, count: count, into: $0) },
            zip2(zip2(wide.0, wide.1, +), wide.2, +)))
        #expect(
          agree(
            output(count) { combine(inputs, weights: [1, -2, 4], count: count, into: $0) },
            zip2(zip2(wide.0, wide.1) { $0 - 2 * $1 }, wide.2) { $0 + 4 * $1 }))
        #expect(
          agree(
            output(count) { greatest(inputs, count: count, into: $0) },
            zip2(zip2(wide.0, wide.1, max), wide.2, max)))
      }
      #expect(abs(total(a, count: count) - wide.0.reduce(0, +)) < 1e-12)
      #expect(abs(totalAbsolute(a, count: count) - wide.0.map(abs).reduce(0, +)) < 1e-12)
      #expect(abs(dot(a, b, count: count) - zip2(wide.0, wide.1, *).reduce(0, +)) < 1e-12)
      #expect(abs(totalSquares(a, count: count) - wide.0.map { $0 * $0 }.reduce(0, +)) < 1e-12)
    }
  }

  @Test(arguments: KernelLevel.allCases)
  func conversionsAndColumnSumsAgreeWithPlainLoops(level: KernelLevel) {
    guard level.pin() else { return }
    defer { KernelLevel.unpin() }
    for columns in oddSizes {
      let rows = 3
      let x = numbers(rows * columns, seed: 4)
      let bytes = x.map { UInt8(($0 + 2) * 60) }
      let factors = numbers(columns, seed: 5)
      let shifts = numbers(columns, seed: 6)
      func expected(_ x: [Double]) -> [Double] {
        x.indices.map { x[$0] * Double(factors[$0 % columns]) + Double(shifts[$0 % columns]) }
      }
      #expect(
        agree(
          output(x.count) {
            convert(x, rows: rows, columns: columns, factors: factors, shifts: shifts, into: $0)
          }, expected(x.map(Double.init)), within: 1e-6))
      #expect(
        agree(
          output(x.count) {
            convert(bytes, rows: rows, columns: columns, factors: factors, shifts: shifts, into: $0)
          }, expected(bytes.map(Double.init)), within: 1e-6))
      #expect(
        agree(
          output(x.count) { convert(bytes, count: x.count, factor: 0.5, shift: -1, into: $0) },
          bytes.map { Double($0) * 0.5 - 1 }))
      #expect(
        agree(
          output(x.count) { convert(x, count: x.count, factor: 0.5, shift: -1, into: $0) },
          x.map { Double($0) * 0.5 - 1 }))
      let sums = (0..<columns).map { column in
        1 + (0..<rows).reduce(0.0) { $0 + Double(x[$1 * columns + column]) }
      }
      #expect(
        agree(
          output([Float](repeating: 1, count: columns)) {
            addColumnSums(x, rows: rows, columns: columns, into: $0)
          }, sums, within: 1e-6))
    }
  }

  @Test(arguments: KernelLevel.allCases)
  func narrowProductsAgreeWithPlainLoops(level: KernelLevel) {
    guard level.pin() else { return }
    defer { KernelLevel.unpin() }
    for inputs in oddSizes where inputs > 0 {
      // Each remainder of the blocks of rows and outputs.
      for (rows, outputs) in [(0, 3), (1, 1), (2, 2), (3, 7), (5, 10), (9, 16)] {
        let x = numbers(rows * inputs, seed: 10)
        let w = numbers(outputs * inputs, seed: 11)
        let residual = numbers(rows * outputs, seed: 12)
        var product = [Double](repeating: 0, count: rows * outputs)
        var gradient = [Double](repeating: 1, count: outputs * inputs)
        for row in 0..<rows {
          for output in 0..<outputs {
            for i in 0..<inputs {
              let value = Double(x[row * inputs + i])
              product[row * outputs + output] += value * Double(w[output * inputs + i])
              gradient[output * inputs + i] += value * Double(residual[row * outputs + output])
            }
          }
        }
        #expect(
          agree(
            output(rows * outputs) {
              narrowProduct(x, w, rows: rows, inputs: inputs, outputs: outputs, into: $0)
            }, product, within: 2e-5))
        #expect(
          agree(
            output([Float](repeating: 1, count: outputs * inputs)) {
              addNarrowGradient(
                x, residual, rows: rows, inputs: inputs, outputs: outputs, into: $0)
            }, gradient, within: 2e-5))
      }
    }
  }

  /// What the fingerprint need not tell apart.
  @Test func allLevelsGiveTheSameBits() {
    defer { KernelLevel.unpin() }
    let count = 1_003
    let a = numbers(count, seed: 7).map { $0 * 8 }
    let targets = numbers(count, seed: 8).map { $0 > 0 ? Float(1) : 0 }
    let bias = numbers(59, seed: 9)
    let labels = (0..<17).map { Int32($0 % 5) }
    func everything() -> [UInt32] {
      var result: [UInt32] = []
      result += bits(output(count) { exponential(a, count: count, into: $0) })
      for activation in Activation.allCases {
        result += bits(
          output(Array(a.prefix(17 * 59))) {
            activation.apply(addingBias: bias, to: $0, rows: 17, columns: 59, into: $0)
          })
      }
      var sums: [Double] = []
      for loss in [ElementLoss.squared, .huber(delta: 1), .logistic, .hinge] {
        result += bits(
          output(count) {
            sums.append(loss.sum(a, targets: targets, count: count, residual: $0))
          })
      }
      for columns in [5, 59] {
        result += bits(
          output(17 * columns) {
            sums.append(
              softmaxCrossEntropy(a, labels: labels, rows: 17, columns: columns, residual: $0))
          })
      }
      sums.append(dot(a, targets, count: count))
      result += bits(
        output(9 * 7) {
          narrowProduct(a, targets, rows: 9, inputs: 100, outputs: 7, into: $0)
        })
      result += bits(
        output([Float](repeating: 1, count: 7 * 100)) {
          addNarrowGradient(a, targets, rows: 9, inputs: 100, outputs: 7, into: $0)
        })
      let adam = UpdateKernel(
        .adam(decay1: 0.9, mix1: 0.1, decay2: 0.99, mix2: 0.01, spread: 2, epsilon: 1e-8),
        rate: 0.01)
      var state = ([Float](repeating: 0.5, count: count), [Float](repeating: 0.25, count: count))
      state.0.withUnsafeMutableBufferPointer { m in
        state.1.withUnsafeMutableBufferPointer { v in
          result += bits(
            output(count) {
              adam.apply(
                count: count, parameters: a, gradient: targets,
                state: (UnsafePointer(m.baseAddress), UnsafePointer(v.baseAddress)),
                newParameters: $0, newState: (m.baseAddress, v.baseAddress))
            })
        }
      }
      return result + bits(state.0) + bits(state.1) + sums.flatMap { wordsOf($0) }
    }
    KernelLevel.baseline.pin()
    let reference = everything()
    #expect(reference == everything())
    for level in [KernelLevel.v3, .v4] where level.pin() {
      #expect(reference == everything(), "level \(level) gives other bits than the baseline")
    }
  }
}

private func wordsOf(_ number: Double) -> [UInt32] {
  [
    UInt32(truncatingIfNeeded: number.bitPattern),
    UInt32(truncatingIfNeeded: number.bitPattern >> 32),
  ]
}

private func zip2(_ a: [Double], _ b: [Double], _ combine: (Double, Double) -> Double) -> [Double] {
  zip(a, b).map(combine)
}

private func withPointers(_ arrays: [[Float]], _ body: ([UnsafePointer<Float>]) -> Void) {
  let flat: [Float] = Array(arrays.joined()) + [0]
  flat.withUnsafeBufferPointer { buffer in
    var pointers: [UnsafePointer<Float>] = []
    var next = buffer.baseAddress!
    for array in arrays {
      pointers.append(next)
      next += array.count
    }
    body(pointers)
  }
}
