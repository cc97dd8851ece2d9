/// One thing that is wrong in a graph: where, what was expected and found, and a hint where it is certain.
public struct Diagnostic: Error, Sendable, Hashable {
  /// What kind of wrong, which decides the exit code.
  public enum Category: Sendable, Hashable {
    /// The graph says what cannot be.
    case content
    /// A file that the graph names is not there.
    case missingInput
    /// The graph is right, and this version cannot run it yet.
    case notBuilt
    /// It cannot fit the memory budget.
    case memory
  }

  /// What is wrong, as a sentence without a full stop.
  public let message: String
  /// Where, if the graph came from a text.
  public let position: SourcePosition?
  /// What would mend it, if that is certain: `did you mean 'optimizer'?`.
  public let hint: String?
  /// What kind of wrong.
  public let category: Category
  /// The file that it is about: that of the position, or one in which there is no place to point at.
  public let file: String?

  /// A finding.
  public init(
    _ message: String, at position: SourcePosition?, hint: String? = nil,
    category: Category = .content, file: String? = nil
  ) {
    self.file = position?.file ?? file
    self.message = message
    self.position = position
    self.hint = hint
    self.category = category
  }

  /// The same finding in a file that a node reads, with the node's name.
  ///
  /// A node without a place belongs to a graph that a verb has made, and its name says nothing to the user.
  package func read(by node: String, at position: SourcePosition?) -> Diagnostic {
    guard position != nil else { return self }
    return Diagnostic(
      message + "; node '\(node)' reads it", at: self.position, hint: hint, category: category,
      file: file)
  }
}

/// Everything that was found wrong, in the order of the text.
public struct GraphError: Error, Sendable, CustomStringConvertible {
  /// The findings, at least one.
  public let diagnostics: [Diagnostic]

  /// Findings, sorted by their place: file after file, what has no place at the end.
  public init(_ diagnostics: [Diagnostic]) {
    func key(_ index: Int) -> (Int, String, Int, Int, Int) {
      let position = diagnostics[index].position
      return (
        position == nil ? 1 : 0, position?.file ?? "", position?.line ?? 0, position?.column ?? 0,
        index
      )
    }
    let indices = diagnostics.indices
    // Most come in order, and there may be many.
    let isSorted = zip(indices, indices.dropFirst()).allSatisfy { key($0) < key($1) }
    self.diagnostics =
      isSorted ? diagnostics : indices.sorted { key($0) < key($1) }.map { diagnostics[$0] }
  }

  /// One finding.
  public init(_ diagnostic: Diagnostic) { self.init([diagnostic]) }

  /// One line a finding.
  public var description: String {
    diagnostics.map { diagnostic in
      let place = diagnostic.position.map { "\($0.file):\($0.line):\($0.column): " } ?? ""
      let hint = diagnostic.hint.map { " (\($0))" } ?? ""
      return place + "error: " + diagnostic.message + hint
    }.joined(separator: "\n")
  }
}
