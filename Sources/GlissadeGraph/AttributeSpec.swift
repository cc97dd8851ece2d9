/// What an attribute may hold: `check`, `ops` and the schema all read it.
///
/// A class, as all specs: every node of a graph looks them up again and again.
public final class AttributeSpec: Sendable {
  /// The key.
  public let name: String
  /// What it does, in one sentence.
  public let summary: String
  /// What may stand there.
  public let type: AttributeType
  /// What holds where it is left out.
  public let defaultValue: AttributeValue?
  /// Whether it must be given.
  public let isRequired: Bool
  /// Whether `run` can do it; if not, `check`, `plan` and `dot` still know it.
  public let isBuilt: Bool

  /// An attribute.
  public init(
    _ name: String, _ type: AttributeType, _ summary: String, default: AttributeValue? = nil,
    required: Bool = false, built: Bool = true
  ) {
    self.name = name
    self.type = type
    self.summary = summary
    defaultValue = `default`
    isRequired = required
    isBuilt = built
  }
}

/// The types of attributes.
public indirect enum AttributeType: Sendable {
  /// `true` or `false`.
  case boolean
  /// A whole number.
  case integer(ClosedRange<Int>)
  /// A number.
  case number(NumberRange)
  /// Any text.
  case text
  /// A file, a directory or a pattern of files.
  case file
  /// One of some words.
  case choice([String])
  /// The name of a node, or `node.port`, or `{ from: node.port, as: {axis: axis}, staleness: n }`.
  case reference(ReferenceSpec)
  /// A reference, or a file: a text with a slash or the ending of a model file.
  case referenceOrFile(ReferenceSpec)
  /// `{ steps: n }`, `{ epochs: n }`: one of the units, and `of: BATCH` to say whose epochs.
  case duration([String])
  /// A list of values of one type.
  case list(AttributeType, ClosedRange<Int>)
  /// A map with known keys.
  case record([AttributeSpec])
  /// A map with free keys and values of one type.
  case dictionary(AttributeType)
  /// A word, or a map whose `kind` is the word and whose other keys belong to it.
  case variant([VariantSpec])
  /// The first of some types whose outline fits.
  case either([AttributeType])
  /// `{ NAME: size }` or `{ NAME: [label, …] }`.
  case axes
}

extension AttributeType {
  /// Whether a text that may be a reference or a file is a file.
  public static func isFile(_ text: String) -> Bool {
    text.contains("/") || [".safetensors", ".npy"].contains { text.hasSuffix($0) }
  }
}

/// One word of a variant with the keys that belong to it.
public final class VariantSpec: Sendable {
  /// The word.
  public let name: String
  /// What it means, in one sentence.
  public let summary: String
  /// The keys beside `kind`.
  public let attributes: [AttributeSpec]
  /// Whether `run` can do it.
  public let isBuilt: Bool

  /// A word.
  public init(
    _ name: String, _ summary: String, _ attributes: [AttributeSpec] = [], built: Bool = true
  ) {
    self.name = name
    self.summary = summary
    self.attributes = attributes
    isBuilt = built
  }
}

/// Numbers that are allowed.
public struct NumberRange: Sendable {
  /// The least number.
  public let least: Double
  /// The greatest number.
  public let greatest: Double
  /// Whether the least number itself is left out.
  public let isOpenBelow: Bool

  /// Numbers from `least` to `greatest`.
  public init(_ least: Double = -.infinity, _ greatest: Double = .infinity, openBelow: Bool = false)
  {
    self.least = least
    self.greatest = greatest
    isOpenBelow = openBelow
  }

  /// Every finite number.
  public static let any = NumberRange()
  /// Greater than zero.
  public static let positive = NumberRange(0, openBelow: true)
  /// Zero or more.
  public static let nonNegative = NumberRange(0)
  /// From 0 to 1.
  public static let unit = NumberRange(0, 1)

  /// Whether a number is allowed.
  public func contains(_ value: Double) -> Bool {
    value.isFinite && value <= greatest && (isOpenBelow ? value > least : value >= least)
  }

  /// As errors say it: `a number greater than 0`.
  public var phrase: String {
    switch (least.isFinite, greatest.isFinite) {
    case (false, false): "a number"
    case (true, false):
      isOpenBelow ? "a number greater than \(plain(least))" : "a number of at least \(plain(least))"
    case (false, true): "a number of at most \(plain(greatest))"
    // The number just below 1 is the greatest that is not 1.
    case (true, true) where greatest == 1.0.nextDown:
      "a number from \(plain(least)) to below 1"
    case (true, true):
      "a number from \(plain(least)) to \(plain(greatest))\(isOpenBelow ? " (\(plain(least)) excluded)" : "")"
    }
  }

  private func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
  }
}

/// What a reference may lead to, and what for.
public final class ReferenceSpec: Sendable {
  /// Why a node refers to another.
  public enum Role: Sendable {
    /// It reads the value.
    case value
    /// It reads only what is known before the run: columns, classes, the rows of an epoch.
    case facts
    /// The next version of a state.
    case next
  }

  /// The kinds of ports that fit.
  public let kinds: [ValueKind]
  /// Why.
  public let role: Role
  /// Whether the reader can do with nothing, in steps before the first in which the value is made.
  public let orNothing: Bool
  /// The port that the bare name of a node means, where the node has it; its main port else.
  public let port: String?

  /// A reference to a port of one of some kinds.
  public init(
    _ kinds: ValueKind..., role: Role = .value, orNothing: Bool = false, port: String? = nil
  ) {
    self.port = port
    self.kinds = kinds
    self.role = role
    self.orNothing = orNothing
  }
}
