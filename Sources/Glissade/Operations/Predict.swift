/// What a model says about rows: classes and probabilities, or numbers.
public struct Predict: GraphNode {
  /// The node without its type.
  public var node: Node

  /// What the model of some parameters says about rows, with logits divided by a temperature.
  public init(
    _ name: String, at parameters: any GraphReference, data: any GraphReference,
    gives: Gives? = nil, temperature: Double? = nil, every period: GraphDuration? = nil,
    file: String = #fileID, line: Int = #line
  ) {
    node = Node(
      name, op: "predict",
      .map([
        "at": parameters, "data": data, "gives": gives, "temperature": temperature,
        "every": period,
      ]), file: file, line: line)
  }

  /// What is written, or several: `[.class, .probabilities]`.
  public struct Gives: SettingConvertible, ExpressibleByArrayLiteral {
    /// As a setting.
    public let setting: Setting

    private init(setting: Setting) { self.setting = setting }
    /// Several, in their order.
    public init(arrayLiteral answers: Gives...) { setting = .list(answers.map(\.setting)) }

    /// The most likely class.
    public static let `class` = Gives(setting: "class")
    /// The probability of each class.
    public static let probabilities = Gives(setting: "probabilities")
    /// The number.
    public static let value = Gives(setting: "value")
  }
}
