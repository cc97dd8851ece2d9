/// The sum over rows of the gradients of a loss, with the loss and the row count.
public struct Gradient: GraphNode {
  /// The node without its type.
  public var node: Node

  /// The gradient at some parameters on some rows; the loss is what the model is for where none is given.
  public init(
    _ name: String, at parameters: any GraphReference, data: any GraphReference,
    loss: Loss? = nil, accumulate: Int? = nil, file: String = #fileID, line: Int = #line
  ) {
    node = Node(
      name, op: "gradient",
      .map(["at": parameters, "data": data, "loss": loss, "accumulate": accumulate]), file: file,
      line: line)
  }

  /// The mean loss of the rows.
  public var loss: NodePort { port("loss") }

  /// What is minimized, or the sum of several: `[.crossEntropy, .kl(to: teacher)]`.
  public struct Loss: GraphOption, ExpressibleByArrayLiteral {
    /// As a setting.
    public let setting: Setting
    /// What a setting says.
    public init(_ setting: Setting) { self.setting = setting }
    /// The sum of several.
    public init(arrayLiteral losses: Loss...) { self.init(.list(losses.map(\.setting))) }

    /// −log of the probability of the row's class.
    public static let crossEntropy = Loss.word("cross-entropy")
    /// −log of the probability of the row's label, of two.
    public static let logistic = Loss.word("logistic")
    /// Half the squared error: ½ (ŷ − y)².
    public static let squared = Loss.word("squared")
    /// The absolute error: |ŷ − y|.
    public static let absolute = Loss.word("absolute")
    /// Squared within 1, linear beyond.
    public static let huber = Loss.word("huber")
    /// Squared within delta, linear beyond.
    public static func huber(delta: some GraphNumber) -> Loss { .word("huber", ["delta": delta]) }
    /// max(0, 1 − margin), for two classes.
    public static let hinge = Loss.word("hinge")
    /// The divergence from a teacher's predictions.
    public static func kl(
      to teacher: any GraphReference, temperature: (any GraphNumber)? = nil,
      weight: (any GraphNumber)? = nil, warmup: GraphDuration? = nil
    ) -> Loss {
      .word(
        "kl", ["to": teacher, "temperature": temperature, "weight": weight, "warmup": warmup])
    }
  }
}
