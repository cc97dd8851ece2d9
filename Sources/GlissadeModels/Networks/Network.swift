public import GlissadeTensor
import GlissadeKernels

/// A model with its shapes: where its parameters lie, how they begin, and how rows become logits and gradients.
///
/// All parameters are in one flat buffer that `layout` describes; gradients have the same layout. Tensors are named
/// and shaped as PyTorch's modules have them, `dense.0.weight` of [out, in], so that they load there unchanged.
///
/// A class, since all that is made of parameters knows it.
public final class Network: Sendable {
  /// Which model.
  public let model: ModelDescription
  /// The shape of one row.
  public let inputShape: [Int]
  /// The numbers of one row.
  public let inputs: Int
  /// The logits of one row.
  public let outputs: Int
  /// Where the parameters lie.
  public let layout: TensorLayout
  /// The dense layers from the inputs to the logits; empty where the arithmetic is not built.
  let layers: [DenseLayer]

  /// A network for rows of a shape.
  public init(
    _ model: ModelDescription, inputShape: [Int], outputs: Int
  ) throws(ModelError) {
    guard let shape = Shape(checking: inputShape), shape.elementCount > 0,
      shape.elementCount <= BLAS.maximumSize
    else {
      throw .invalid(
        "a row of \(inputShape) has not between 1 and \(BLAS.maximumSize) numbers")
    }
    guard outputs > 0 else { throw .invalid("a model with \(outputs) outputs") }
    self.model = model
    self.inputShape = inputShape
    self.inputs = shape.elementCount
    self.outputs = outputs
    var hidden: [Int] = []
    var activation = Activation.identity
    switch model {
    case .linear, .softmax: break
    case .logistic:
      guard outputs == 1 else {
        throw .invalid("a logistic model has 1 output, not \(outputs)")
      }
    case .mlp(let sizes, let chosen): (hidden, activation) = (sizes, chosen)
    case .lenet:
      (layout, layers) = (try LeNetLayout.make(inputShape: inputShape, outputs: outputs), [])
      return
    case .resnet(let depth):
      layout = try ResNetLayout.make(depth: depth, inputShape: inputShape, outputs: outputs)
      layers = []
      return
    case .gpt(let depth, let heads, let width, _):
      layout = try GPTLayout.make(
        layers: depth, heads: heads, width: width, inputShape: inputShape, outputs: outputs)
      layers = []
      return
    }
    (layout, layers) = try DenseLayer.stack(
      inputs: inputs, hidden: hidden, outputs: outputs, activation: activation)
  }

  /// The rows that are computed at a time: a function of the network alone, so that the bits are.
  ///
  /// Without hidden layers a tile of x stays in the second-level cache between its product with the weights and its
  /// product with the residuals, so a pass reads x once; with them a tile is what makes a product efficient.
  package var tileRows: Int {
    layers.count > 1 ? 512 : min(1024, max(16, 65_536 / inputs / 16 * 16))
  }
}

/// One dense layer: y = f(x · Wᵀ + b).
struct DenseLayer: Sendable {
  let inputs: Int
  let outputs: Int
  let activation: Activation
  /// The first element of the weight of [outputs, inputs] in the flat buffer.
  let weight: Int
  /// The first element of the bias of [outputs].
  let bias: Int

  /// Whether our own kernels are used, whose bits no library decides, in place of a general matrix product.
  var isNarrow: Bool { outputs <= 16 }

  static func stack(
    inputs: Int, hidden: [Int], outputs: Int, activation: Activation
  ) throws(ModelError) -> (TensorLayout, [DenseLayer]) {
    try LayoutBuilder.check(hidden.count, "hidden layers", least: 0)
    var builder = LayoutBuilder()
    var layers: [DenseLayer] = []
    var width = inputs
    for (index, next) in (hidden + [outputs]).enumerated() {
      guard next > 0 else { throw .invalid("a hidden layer of \(next) units") }
      try builder.dense("dense.\(index)", inputs: width, outputs: next)
      let entries = builder.layout.entries.suffix(2).map(\.offset)
      layers.append(
        DenseLayer(
          inputs: width, outputs: next,
          activation: index == hidden.count ? .identity : activation,
          weight: entries[0], bias: entries[1]))
      width = next
    }
    return (builder.layout, layers)
  }
}
