public import GlissadeKernels

/// Which model, as the graph says it; together with the shapes of the data it is a `Network`.
public enum ModelDescription: Sendable, Hashable {
  /// One weight for each input and target, and a bias.
  case linear
  /// A linear model of one output, the margin of the second class over the first.
  case logistic
  /// A linear model with an output for each class.
  case softmax
  /// A multilayer perceptron: dense layers with an activation behind all but the last.
  case mlp(hidden: [Int], activation: Activation = .relu)
  /// LeNet-5 (Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, 1998).
  case lenet
  /// A residual network for small images, of depth 6 n + 2 (K. He, X. Zhang, S. Ren, J. Sun, 2016, §4.2).
  case resnet(depth: Int)
  /// A decoder-only transformer (A. Radford et al., 2019).
  case gpt(layers: Int, heads: Int, width: Int, dropout: Double = 0)

  /// The words of all kinds.
  public static let kinds = ["linear", "logistic", "softmax", "mlp", "lenet", "resnet", "gpt"]

  /// The word of the kind.
  public var kind: String {
    switch self {
    case .linear: "linear"
    case .logistic: "logistic"
    case .softmax: "softmax"
    case .mlp: "mlp"
    case .lenet: "lenet"
    case .resnet: "resnet"
    case .gpt: "gpt"
    }
  }

  /// Whether this version can compute it; the others have a layout, so that a graph can be planned.
  public var isBuilt: Bool {
    switch self {
    case .linear, .logistic, .softmax, .mlp: true
    case .lenet, .resnet, .gpt: false
    }
  }

  /// The logits that a row gets: from the number of classes of its label, or nil and the number of its targets.
  public func outputs(classes: Int?, targets: Int = 1) throws(ModelError) -> Int {
    switch self {
    case .linear:
      guard let classes else { return targets }
      guard classes == 2 else {
        throw .invalid("a linear model predicts numbers, and the label has \(classes) classes")
      }
      return 1
    case .logistic:
      guard classes ?? 2 == 2 else {
        throw .invalid("a logistic model tells 2 classes apart, and the label has \(classes ?? 0)")
      }
      return 1
    case .softmax, .gpt:
      guard let classes else { throw .invalid("a \(kind) model needs a label with classes") }
      return classes
    case .mlp, .lenet, .resnet: return classes ?? targets
    }
  }

  /// The loss that is meant where none is said.
  public func defaultLoss(classes: Int?) -> Loss {
    switch self {
    case .linear: .squared
    case .logistic: .logistic
    case .softmax, .gpt: .crossEntropy
    case .mlp, .lenet, .resnet: classes == nil ? .squared : .crossEntropy
    }
  }
}
