/// What is measured about a model on rows.
public enum Metric: Sendable, Hashable, CustomStringConvertible {
  /// The mean loss of the rows.
  case loss
  /// The mean loss, and the penalty of the parameters once.
  case objective
  /// The part of the rows whose class is predicted.
  case accuracy
  /// The part of the rows whose class is among the k greatest logits.
  case topK(Int)
  /// The mean of −log of the probability of the row's class, whatever the loss.
  case logLoss
  /// The area under the receiver operating characteristic, exactly: the chance that a row of class 1 has a higher score
  /// than one of class 0, ties counted half.
  case auc
  /// The root of the mean squared error.
  case rmse
  /// The mean absolute error.
  case mae
  /// 1 − Σ (y − ŷ)² / Σ (y − ȳ)².
  case r2

  /// The words of all metrics, `top-K` standing for any number.
  public static let words = [
    "loss", "objective", "accuracy", "top-K", "log-loss", "auc", "rmse", "mae", "r2",
  ]

  /// The metric of a word: `top-5` is `topK(5)`.
  public init(named word: String) throws(ModelError) {
    switch word {
    case "loss": self = .loss
    case "objective": self = .objective
    case "accuracy": self = .accuracy
    case "log-loss": self = .logLoss
    case "auc": self = .auc
    case "rmse": self = .rmse
    case "mae": self = .mae
    case "r2": self = .r2
    default:
      guard word.hasPrefix("top-") else {
        throw .unknown("metric", word: word, known: Metric.words)
      }
      guard let k = Int(word.dropFirst(4)), k > 0 else {
        throw .invalid(
          "the metric 'top-K' expects a whole number from 1 in the place of K, as in top-5, found '\(word)'"
        )
      }
      self = .topK(k)
    }
  }

  /// The word of the metric.
  public var description: String {
    switch self {
    case .loss: "loss"
    case .objective: "objective"
    case .accuracy: "accuracy"
    case .topK(let k): "top-\(k)"
    case .logLoss: "log-loss"
    case .auc: "auc"
    case .rmse: "rmse"
    case .mae: "mae"
    case .r2: "r2"
    }
  }

  /// Whether greater values are better.
  public var greaterIsBetter: Bool {
    switch self {
    case .accuracy, .topK, .auc, .r2: true
    case .loss, .objective, .logLoss, .rmse, .mae: false
    }
  }

  /// Checks that the metric has a meaning for a model's outputs and a label of `classes`, or numbers where that is nil.
  public func check(outputs: Int, classes: Int?) throws(ModelError) {
    switch self {
    case .loss, .objective: return
    case .accuracy, .logLoss, .topK, .auc:
      guard let classes else {
        throw .invalid(
          "the metric '\(self)' needs a label with classes, and the target is a number")
      }
      if case .topK(let k) = self, k > outputs {
        throw .invalid("the metric '\(self)' asks for \(k) of \(outputs) outputs")
      }
      if case .auc = self, classes != 2 {
        throw .invalid("the metric 'auc' is about 2 classes, and the label has \(classes)")
      }
    case .rmse, .mae, .r2:
      guard classes == nil else {
        throw .invalid(
          "the metric '\(self)' compares numbers, and the label has \(classes ?? 0) classes")
      }
    }
  }

  /// The sums that the metric keeps besides the number of rows.
  var sumCount: Int {
    switch self {
    case .auc: 0
    case .loss, .objective, .accuracy, .topK, .logLoss, .rmse, .mae: 1
    case .r2: 3
    }
  }
}
