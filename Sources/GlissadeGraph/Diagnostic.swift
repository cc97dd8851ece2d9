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
    func key(_ entry: (offset: Int, element: Diagnostic)) -> (Int, String, Int, Int, Int) {
      let position = entry.element.position
      return (
        position == nil ? 1 : 0, position?.file ?? "", position?.line ?? 0, position?.column ?? 0,
        entry.offset
      )
    }
    self.diagnostics = diagnostics.enumerated().sorted { key($0) < key($1) }.map(\.element)
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

/// The closest of some names, where it is close enough that it was surely meant.
///
/// Damerau–Levenshtein distance (optimal string alignment), at most a third of the length. O(names · length²).
public func closest(to word: String, among names: [String]) -> String? {
  let found = Array(word.utf8)
  var best: (name: String, distance: Int)?
  var tied = false
  // Whoever writes the beginning of a name may mean that one as well as one that differs by a letter.
  let begun = names.filter { $0.utf8.count > found.count + 1 && $0.hasPrefix(word) }
  for name in names {
    let wanted = Array(name.utf8)
    guard abs(wanted.count - found.count) <= 3, found.count <= 64 else { continue }
    let distance = alignmentDistance(found, wanted)
    guard distance <= max(1, wanted.count / 3) else { continue }
    if distance == best?.distance { tied = true }
    if best.map({ distance < $0.distance }) ?? true { (best, tied) = ((name, distance), false) }
  }
  if let best, best.distance > 0, begun.contains(where: { $0 != best.name }) { return nil }
  return tied ? nil : best?.name
}

/// Some names for a message, at most eight of them: `a, b, c, …`.
public func listed(_ names: some Sequence<String>) -> String {
  let first = Array(names.prefix(9))
  return first.prefix(8).joined(separator: ", ") + (first.count > 8 ? ", …" : "")
}

/// `did you mean 'NAME'?`, where one of the names was surely meant.
public func suggestion(for word: String, among names: [String]) -> String? {
  closest(to: word, among: names).map { "did you mean '\($0)'?" }
}

private func alignmentDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var rows = [[Int]](
    repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
  for i in 0...a.count { rows[i][0] = i }
  for j in 0...b.count { rows[0][j] = j }
  guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
  for i in 1...a.count {
    for j in 1...b.count {
      let cost = a[i - 1] == b[j - 1] ? 0 : 1
      var least = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + cost)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        least = min(least, rows[i - 2][j - 2] + 1)
      }
      rows[i][j] = least
    }
  }
  return rows[a.count][b.count]
}
