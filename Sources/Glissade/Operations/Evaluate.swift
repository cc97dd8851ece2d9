/// Metrics of a model, or of predictions, over rows; exact whatever divides the rows.
public struct Evaluate: GraphNode {
  /// The node without its type.
  public var node: Node

  /// Measures the model of some parameters, on the first `most` rows or on all.
  public init(
    _ name: String, at parameters: any GraphReference, data: any GraphReference,
    metrics: [Metric], loss: Gradient.Loss? = nil, most rows: Int? = nil,
    every period: GraphDuration? = nil, file: String = #fileID, line: Int = #line
  ) {
    node = Node(
      name, op: "evaluate",
      .map([
        "at": parameters, "data": data, "metrics": metrics, "loss": loss,
        "most": rows.map { Setting.map(["rows": $0]) }, "every": period,
      ]), file: file, line: line)
  }

  /// Measures predictions.
  public init(
    _ name: String, of predictions: any GraphReference, data: any GraphReference,
    metrics: [Metric], every period: GraphDuration? = nil, file: String = #fileID,
    line: Int = #line
  ) {
    node = Node(
      name, op: "evaluate",
      .map(["of": predictions, "data": data, "metrics": metrics, "every": period]), file: file,
      line: line)
  }

  /// A metric as a port.
  public func metric(_ metric: Metric) -> NodePort { port(metric.word) }

  /// What is measured.
  public struct Metric: SettingConvertible, ExpressibleByStringLiteral, Hashable {
    /// As files write it.
    public let word: String

    /// The metric of a word.
    public init(_ word: String) { self.word = word }
    /// The metric of a word.
    public init(stringLiteral word: String) { self.init(word) }
    /// As a setting.
    public var setting: Setting { word.setting }

    /// The mean loss of the rows.
    public static let loss = Metric("loss")
    /// The mean loss, and the penalty once.
    public static let objective = Metric("objective")
    /// The part of the rows whose class is predicted.
    public static let accuracy = Metric("accuracy")
    /// The part of the rows whose class is among the k most likely.
    public static func top(_ k: Int) -> Metric { Metric("top-\(k)") }
    /// The mean of −log of the probability of the row's class.
    public static let logLoss = Metric("log-loss")
    /// The area under the receiver operating characteristic.
    public static let auc = Metric("auc")
    /// The root of the mean squared error.
    public static let rmse = Metric("rmse")
    /// The mean absolute error.
    public static let mae = Metric("mae")
    /// 1 − Σ (y − ŷ)² / Σ (y − ȳ)².
    public static let r2 = Metric("r2")
  }
}
