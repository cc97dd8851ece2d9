import GlissadeKernels

/// What is minimized: a number for each row's logits and target, summed over the rows.
public struct Loss: Sendable, CustomStringConvertible {
  let function: any LossFunction

  /// ½ (ŷ − y)², summed over the outputs.
  public static let squared = Loss(function: SquaredLoss())
  /// |ŷ − y|, summed over the outputs.
  public static let absolute = Loss(function: AbsoluteLoss())
  /// −log of the probability that softmax gives to the row's class.
  public static let crossEntropy = Loss(function: CrossEntropyLoss())
  /// −log of the probability that the sigmoid gives to the row's label, 0 or 1.
  public static let logistic = Loss(function: LogisticLoss())
  /// max(0, 1 − margin).
  public static let hinge = Loss(function: HingeLoss())

  /// Squared within `delta`, which is above 0 and finite, linear beyond.
  public static func huber(delta: Double = 1) throws(ModelError) -> Loss {
    Loss(function: try HuberLoss(delta: delta))
  }

  /// The words of all losses.
  public static let words = [
    "squared", "absolute", "huber", "cross-entropy", "logistic", "hinge",
  ]

  /// The loss of a word; `delta` is for `huber` alone.
  public init(named word: String, delta: Double = 1) throws(ModelError) {
    switch word {
    case "squared": self = .squared
    case "absolute": self = .absolute
    case "huber": self = try .huber(delta: delta)
    case "cross-entropy": self = .crossEntropy
    case "logistic": self = .logistic
    case "hinge": self = .hinge
    default: throw .unknown("loss", word: word, known: Loss.words)
    }
  }

  private init(function: any LossFunction) { self.function = function }

  /// The word of the loss.
  public var description: String { function.word }

  /// Checks that the loss has a meaning for a model's outputs and a label of `classes`, or numbers where that is nil.
  public func check(outputs: Int, classes: Int?) throws(ModelError) {
    switch function.fit {
    case .classes where outputs < 2:
      throw .invalid(
        "the loss '\(self)' needs an output for each class, and the model has 1; "
          + "'logistic' fits a single margin")
    case .classes where classes == nil:
      throw .invalid("the loss '\(self)' needs a label with classes, and the target is a number")
    case .margin where outputs != 1:
      throw .invalid(
        "the loss '\(self)' needs a single output, the margin, and the model has \(outputs); "
          + "'cross-entropy' fits them")
    case .margin where classes ?? 2 != 2:
      throw .invalid("the loss '\(self)' tells 2 classes apart, and the label has \(classes ?? 0)")
    case .numbers where classes != nil && (outputs > 1 || classes != 2):
      throw .invalid(
        "the loss '\(self)' compares numbers, and the label has \(classes ?? 0) classes; "
          + "'cross-entropy' fits them")
    case .classes, .margin, .numbers: break
    }
  }

  /// The sum over rows of logits of [rows, outputs]; its derivatives by them go to `residual` of the same shape, which
  /// may be the logits, or nil where only the sum is asked.
  package func sum(
    _ logits: UnsafePointer<Float>, _ targets: Targets, rows: Int, outputs: Int,
    residual: UnsafeMutablePointer<Float>?
  ) -> Double {
    function.sum(logits, targets, rows: rows, outputs: outputs, residual: residual)
  }
}

/// A loss: one small type each.
protocol LossFunction: Sendable {
  /// The word in graph files.
  var word: String { get }
  /// What outputs and targets it has a meaning for.
  var fit: LossFit { get }
  /// See `Loss.sum`.
  func sum(
    _ logits: UnsafePointer<Float>, _ targets: Targets, rows: Int, outputs: Int,
    residual: UnsafeMutablePointer<Float>?
  ) -> Double
}

/// What outputs and targets a loss is for.
enum LossFit: Sendable {
  /// An output for each class.
  case classes
  /// One output, and labels 0 or 1.
  case margin
  /// An output for each target number.
  case numbers
}
