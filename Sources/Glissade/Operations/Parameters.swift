/// The parameters of a model: a state, which an update moves on.
public struct Parameters: GraphNode {
  /// The node without its type.
  public var node: Node

  /// The parameters of a model, which begin by the seed, or as `initial` says: a model file or other parameters.
  ///
  /// `next` gives the next version by name; where it is left out, the only update of the node does.
  public init(
    _ name: String, model: Model? = nil, initial: (any GraphReference)? = nil,
    next: (any PortName)? = nil, penalty: Penalty? = nil, inputs: Int? = nil, classes: Int? = nil,
    axes: Axes? = nil, file: String = #fileID, line: Int = #line
  ) {
    node = Node(
      name, op: "parameters",
      .map([
        "model": model, "initial": initial, "next": next, "penalty": penalty, "inputs": inputs,
        "classes": classes, "axes": axes,
      ]), file: file, line: line)
  }

  /// A kind of model.
  public struct Model: GraphOption {
    /// As a setting.
    public let setting: Setting
    /// What a setting says.
    public init(_ setting: Setting) { self.setting = setting }

    /// Numbers from a weighted sum.
    public static let linear = Model.word("linear")
    /// Two classes from a weighted sum.
    public static let logistic = Model.word("logistic")
    /// Classes from a weighted sum each.
    public static let softmax = Model.word("softmax")
    /// A multilayer perceptron with hidden layers of some widths.
    public static func mlp(hidden: [Int], activation: Activation? = nil) -> Model {
      .word("mlp", ["hidden": hidden, "activation": activation])
    }
    /// LeNet-5, for images.
    public static let lenet = Model.word("lenet")
    /// A residual network of 6 n + 2 layers, for images.
    public static func resnet(depth: Int) -> Model { .word("resnet", ["depth": depth]) }
    /// A decoder-only transformer, for tokens.
    public static func gpt(
      layers: Int, heads: Int, width: Int, dropout: (any GraphNumber)? = nil
    ) -> Model {
      .word("gpt", ["layers": layers, "heads": heads, "width": width, "dropout": dropout])
    }
  }

  /// What each hidden layer applies.
  public enum Activation: String, SettingConvertible {
    /// max(0, z)
    case relu
    /// The hyperbolic tangent.
    case tanh
    /// 1 / (1 + e⁻ᶻ)
    case sigmoid
    /// z · Φ(z)
    case gelu
  }

  /// What large parameters cost; biases cost nothing unless they are named.
  public struct Penalty: GraphOption {
    /// As a setting.
    public let setting: Setting
    /// What a setting says.
    public init(_ setting: Setting) { self.setting = setting }

    /// The sum of magnitudes: weight · ‖w‖₁.
    public static func l1(_ weight: some GraphNumber, biases: Bool? = nil) -> Penalty {
      .word("l1", ["weight": weight, "biases": biases])
    }
    /// The sum of squares: weight / 2 · ‖w‖².
    public static func l2(_ weight: some GraphNumber, biases: Bool? = nil) -> Penalty {
      .word("l2", ["weight": weight, "biases": biases])
    }
    /// Both: weight · (ratio · ‖w‖₁ + (1 − ratio) / 2 · ‖w‖²).
    public static func elasticNet(
      _ weight: some GraphNumber, ratio: (any GraphNumber)? = nil, biases: Bool? = nil
    ) -> Penalty {
      .word("elastic-net", ["weight": weight, "ratio": ratio, "biases": biases])
    }
  }
}
