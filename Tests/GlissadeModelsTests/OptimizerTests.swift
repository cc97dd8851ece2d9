import Foundation
import GlissadeTensor
import Testing

import GlissadeModels

/// A weight of [3, 10] and a bias of [3]: 48 elements with gaps.
private let layout: TensorLayout = {
  var layout = TensorLayout()
  layout.append("dense.0.weight", Shape(3, 10), role: .weight)
  layout.append("dense.0.bias", Shape(3), role: .bias)
  return layout
}()

/// `torch.optim`'s formulas for one element in Float64, written from its documentation.
private struct ReferenceOptimizer {
  let word: String
  var w: Double
  var m = 0.0
  var v = 0.0

  mutating func step(_ g: Double, rate: Double, count: Int) {
    switch word {
    case "sgd": w -= rate * g
    case "momentum":
      m = count == 1 ? g : 0.8 * m + (1 - 0.25) * g
      w -= rate * m
    case "nesterov":
      m = 0.8 * m + g
      w -= rate * (g + 0.8 * m)
    case "adagrad":
      v += g * g
      w -= rate * g / (v.squareRoot() + 1e-4)
    case "rmsprop":
      v = 0.95 * v + 0.05 * g * g
      w -= rate * g / (v.squareRoot() + 1e-4)
    default:
      if word == "adamw" { w *= 1 - rate * 0.1 }
      m = 0.85 * m + 0.15 * g
      v = 0.98 * v + 0.02 * g * g
      let mean = m / (1 - pow(0.85, Double(count)))
      let square = v / (1 - pow(0.98, Double(count)))
      w -= rate * mean / (square.squareRoot() + 1e-4)
    }
  }

  static let settings: [(String, [String: Double])] = [
    ("sgd", [:]),
    ("momentum", ["momentum": 0.8, "dampening": 0.25]),
    ("nesterov", ["momentum": 0.8]),
    ("adagrad", ["epsilon": 1e-4]),
    ("rmsprop", ["decay": 0.95, "epsilon": 1e-4]),
    ("adam", ["beta1": 0.85, "beta2": 0.98, "epsilon": 1e-4]),
    ("adamw", ["beta1": 0.85, "beta2": 0.98, "epsilon": 1e-4, "decay": 0.1]),
  ]
}

/// Parameters with their state, and updates of them.
struct Trained: Equatable {
  var parameters: [Float]
  var state: [[Float]]

  init(_ parameters: [Float], _ optimizer: Optimizer) {
    self.parameters = parameters
    state = optimizer.stateBuffers.map { _ in [Float](repeating: 0, count: parameters.count) }
  }

  /// The next version: in place, or in buffers of its own.
  mutating func apply(
    _ plan: UpdatePlan, _ gradient: [Float], _ step: UpdatePlan.Step, inPlace: Bool = true
  ) {
    var next = self
    if !inPlace { next.parameters = parameters.map { _ in .nan } }
    next.parameters.withUnsafeMutableBufferPointer { new in
      let spaces = next.state.map { buffer in
        let space = UnsafeMutablePointer<Float>.allocate(capacity: buffer.count)
        space.initialize(from: buffer, count: buffer.count)
        return space
      }
      parameters.withUnsafeBufferPointer { old in
        let from = inPlace ? UnsafePointer(new.baseAddress!) : old.baseAddress!
        state.withBuffers { olds in
          plan.apply(
            step, parameters: from, gradient: gradient,
            state: inPlace ? spaces.map { UnsafePointer($0) } : olds,
            newParameters: new.baseAddress!, newState: spaces)
        }
      }
      for (index, space) in spaces.enumerated() {
        next.state[index] = Array(UnsafeBufferPointer(start: space, count: state[index].count))
        space.deallocate()
      }
    }
    self = next
  }
}

extension [[Float]] {
  fileprivate func withBuffers(_ body: ([UnsafePointer<Float>]) -> Void) {
    let spaces = map { buffer in
      let space = UnsafeMutablePointer<Float>.allocate(capacity: buffer.count)
      space.initialize(from: buffer, count: buffer.count)
      return space
    }
    body(spaces.map { UnsafePointer($0) })
    for space in spaces { space.deallocate() }
  }
}

@Suite struct OptimizerTests {
  @Test(arguments: ReferenceOptimizer.settings.indices, [true, false])
  func stepsAgreeWithPyTorchsFormulas(setting: Int, inPlace: Bool) throws {
    let (word, numbersOfIt) = ReferenceOptimizer.settings[setting]
    let optimizer = try Optimizer(named: word, numbersOfIt)
    let plan = UpdatePlan(optimizer, layout: layout, range: 0..<layout.count)
    var found = Trained(numbers(layout.count, seed: 1), optimizer)
    var expected = found.parameters.map { ReferenceOptimizer(word: word, w: Double($0)) }
    for count in 1...20 {
      let gradient = numbers(layout.count, seed: 100 + UInt64(count))
      let rate = 0.1 / Double(count)
      found.apply(plan, gradient, .init(rate: rate, count: count), inPlace: inPlace)
      for index in expected.indices {
        expected[index].step(Double(gradient[index]), rate: rate, count: count)
      }
    }
    for (value, reference) in zip(found.parameters, expected) {
      #expect(abs(Double(value) - reference.w) <= 3e-6, "\(word)")
    }
  }

  @Test func blocksTogetherAreTheWhole() throws {
    for (word, numbersOfIt) in ReferenceOptimizer.settings {
      let optimizer = try Optimizer(named: word, numbersOfIt)
      let penalty = try Penalty(named: "elastic-net", weight: 0.1)
      let gradient = numbers(layout.count, seed: 2)
      let step = UpdatePlan.Step(rate: 0.05, count: 3)
      var whole = Trained(numbers(layout.count, seed: 3), optimizer)
      let start = whole.parameters
      whole.apply(
        UpdatePlan(optimizer, penalty: penalty, layout: layout, range: 0..<layout.count),
        gradient, step)
      var joined: [Float] = []
      for block in 0..<2 {
        let range = layout.block(block, of: 2)
        var part = Trained(Array(start[range]), optimizer)
        part.apply(
          UpdatePlan(optimizer, penalty: penalty, layout: layout, range: range),
          Array(gradient[range]), step)
        joined += part.parameters
      }
      #expect(joined == whole.parameters, "\(word)")
    }
  }

  @Test func penaltiesLeaveBiasesOutUnlessAsked() throws {
    let sgd = try Optimizer(named: "sgd")
    let start = [Float](repeating: 0.5, count: layout.count)
    let zero = [Float](repeating: 0, count: layout.count)
    func stepped(_ penalty: Penalty) -> [Float] {
      var trained = Trained(start, sgd)
      trained.apply(
        UpdatePlan(sgd, penalty: penalty, layout: layout, range: 0..<layout.count), zero,
        .init(rate: 0.1, count: 1))
      return trained.parameters
    }
    let ridge = stepped(try Penalty(named: "l2", weight: 2))
    #expect(ridge[0] == 0.4 && ridge[32] == 0.5)
    let lasso = stepped(try Penalty(named: "l1", weight: 2))
    #expect(abs(lasso[0] - 0.3) < 1e-7 && lasso[32] == 0.5)
    let all = stepped(try Penalty(named: "l1", weight: 6, includesBiases: true))
    #expect(all[0] == 0 && all[32] == 0)
  }

  @Test func aPenaltysValueAndGradientAgree() throws {
    let penalty = try Penalty(named: "elastic-net", weight: 0.4, ratio: 0.25)
    let w = numbers(layout.count, seed: 4)
    let weights = w[0..<30].map(Double.init)
    let expected =
      0.4 * weights.reduce(0) { $0 + 0.25 * abs($1) + 0.75 / 2 * $1 * $1 }
    let whole = penalty.value(w, layout: layout, range: 0..<layout.count)
    #expect(abs(whole - expected) < 1e-7)
    let parts = (0..<3).reduce(0.0) { sum, block in
      let range = layout.block(block, of: 3)
      return sum + penalty.value(Array(w[range]), layout: layout, range: range)
    }
    #expect(abs(parts - expected) < 1e-7)
    var gradient = [Float](repeating: 1, count: layout.count)
    penalty.addGradient(at: w, layout: layout, range: 0..<layout.count, into: &gradient)
    for index in 0..<30 { #expect(abs(gradient[index] - (1 + 0.3 * w[index])) < 1e-6) }
    #expect(gradient[30...].allSatisfy { $0 == 1 })
  }

  @Test func gradientsAreScaledThenClipped() throws {
    let sgd = try Optimizer(named: "sgd")
    let clip = try GradientClip(norm: 2, value: 0.25)
    #expect(clip.factor(forNorm: 1) == 1)
    #expect(abs(clip.factor(forNorm: 8) - 0.25) < 1e-6)
    var trained = Trained([Float](repeating: 0, count: layout.count), sgd)
    let gradient = (0..<layout.count).map { Float($0) - 24 }
    trained.apply(
      UpdatePlan(sgd, clip: clip, layout: layout, range: 0..<layout.count), gradient,
      .init(rate: 1, count: 1, gradientScale: 0.1))
    for (index, value) in trained.parameters.enumerated() {
      let expected = -max(-0.25, min(0.25, gradient[index] * 0.1))
      #expect(abs(value - expected) < 1e-7)
    }
  }

  @Test func decayLeavesOutWhatIsNamed() throws {
    let optimizer = try Optimizer(named: "adamw", ["decay": 0.5], decayExcept: ["*.bias"])
    var trained = Trained([Float](repeating: 1, count: layout.count), optimizer)
    trained.apply(
      UpdatePlan(optimizer, layout: layout, range: 0..<layout.count),
      [Float](repeating: 0, count: layout.count), .init(rate: 0.1, count: 1))
    #expect(trained.parameters[0] == 0.95)
    #expect(trained.parameters[32] == 1)
  }

  @Test func aNonFiniteGradientIsNotHiddenByClipping() throws {
    let sgd = try Optimizer(named: "sgd")
    var trained = Trained([Float](repeating: 0, count: layout.count), sgd)
    trained.apply(
      UpdatePlan(sgd, clip: try GradientClip(value: 1), layout: layout, range: 0..<layout.count),
      [Float](repeating: .nan, count: layout.count), .init(rate: 1, count: 1))
    #expect(trained.parameters[0].isNaN)
  }

  static let refused: [(String, [String: Double], [String], String)] = [
    (
      "adma", [:], [],
      "unknown optimizer 'adma'; known are sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw"
    ),
    (
      "adam", ["beta": 0.9], [],
      "unknown number of the optimizer 'adam' 'beta'; known are beta1, beta2, epsilon"
    ),
    ("adam", ["beta2": 1], [], "the beta2 of 'adam' is 1.0, and must be from 0 to below 1"),
    ("rmsprop", ["epsilon": 1e-60], [], "the epsilon of 'rmsprop' is 1e-60, and must be above 0"),
    (
      "sgd", [:], ["*"],
      "the optimizer 'sgd' has no decay to except tensors from; 'adamw' has"
    ),
  ]

  @Test(arguments: refused)
  func wrongSettingsAreRefusedInASentence(
    word: String, numbersOfIt: [String: Double], except: [String], sentence: String
  ) {
    let error = #expect(throws: ModelError.self) {
      try Optimizer(named: word, numbersOfIt, decayExcept: except)
    }
    #expect(error?.description == sentence)
  }
}
