import GlissadeKernels
import GlissadeTensor

/// Collects the tensors of a model, refusing what no memory or matrix product could hold.
struct LayoutBuilder {
  /// The greatest number of parameters of a model.
  static let maximumParameters = 1 << 40
  /// The greatest number of layers of a model.
  static let maximumLayers = 10_000

  private(set) var layout = TensorLayout()

  /// Adds a tensor behind the others.
  mutating func append(
    _ name: String, _ dimensions: [Int], _ role: TensorLayout.Role
  ) throws(ModelError) {
    for size in dimensions where size > BLAS.maximumSize {
      throw .invalid("\(name) has a side of \(size), and the limit is \(BLAS.maximumSize)")
    }
    guard let shape = Shape(checking: dimensions),
      shape.elementCount <= LayoutBuilder.maximumParameters,
      layout.count + shape.elementCount <= LayoutBuilder.maximumParameters
    else {
      throw .invalid(
        "\(name) of \(dimensions) takes the model past the limit of "
          + "\(LayoutBuilder.maximumParameters) parameters")
    }
    layout.append(name, shape, role: role)
  }

  /// Adds a weight of [outputs, inputs], as `torch.nn.Linear` has it, and its bias.
  mutating func dense(_ name: String, inputs: Int, outputs: Int) throws(ModelError) {
    try append(name + ".weight", [outputs, inputs], .weight)
    try append(name + ".bias", [outputs], .bias)
  }

  /// Adds the scale and shift of a normalization over `width` channels.
  mutating func norm(_ name: String, width: Int) throws(ModelError) {
    try append(name + ".weight", [width], .norm)
    try append(name + ".bias", [width], .norm)
  }

  /// Checks a number of layers, blocks or heads.
  static func check(_ count: Int, _ what: String, least: Int = 1) throws(ModelError) {
    guard count >= least, count <= maximumLayers else {
      throw .invalid("\(count) \(what) asked for, and \(least) to \(maximumLayers) are allowed")
    }
  }
}

/// An image's channels, height and width; two dimensions are one channel.
struct ImageShape {
  let channels: Int
  let height: Int
  let width: Int

  init(_ inputShape: [Int], for kind: String) throws(ModelError) {
    switch inputShape.count {
    case 2: (channels, height, width) = (1, inputShape[0], inputShape[1])
    case 3: (channels, height, width) = (inputShape[0], inputShape[1], inputShape[2])
    default:
      throw .invalid(
        "a \(kind) model reads images of [channels, height, width], and a row is \(inputShape)")
    }
  }
}
