/// What is wrong about a model, a loss, an optimizer, a schedule or a metric, as a sentence.
public enum ModelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A word that names nothing: which thing was asked for, the word, and the words that would do.
  case unknown(String, word: String, known: [String])
  /// Something that cannot be, in a sentence without a full stop.
  case invalid(String)
  /// A model kind whose arithmetic this version does not have.
  case notBuilt(kind: String)

  /// As users read it.
  public var description: String {
    switch self {
    case .unknown(let thing, let word, let known):
      "unknown \(thing) '\(word)'; known are " + known.joined(separator: ", ")
    case .invalid(let sentence): sentence
    case .notBuilt(let kind):
      "a model of kind '\(kind)' has a layout in this version, but its arithmetic is not built"
    }
  }
}
