import Foundation
import GlissadeKernels
import GlissadeTensor
import Testing

import GlissadeModels

/// A model with a loss, and how both read in Float64.
struct GradientCase: Sendable, CustomTestStringConvertible {
  let model: ModelDescription
  let outputs: Int
  let loss: String
  var rows = 37
  var inputs = 11

  var testDescription: String { "\(model) \(outputs) \(loss) \(rows)×\(inputs)" }

  static let all: [GradientCase] =
    ["squared", "absolute", "huber"].flatMap { loss in
      [1, 3].map { GradientCase(model: .linear, outputs: $0, loss: loss) }
    }
    + ["logistic", "hinge"].map { GradientCase(model: .logistic, outputs: 1, loss: $0) }
    + [2, 5, 17].map { GradientCase(model: .softmax, outputs: $0, loss: "cross-entropy") }
    + Activation.allCases.map {
      GradientCase(
        model: .mlp(hidden: [7, 5], activation: $0), outputs: 4, loss: "cross-entropy")
    }
    + [
      GradientCase(model: .mlp(hidden: [8], activation: .tanh), outputs: 1, loss: "squared"),
      GradientCase(model: .mlp(hidden: [8], activation: .gelu), outputs: 1, loss: "logistic"),
      GradientCase(model: .mlp(hidden: [], activation: .relu), outputs: 3, loss: "cross-entropy"),
      // More than one tile of rows, the last one short.
      GradientCase(model: .softmax, outputs: 3, loss: "cross-entropy", rows: 37, inputs: 4_100),
      GradientCase(model: .logistic, outputs: 1, loss: "logistic", rows: 1_100, inputs: 3),
      GradientCase(
        model: .mlp(hidden: [3], activation: .sigmoid), outputs: 2, loss: "cross-entropy",
        rows: 600, inputs: 2),
      GradientCase(model: .softmax, outputs: 3, loss: "cross-entropy", rows: 1),
    ]

  var x: [Float] { numbers(rows * inputs, seed: 1) }
  var codes: [Int32] { (0..<rows).map { Int32(($0 * 7 + 3) % max(2, outputs)) } }
  var values: [Float] {
    loss == "logistic" || loss == "hinge"
      ? codes.map(Float.init) : numbers(rows * outputs, seed: 2)
  }

  func withTargets<Result>(_ body: (Targets) -> Result) -> Result {
    loss == "cross-entropy"
      ? codes.withUnsafeBufferPointer { body(.codes($0.baseAddress!)) }
      : values.withUnsafeBufferPointer { body(.numbers($0.baseAddress!)) }
  }

  func reference(_ network: Network) -> ReferenceNetwork {
    let (codes, values, outputs, loss) = (codes, values, outputs, loss)
    var activation = Activation.identity
    if case .mlp(_, let chosen) = model { activation = chosen }
    return ReferenceNetwork(layout: network.layout, inputs: inputs, activation: activation) {
      logits, row in
      if loss == "cross-entropy" {
        return log(logits.map { exp($0) }.reduce(0, +)) - logits[Int(codes[row])]
      }
      return logits.indices.reduce(0) { total, index in
        let (y, t) = (logits[index], Double(values[row * outputs + index]))
        let e = abs(y - t)
        switch loss {
        case "squared": return total + e * e / 2
        case "absolute": return total + e
        case "huber": return total + (e <= 0.5 ? e * e / 2 : 0.5 * (e - 0.25))
        case "logistic": return total + log(1 + exp(y)) - t * y
        case "hinge": return total + max(0, 1 - (2 * t - 1) * y)
        default: return .nan
        }
      }
    }
  }
}

@Suite struct GradientTests {
  @Test(arguments: GradientCase.all)
  func theGradientAgreesWithCentralDifferencesInFloat64(example: GradientCase) throws {
    let network = try Network(
      example.model, inputShape: [example.inputs], outputs: example.outputs)
    let loss = try Loss(named: example.loss, delta: 0.5)
    let parameters = network.randomParameters(seed: 3)
    let found = example.withTargets {
      network.lossAndGradient(
        parameters, x: example.x, targets: $0, rows: example.rows, loss: loss)
    }
    let reference = example.reference(network)
    let wide = parameters.map(Double.init)
    let x = example.x
    let expected = reference.totalLoss(wide, x: x, rows: example.rows)
    #expect(abs(found.loss - expected) <= 2e-5 * max(1, abs(expected)))

    // Every element of small tensors, some of large ones.
    for entry in network.layout.entries {
      let step = max(1, entry.shape.elementCount / 12)
      for element in stride(from: entry.offset, to: entry.range.upperBound, by: step) {
        var (high, low) = (wide, wide)
        high[element] += 1e-5
        low[element] -= 1e-5
        let slope =
          (reference.totalLoss(high, x: x, rows: example.rows)
            - reference.totalLoss(low, x: x, rows: example.rows)) / 2e-5
        let error = abs(Double(found.gradient[element]) - slope)
        #expect(
          error <= 1e-4 * max(1, abs(slope)),
          "\(entry.name)[\(element - entry.offset)]: \(found.gradient[element]) for \(slope)")
      }
    }
  }

  @Test func logitsAreThoseOfTheReference() throws {
    for example in GradientCase.all {
      let network = try Network(
        example.model, inputShape: [example.inputs], outputs: example.outputs)
      let parameters = network.randomParameters(seed: 4)
      let x = example.x
      let found = network.logits(parameters, x: x, rows: example.rows)
      let reference = example.reference(network)
      for row in stride(from: 0, to: example.rows, by: 18) {
        let own = x[row * example.inputs..<(row + 1) * example.inputs].map(Double.init)
        let expected = reference.logits(parameters.map(Double.init), own)
        for (index, value) in expected.enumerated() {
          let error = abs(Double(found[row * example.outputs + index]) - value)
          #expect(error <= 1e-4, "\(example.testDescription) row \(row)")
        }
      }
    }
  }

  @Test func repeatedCallsHaveTheSameBitsAndPartsAddUp() throws {
    let network = try Network(.mlp(hidden: [33, 16]), inputShape: [5, 5], outputs: 10)
    let parameters = network.randomParameters(seed: 5)
    let x = numbers(90 * 25, seed: 6)
    let codes = (0..<90).map { Int32($0 % 10) }
    func pass(_ rows: Range<Int>) -> (loss: Double, gradient: [Float]) {
      codes.withUnsafeBufferPointer { codes in
        network.lossAndGradient(
          parameters, x: Array(x[rows.lowerBound * 25..<rows.upperBound * 25]),
          targets: .codes(codes.baseAddress! + rows.lowerBound), rows: rows.count,
          loss: .crossEntropy)
      }
    }
    let whole = pass(0..<90)
    let again = pass(0..<90)
    #expect(whole.loss == again.loss)
    #expect(whole.gradient.map(\.bitPattern) == again.gradient.map(\.bitPattern))
    let parts = [pass(0..<1), pass(1..<40), pass(40..<40), pass(40..<90)]
    #expect(parts[2].loss == 0)
    #expect(parts[2].gradient.allSatisfy { $0 == 0 })
    #expect(abs(parts.reduce(0) { $0 + $1.loss } - whole.loss) < 1e-4)
    for index in whole.gradient.indices {
      let sum = parts.reduce(0) { $0 + $1.gradient[index] }
      #expect(abs(sum - whole.gradient[index]) < 1e-4)
    }
  }

  @Test func theGapsOfTheLayoutStayZero() throws {
    let network = try Network(.mlp(hidden: [3]), inputShape: [5], outputs: 2)
    let codes: [Int32] = [0, 1]
    let gradient = codes.withUnsafeBufferPointer {
      network.lossAndGradient(
        network.randomParameters(seed: 7), x: numbers(10, seed: 8),
        targets: .codes($0.baseAddress!), rows: 2, loss: .crossEntropy
      ).gradient
    }
    let used = Set(network.layout.entries.flatMap { Array($0.range) })
    #expect(gradient.indices.allSatisfy { used.contains($0) || gradient[$0] == 0 })
  }

  @Test func aNonFiniteInputGivesANonFiniteLoss() throws {
    let network = try Network(.softmax, inputShape: [2], outputs: 2)
    let codes: [Int32] = [0]
    let loss = codes.withUnsafeBufferPointer {
      network.lossAndGradient(
        network.randomParameters(seed: 9), x: [.nan, 1], targets: .codes($0.baseAddress!),
        rows: 1, loss: .crossEntropy
      ).loss
    }
    #expect(!loss.isFinite)
  }

  @Test func theWorkspaceStopsGrowingAtATile() throws {
    let network = try Network(.mlp(hidden: [512, 256]), inputShape: [784], outputs: 10)
    let tile = network.tileRows
    for pass in [Network.Pass.forward, .gradient] {
      #expect(
        network.workspaceBytes(rows: tile, for: pass)
          == network.workspaceBytes(rows: 60_000, for: pass))
      #expect(
        network.workspaceBytes(rows: tile / 2, for: pass)
          < network.workspaceBytes(rows: tile, for: pass))
    }
  }
}
