internal import CYAML
internal import GlissadeGraph

/// libyaml's complaints in our words.
enum YAMLSyntax {
  /// What stopped a parser, at its place in the text, with what the builder had found before.
  static func failure(
    of parser: yaml_parser_t, in source: SourceText, _ builder: TreeBuilder
  ) -> GraphError {
    if parser.error == YAML_MEMORY_ERROR {
      return builder.failure(
        "there is not enough memory to read the file", at: source.position(line: 0, column: 0))
    }
    // Where a key, an alias or an anchor begins says more than where libyaml gave it up.
    let begins = ["simple key", "an alias", "an anchor"].contains { suffix in
      parser.context.map { String(cString: $0).hasSuffix(suffix) } ?? false
    }
    let mark = begins ? parser.context_mark : parser.problem_mark
    let found = source.scalar(line: mark.line, column: mark.column)
    let problem = parser.problem.map { String(cString: $0) } ?? "this is not YAML"
    let context = parser.context.map { String(cString: $0) } ?? ""
    var message = words(problem, context: context, found: found)
    let start = parser.context_mark
    if !context.isEmpty, (start.line, start.column) != (mark.line, mark.column),
      let whole = wholes.first(where: { context.hasSuffix($0.context) })?.words
    {
      let place = source.position(line: start.line, column: start.column)
      message += " (in the \(whole) that begins in line \(place.line), column \(place.column))"
    }
    // libyaml puts the end of the file in a line of its own: the end of what can be seen says more.
    let position =
      found == nil ? source.endPosition : source.position(line: mark.line, column: mark.column)
    return builder.failure(message, at: position)
  }

  private static let wholes: [(context: String, words: String)] = [
    ("flow mapping", "map"), ("block mapping", "map"), ("flow sequence", "list"),
    ("block collection", "list"), ("quoted scalar", "text"), ("plain scalar", "text"),
    ("block scalar", "text"),
  ]

  private static func words(
    _ problem: String, context: String, found: Unicode.Scalar?
  ) -> String {
    let here =
      switch found {
      case nil: "the end of the file"
      case "\n", "\r": "the end of the line"
      case .some(let scalar): "'\(escaped(String(scalar)))'"
      }
    if context.hasSuffix("scanning an alias") || context.hasSuffix("scanning an anchor") {
      return "'*' and '&' begin an alias or an anchor, which graph files do not have: "
        + "put the text in quotes"
    }
    if context.contains("tag") || problem == "found undefined tag handle" {
      return "'!' begins a tag, which graph files do not have: put the text in quotes"
    }
    switch problem {
    case "found character that cannot start any token":
      return found == "\t"
        ? "a tab cannot indent YAML: use spaces"
        : "\(here) cannot begin a text without quotes"
    case "did not find expected ',' or '}'": return "expected ',' or '}', found \(here)"
    case "did not find expected ',' or ']'": return "expected ',' or ']', found \(here)"
    case "did not find expected key":
      return "expected a key or the end of the map, found \(here): look at the indentation"
    case "did not find expected '-' indicator":
      return "expected '-' or the end of the list, found \(here): look at the indentation"
    case "did not find expected node content": return "expected a value, found \(here)"
    case "could not find expected ':'": return "expected ':' behind the key that begins here"
    case "mapping values are not allowed in this context":
      return "no key can stand before this ':': put the text in quotes, or look for a ':' that the "
        + "line before lacks"
    case "mapping keys are not allowed in this context": return "a key cannot stand here"
    case "block sequence entries are not allowed in this context":
      return "a list's '-' cannot stand here: begin a new line"
    case "found unexpected end of stream": return "the text in quotes has no end"
    case "found unexpected document indicator":
      return "a document ends inside a text in quotes"
    case "found unknown escape character":
      return "this escape is none of YAML's: write '\\\\' for a backslash, or use single quotes"
    case "did not find expected <document start>":
      return "expected the end of the file, found \(here)"
    case "found a tab character that violates indentation",
      "found a tab character where an indentation space is expected":
      return "a tab cannot indent YAML: use spaces"
    default: return problem
    }
  }
}
