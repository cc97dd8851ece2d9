import GlissadeKernels
import GlissadeTensor
import Testing

import GlissadeModels

@Suite struct NetworkTests {
  @Test func tensorsAreNamedAndShapedAsInPyTorch() throws {
    let network = try Network(.mlp(hidden: [200, 100]), inputShape: [28, 28], outputs: 10)
    let tensors = network.layout.entries.map { "\($0.name) \($0.shape)" }
    #expect(
      tensors == [
        "dense.0.weight [200, 784]", "dense.0.bias [200]", "dense.1.weight [100, 200]",
        "dense.1.bias [100]", "dense.2.weight [10, 100]", "dense.2.bias [10]",
      ])
  }

  /// The counts are those that are published for these networks.
  @Test func layoutsHaveThePublishedNumbersOfParameters() throws {
    let lenet = try Network(.lenet, inputShape: [1, 28, 28], outputs: 10)
    #expect(lenet.layout.parameterCount == 61_706)
    let resnet = try Network(.resnet(depth: 20), inputShape: [3, 32, 32], outputs: 10)
    #expect(resnet.layout.parameterCount == 269_722)
    let gpt = try Network(
      .gpt(layers: 12, heads: 12, width: 768), inputShape: [1024], outputs: 50_257)
    #expect(gpt.layout.parameterCount == 124_439_808)
    for network in [lenet, resnet, gpt] { #expect(!network.model.isBuilt) }
  }

  @Test func normsAndBiasesAreKnownByTheirRole() throws {
    let gpt = try Network(.gpt(layers: 1, heads: 2, width: 8), inputShape: [4], outputs: 5)
    let patterns = [NamePattern("*.bias"), NamePattern("*.norm.*")]
    for entry in gpt.layout.entries {
      let excepted = patterns.contains { $0.matches(entry.name) }
      #expect(excepted == (entry.role == .bias || entry.role == .norm), "\(entry.name)")
    }
  }

  static let impossible: [(ModelDescription, [Int], Int, String)] = [
    (.softmax, [], 0, "a model with 0 outputs"),
    (.softmax, [0], 2, "a row of [0] has not between 1 and 2147483647 numbers"),
    (.logistic, [3], 2, "a logistic model has 1 output, not 2"),
    (.mlp(hidden: [4, 0]), [3], 2, "a hidden layer of 0 units"),
    (
      .mlp(hidden: [2_000_000_000, 2_000_000_000]), [3], 2,
      "dense.1.weight of [2000000000, 2000000000] takes the model past the limit of "
        + "1099511627776 parameters"
    ),
    (
      .mlp(hidden: [1 << 40]), [3], 2,
      "dense.0.weight has a side of 1099511627776, and the limit is 2147483647"
    ),
    (
      .resnet(depth: 9), [3, 32, 32], 10,
      "a resnet's depth is 6 n + 2 (8, 14, 20, 32, …), and 9 is not"
    ),
    (
      .lenet, [784], 10,
      "a lenet model reads images of [channels, height, width], and a row is [784]"
    ),
    (
      .lenet, [1, 8, 8], 10, "a lenet model needs images of 12×12 at least, and these are 8×8"
    ),
    (
      .gpt(layers: 1, heads: 3, width: 8), [4], 5, "a width of 8 cannot be shared by 3 heads"
    ),
  ]

  @Test(arguments: impossible)
  func whatCannotBeIsRefusedInASentence(
    model: ModelDescription, inputShape: [Int], outputs: Int, sentence: String
  ) {
    let error = #expect(throws: ModelError.self) {
      try Network(model, inputShape: inputShape, outputs: outputs)
    }
    #expect(error?.description == sentence)
  }

  @Test func outputsFollowFromTheTarget() throws {
    #expect(try ModelDescription.softmax.outputs(classes: 10) == 10)
    #expect(try ModelDescription.logistic.outputs(classes: 2) == 1)
    #expect(try ModelDescription.linear.outputs(classes: nil, targets: 3) == 3)
    #expect(try ModelDescription.mlp(hidden: [4]).outputs(classes: nil) == 1)
    #expect(try ModelDescription.mlp(hidden: [4]).outputs(classes: 7) == 7)
    #expect(throws: ModelError.self) { try ModelDescription.logistic.outputs(classes: 3) }
    #expect(throws: ModelError.self) { try ModelDescription.softmax.outputs(classes: nil) }
  }

  @Test func convexModelsBeginAtZeroAndOthersWithinTheirBounds() throws {
    func initial(_ network: Network, seed: UInt64) -> [Float] {
      var buffer = [Float](repeating: .nan, count: network.layout.count)
      buffer.withUnsafeMutableBufferPointer {
        network.initialize($0, key: RandomKey(seed: seed))
      }
      return buffer
    }
    let softmax = try Network(.softmax, inputShape: [20], outputs: 3)
    #expect(initial(softmax, seed: 1).allSatisfy { $0 == 0 })

    let mlp = try Network(.mlp(hidden: [300]), inputShape: [200], outputs: 10)
    let values = initial(mlp, seed: 1)
    #expect(values == initial(mlp, seed: 1))
    #expect(values != initial(mlp, seed: 2))
    let bounds: [(String, Float)] = [
      ("dense.0.weight", (Float(6) / 200).squareRoot()),
      ("dense.1.weight", (Float(6) / 310).squareRoot()),
    ]
    for (name, bound) in bounds {
      let own = values[try #require(mlp.layout[name]).range]
      #expect(own.allSatisfy { abs($0) <= bound })
      // A uniform number in ±bound has the variance bound² / 3; the mean of n has 1 / n of it.
      let count = Float(own.count)
      let mean = own.reduce(0, +) / count
      let variance = own.reduce(0) { $0 + $1 * $1 } / count
      #expect(abs(mean) < 5 * bound / (3 * count).squareRoot())
      #expect(abs(variance / (bound * bound / 3) - 1) < 0.1)
    }
    #expect(values[try #require(mlp.layout["dense.0.bias"]).range].allSatisfy { $0 == 0 })

    let gpt = try Network(.gpt(layers: 1, heads: 1, width: 8), inputShape: [4], outputs: 5)
    let tokens = initial(gpt, seed: 1)
    #expect(tokens[try #require(gpt.layout["final.norm.weight"]).range].allSatisfy { $0 == 1 })
    #expect(tokens[try #require(gpt.layout["final.norm.bias"]).range].allSatisfy { $0 == 0 })
  }

  @Test func probabilitiesAndClassesFollowFromLogits() throws {
    let logistic = try Network(.logistic, inputShape: [1], outputs: 1)
    var pairs = [Float](repeating: 0, count: 6)
    logistic.probabilities([0, 1e4, -1e4], rows: 3, into: &pairs)
    #expect(pairs == [0.5, 0.5, 0, 1, 1, 0])
    var codes = [Int32](repeating: -1, count: 3)
    logistic.classes([0, 1, -1], rows: 3, into: &codes)
    #expect(codes == [0, 1, 0])

    let softmax = try Network(.softmax, inputShape: [1], outputs: 3)
    softmax.classes([1, 3, 3, 2, 2, 2, -1, -3, -2], rows: 3, into: &codes)
    #expect(codes == [1, 0, 0])
    var triple = [Float](repeating: 0, count: 3)
    softmax.probabilities([5, 5, 5], rows: 1, into: &triple)
    #expect(triple.allSatisfy { abs($0 - 1 / 3) < 1e-7 })
  }

  @Test(arguments: [
    ("*", "", true), ("*.bias", "dense.0.bias", true), ("*.bias", "bias", false),
    ("*.norm.*", "block.0.norm.1.weight", true), ("dense.?.weight", "dense.10.weight", false),
    ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false), ("", "a", false), ("a**", "a", true),
  ])
  func patternsMatchWholeNames(pattern: String, name: String, fits: Bool) {
    #expect(NamePattern(pattern).matches(name) == fits)
  }
}
