internal import GlissadeGraph

/// An assignment `PATH=VALUE` in its parts, each with its place in the argument.
struct OverridePath {
  /// What stands between the dots.
  struct Part {
    let text: String
    let position: SourcePosition
  }

  /// The parts of the path, at least one.
  let parts: [Part]
  /// What stands behind the first `=`.
  let valueText: String
  private let columnsBeforeValue: Int
  private let line: Int

  /// The most parts of a path.
  private static let partLimit = 128

  init(_ assignment: String, line: Int) throws(GraphError) {
    let scalars = assignment.unicodeScalars
    guard let equals = scalars.firstIndex(of: "=") else {
      throw GraphError(
        Diagnostic(
          "an override has the form PATH=VALUE, found '\(escaped(assignment))'",
          at: SourcePosition(
            file: GraphOverride.positionFile, line: line, column: 1, length: scalars.count)))
    }
    var parts: [Part] = []
    var column = 1
    for part in scalars[..<equals].split(separator: ".", omittingEmptySubsequences: false) {
      let position = SourcePosition(
        file: GraphOverride.positionFile, line: line, column: column, length: part.count)
      guard !part.isEmpty else {
        throw GraphError(Diagnostic("a part of the path is empty here", at: position))
      }
      guard parts.count < Self.partLimit else {
        throw GraphError(
          Diagnostic("the path has more than \(Self.partLimit) parts, the limit", at: position))
      }
      parts.append(Part(text: String(Substring(part)), position: position))
      column += part.count + 1
    }
    self.parts = parts
    valueText = String(Substring(scalars[scalars.index(after: equals)...]))
    columnsBeforeValue = column - 1
    self.line = line
  }

  /// The value on the right side, by YAML's rules.
  func value() throws(GraphError) -> AttributeValue {
    try GraphReader.value(
      valueText, file: GraphOverride.positionFile, line: line, columnsBefore: columnsBeforeValue)
  }

  /// `count` parts from `start` on as one key.
  func key(_ start: Int, count: Int) -> String {
    parts[start..<start + count].map(\.text).joined(separator: ".")
  }

  /// The path up to a part, for messages.
  func text(upTo end: Int) -> String { escaped(key(0, count: end)) }

  /// Refuses parts from `start` on, where what is before them holds nothing.
  func refuseRest(from start: Int) throws(GraphError) {
    guard start < parts.count else { return }
    throw GraphError(
      Diagnostic(
        "'\(escaped(parts[start].text))' cannot stand within '\(text(upTo: start))'",
        at: parts[start].position))
  }
}
