public import GlissadeGraph

/// Prints what is wrong in a graph: for people with the line and carets, for programs as JSON.
public enum DiagnosticPrinter {
  /// The widest line of a source that is shown whole.
  private static let lineWidth = 160

  /// The findings, each with its line where `source` gives the text of the file that it names.
  ///
  /// ```
  /// digits.yaml:12:23: error: unknown attribute 'optimiser' of operation 'update'
  ///    12 |   step: { op: update, optimiser: { kind: sgd, rate: 0.1 } }
  ///       |                       ^^^^^^^^^ did you mean 'optimizer'?
  /// ```
  /// At most `limit` findings, then how many more there are. Ends with a line's end.
  public static func text(
    _ error: GraphError, source: (String) -> String?, limit: Int = 20
  ) -> String {
    var sources: [String: SourceCursor] = [:]
    var text = ""
    for diagnostic in error.diagnostics.prefix(limit) {
      guard let position = diagnostic.position else {
        text += "error: " + sentence(diagnostic, withHint: true) + "\n"
        continue
      }
      if sources[position.file] == nil {
        sources[position.file] = SourceCursor(source(position.file) ?? "")
      }
      let line = sources[position.file]?.line(around: position)
      text +=
        escaped(position.file, limit: 4096)
        + ":\(position.line):\(position.column): error: "
        + sentence(diagnostic, withHint: line == nil) + "\n"
      if let line { text += excerpt(line, position, hint: diagnostic.hint) }
    }
    let rest = error.diagnostics.count - limit
    if rest > 0 { text += more(rest) + "\n" }
    return text
  }

  /// The findings as a JSON list of objects with `file`, `line`, `column`, `length`, `message` and `hint`, null where
  /// there is none; at most `limit` of them. Where there are more, a last object says how many, and has their number
  /// as `more`.
  public static func json(_ error: GraphError, limit: Int = 20) -> String {
    var list = error.diagnostics.prefix(limit).map(jsonText)
    let rest = error.diagnostics.count - limit
    if rest > 0 {
      list.append([
        "file": nil, "line": nil, "column": nil, "length": nil, "message": .text(more(rest)),
        "hint": nil, "more": .integer(rest),
      ])
    }
    return JSONText.list(list).written(.pretty)
  }

  /// The findings as a JSON value, to stand inside another.
  public static func jsonText(_ error: GraphError) -> JSONText {
    .list(error.diagnostics.map(jsonText))
  }

  private static func jsonText(_ diagnostic: Diagnostic) -> JSONText {
    let position = diagnostic.position
    return [
      "file": diagnostic.file.map { .text($0) } ?? nil,
      "line": position.map { .integer($0.line) } ?? nil,
      "column": position.map { .integer($0.column) } ?? nil,
      "length": position.map { .integer($0.length) } ?? nil,
      "message": .text(diagnostic.message),
      "hint": diagnostic.hint.map { .text($0) } ?? nil,
    ]
  }

  private static func more(_ count: Int) -> String {
    "and \(count) more error\(count == 1 ? "" : "s")"
  }

  private static func sentence(_ diagnostic: Diagnostic, withHint: Bool) -> String {
    let hint = withHint ? diagnostic.hint.map { " (\($0))" } ?? "" : ""
    return escaped(diagnostic.message + hint, limit: 4096)
  }

  private static func excerpt(
    _ line: DisplayLine, _ position: SourcePosition, hint: String?
  ) -> String {
    let number = String(position.line)
    let width = max(5, number.count)
    let marked = line.marked(length: position.length, width: lineWidth)
    let hint = hint.map { " " + escaped($0, limit: 4096) } ?? ""
    return String(repeating: " ", count: width - number.count) + number + " | " + marked.line + "\n"
      + String(repeating: " ", count: width) + " | "
      + String(repeating: " ", count: marked.blanks)
      + String(repeating: "^", count: marked.carets) + hint + "\n"
  }
}
