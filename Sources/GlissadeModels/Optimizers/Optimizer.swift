import GlissadeKernels

/// How parameters follow a gradient: the rule, its numbers, and the state that it keeps.
///
/// Rules and default numbers are those of PyTorch's `torch.optim`, except that the rate stands in the schedule.
public struct Optimizer: Sendable, CustomStringConvertible {
  let rule: any OptimizerRule
  /// Which tensors the decay of `adamw` leaves out, by patterns over their names.
  let decayExcept: [NamePattern]

  private static let rules: [any OptimizerRule.Type] = [
    SGD.self, Momentum.self, Nesterov.self, Adagrad.self, RMSProp.self, Adam.self, AdamW.self,
  ]

  /// The words of all optimizers.
  public static let words = rules.map { $0.word }

  /// The numbers that an optimizer takes besides the rate, with their defaults, in order; none for an unknown word.
  public static func numbers(of word: String) -> [Hyperparameter] {
    rules.first { $0.word == word }?.numbers ?? []
  }

  /// The optimizer of a word.
  ///
  /// `numbers` may leave out what has its default; `decayExcept` is for `adamw` alone.
  public init(
    named word: String, _ numbers: [String: Double] = [:], decayExcept: [String] = []
  ) throws(ModelError) {
    guard let type = Optimizer.rules.first(where: { $0.word == word }) else {
      throw .unknown("optimizer", word: word, known: Optimizer.words)
    }
    let known = type.numbers
    for name in numbers.keys.sorted() where !known.contains(where: { $0.name == name }) {
      throw .unknown("number of the optimizer '\(word)'", word: name, known: known.map(\.name))
    }
    var values: [Double] = []
    for number in known {
      values.append(try number.checked(numbers[number.name], of: word))
    }
    guard decayExcept.isEmpty || type == AdamW.self else {
      throw .invalid("the optimizer '\(word)' has no decay to except tensors from; 'adamw' has")
    }
    rule = type.init(values)
    self.decayExcept = decayExcept.map(NamePattern.init)
  }

  /// The word of the optimizer.
  public var description: String { type(of: rule).word }

  /// The names of the buffers that it keeps, each flat as the parameters and zero at first.
  public var stateBuffers: [String] { type(of: rule).state }
}

/// A number that an optimizer takes.
public struct Hyperparameter: Sendable, Hashable {
  /// The name in graph files.
  public let name: String
  /// What it is where nothing is said.
  public let standard: Double
  /// What it may be.
  public let domain: Domain

  /// What a number may be.
  public enum Domain: String, Sendable, Hashable {
    /// At least 0, below 1.
    case fraction = "from 0 to below 1"
    /// Above 0.
    case positive = "above 0"
    /// At least 0.
    case nonnegative = "0 or more"
  }

  init(_ name: String, _ standard: Double, _ domain: Domain) {
    self.name = name
    self.standard = standard
    self.domain = domain
  }

  /// The value that is given, or the standard; refused outside the domain.
  func checked(_ value: Double?, of word: String) throws(ModelError) -> Double {
    let value = value ?? standard
    let fits =
      switch domain {
      case .fraction: value >= 0 && value < 1
      // Also after rounding to Float32, which is what the kernel divides by.
      case .positive: Float(value) > 0
      case .nonnegative: value >= 0
      }
    guard fits, Float(value).isFinite else {
      throw .invalid("the \(name) of '\(word)' is \(value), and must be \(domain.rawValue)")
    }
    return value
  }
}

/// An optimizer: one small type each.
protocol OptimizerRule: Sendable {
  /// The word in graph files.
  static var word: String { get }
  /// The numbers that it takes.
  static var numbers: [Hyperparameter] { get }
  /// The names of its state buffers, at most two.
  static var state: [String] { get }
  /// A rule from checked numbers, in the order of `numbers`.
  init(_ values: [Double])
  /// The kernel of the update that is number `count`, from 1, of these parameters.
  func kernel(rate: Double, count: Int) -> UpdateKernel
  /// The weight decay that multiplies the parameters by 1 − rate · decay, apart from the gradient.
  var decay: Double { get }
}

extension OptimizerRule {
  static var state: [String] { [] }
  static var numbers: [Hyperparameter] { [] }
  var decay: Double { 0 }
}
