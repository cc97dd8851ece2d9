import Foundation
import GlissadeTensor
import Testing

import GlissadeModels

private let examplesFolder = "/usr/share/libonnx-testdata/data/node"

/// ONNX's published examples of training operators, from Debian's package `libonnx-testdata` (Apache-2.0).
@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: examplesFolder),
    "the Debian package libonnx-testdata is not installed"))
struct ONNXTests {
  /// One example, read.
  private struct Example {
    let inputs: [[Double]]
    let outputs: [[Double]]
    let attributes: [String: Double]

    init(_ name: String) throws {
      func tensors(_ kind: String) throws -> [[Double]] {
        var result: [[Double]] = []
        while true {
          let path = "\(examplesFolder)/\(name)/test_data_set_0/\(kind)_\(result.count).pb"
          guard FileManager.default.fileExists(atPath: path) else { return result }
          result.append(try ONNXFile.tensor(path))
        }
      }
      inputs = try tensors("input")
      outputs = try tensors("output")
      attributes = try ONNXFile.attributes("\(examplesFolder)/\(name)/model.onnx")
    }

    func attribute(_ name: String) throws -> Double { try #require(attributes[name]) }
  }

  /// One update of the optimizer: the inputs are rate, update count, then each kind of tensor for all of them.
  private func check(
    _ name: String, tensors: Int, _ word: String, _ numbers: [String: Double],
    l2: Double, rate: (Double) -> Double = { $0 }, count: Int = 1
  ) throws {
    let example = try Example(name)
    let optimizer = try Optimizer(named: word, numbers)
    let kinds = optimizer.stateBuffers.count + 1
    #expect(example.outputs.count == kinds * tensors)
    for tensor in 0..<tensors {
      let old = example.inputs[2 + tensor].map { Float($0) }
      let gradient = example.inputs[2 + tensors + tensor].map { Float($0) }
      var layout = TensorLayout()
      layout.append("x", Shape(old.count), role: .weight)
      let padding = [Float](repeating: 0, count: layout.count - old.count)
      var trained = Trained(old + padding, optimizer)
      for index in 0..<kinds - 1 {
        trained.state[index] =
          example.inputs[2 + (2 + index) * tensors + tensor].map { Float($0) } + padding
      }
      trained.apply(
        UpdatePlan(
          optimizer, penalty: try Penalty(named: "l2", weight: l2), layout: layout,
          range: 0..<layout.count), gradient + padding,
        .init(rate: rate(example.inputs[0][0]), count: count))
      for (kind, found) in ([trained.parameters] + trained.state).enumerated() {
        for (value, expected) in zip(found, example.outputs[kind * tensors + tensor]) {
          #expect(abs(Double(value) - expected) <= 1e-6 * max(1, abs(expected)), "\(name)")
        }
      }
    }
  }

  @Test(arguments: [("test_momentum", 1), ("test_momentum_multiple", 2)])
  func momentum(name: String, tensors: Int) throws {
    let example = try Example(name)
    #expect(example.inputs[1] == [0])
    try check(
      name, tensors: tensors, "momentum", ["momentum": try example.attribute("alpha")],
      l2: try example.attribute("norm_coefficient"))
  }

  @Test func nesterov() throws {
    let example = try Example("test_nesterov_momentum")
    try check(
      "test_nesterov_momentum", tensors: 1, "nesterov",
      ["momentum": try example.attribute("alpha")],
      l2: try example.attribute("norm_coefficient"))
  }

  @Test(arguments: [("test_adagrad", 1), ("test_adagrad_multiple", 2)])
  func adagrad(name: String, tensors: Int) throws {
    let example = try Example(name)
    #expect(example.inputs[1] == [0])
    try check(
      name, tensors: tensors, "adagrad", ["epsilon": try example.attribute("epsilon")],
      l2: try example.attribute("norm_coefficient"))
  }

  /// ONNX's Adam corrects no bias at count 0, where ours divides by 1 − βᵗ: rate and epsilon are chosen so that both
  /// say the same.
  @Test(arguments: [("test_adam", 1), ("test_adam_multiple", 2)])
  func adam(name: String, tensors: Int) throws {
    let example = try Example(name)
    #expect(example.inputs[1] == [0])
    let beta1 = try example.attribute("alpha")
    let beta2 = try example.attribute("beta")
    let spread = (1 - beta2).squareRoot()
    // The second example was computed with 0.01 (its outputs show it), which its model fails to state.
    let epsilon = example.attributes["epsilon"] ?? 0.01
    try check(
      name, tensors: tensors, "adam",
      [
        "beta1": beta1, "beta2": beta2, "epsilon": epsilon / spread,
      ],
      l2: try example.attribute("norm_coefficient"),
      rate: { $0 * (1 - beta1) / spread })
  }

  @Test func softmaxCrossEntropy() throws {
    let example = try Example("test_sce_sum")
    let logits = example.inputs[0].map { Float($0) }
    let codes = example.inputs[1].map { Int32($0) }
    let found = codes.withUnsafeBufferPointer {
      Loss.crossEntropy.sum(
        logits, .codes($0.baseAddress!), rows: codes.count, outputs: logits.count / codes.count,
        residual: nil)
    }
    #expect(abs(found - example.outputs[0][0]) < 1e-5)

    let each = try Example("test_sce_none")
    let rows = each.outputs[0].count
    let columns = each.inputs[0].count / rows
    for row in 0..<rows {
      let own = each.inputs[0][row * columns..<(row + 1) * columns].map { Float($0) }
      let code = [Int32(each.inputs[1][row])]
      let loss = code.withUnsafeBufferPointer {
        Loss.crossEntropy.sum(
          own, .codes($0.baseAddress!), rows: 1, outputs: columns, residual: nil)
      }
      #expect(abs(loss - each.outputs[0][row]) < 1e-5)
    }
  }
}
