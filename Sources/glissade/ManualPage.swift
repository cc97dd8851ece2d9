import GlissadeGraph

/// A manual page in the man macros of roff, from the parser's own description of a command.
struct ManualPage {
  private var lines: [String] = []

  /// The whole page.
  var text: String { lines.joined(separator: "\n") + "\n" }

  /// The page of a command with its subcommands.
  ///
  /// - Parameter command: The command as the argument parser describes it: `commandName`, `abstract`, `discussion`,
  ///   `arguments`, `subcommands`.
  init(of command: AttributeValue, version: String) {
    let name = command["commandName"]?.text ?? ""
    lines.append(
      ".TH \(Self.escaped(name.uppercased())) 1 \"\" \"\(Self.escaped(name)) \(version)\"")
    section("NAME")
    lines.append(
      Self.escaped(name) + " \\- " + Self.escaped(Self.phrase(command["abstract"]?.text ?? "")))
    section("SYNOPSIS")
    lines.append(".B " + Self.escaped(name))
    lines.append(".I verb")
    lines.append("[\\fIargument\\fR ...]")
    section("DESCRIPTION")
    paragraphs(command["discussion"]?.text ?? "")
    section("OPTIONS")
    for argument in Self.shown(command["arguments"]) { describe(argument) }
    section("VERBS")
    for verb in Self.verbs(of: command) { describe(verb, of: name) }
    section("ENVIRONMENT")
    for (variable, use) in Self.environment {
      lines += [".TP", ".B " + Self.escaped(variable), Self.escaped(use)]
    }
  }

  private static let environment = [
    ("NO_COLOR", "If it is set and not empty, progress has no colors."),
    (
      "OPENBLAS_CORETYPE",
      "The core whose kernels OpenBLAS uses, in the place of the one that fits."
    ),
    ("TMPDIR", "Where standard input is kept while it is read."),
  ]

  /// A verb: its usage, what it does, its arguments and options, then the verbs within it.
  ///
  /// Recursion goes as deep as verbs nest.
  private mutating func describe(_ verb: AttributeValue, of tool: String) {
    let name = verb["commandName"]?.text ?? ""
    let arguments = Self.shown(verb["arguments"])
    let positional = arguments.filter { $0["kind"]?.text == "positional" }
    var usage = ".SS \"\(Self.escaped(tool)) \(Self.escaped(name))"
    for argument in positional {
      let value = Self.escaped(argument["valueName"]?.text ?? "")
      usage += argument["isOptional"]?.boolean == true ? " [\(value)]" : " \(value)"
    }
    let isBare = arguments.allSatisfy { $0["kind"]?.text == "positional" || Self.isHelp($0) }
    lines.append(usage + (isBare ? "\"" : " [options]\""))
    paragraphs(verb["abstract"]?.text ?? "")
    if let discussion = verb["discussion"]?.text {
      lines.append(".PP")
      paragraphs(discussion)
    }
    for argument in arguments where !Self.isHelp(argument) { describe(argument) }
    for inner in Self.verbs(of: verb) { describe(inner, of: tool + " " + name) }
  }

  /// An argument or an option with what it takes and its default.
  private mutating func describe(_ argument: AttributeValue) {
    let value = argument["valueName"]?.text ?? ""
    let kind = argument["kind"]?.text
    lines.append(".TP")
    if kind == "positional" {
      lines.append(".I " + Self.escaped(value))
    } else {
      let names = (argument["names"]?.list ?? []).map { name in
        (name["kind"]?.text == "long" ? "--" : "-") + (name["name"]?.text ?? "")
      }
      let shown = names.map { "\\fB" + Self.escaped($0) + "\\fR" }.joined(separator: ", ")
      lines.append(shown + (kind == "option" ? " \\fI" + Self.escaped(value) + "\\fR" : ""))
    }
    var text = argument["abstract"]?.text ?? ""
    let words = (argument["allValues"]?.list ?? []).compactMap(\.text)
    if !words.isEmpty { text += " One of " + words.joined(separator: ", ") + "." }
    if let standard = argument["defaultValue"]?.text, kind != "flag" {
      text += " Default: \(standard)."
    }
    lines.append(Self.escaped(text.isEmpty ? value : text))
  }

  private mutating func section(_ title: String) { lines.append(".SH " + title) }

  /// Text in paragraphs; lines that begin with blanks stay as they are.
  private mutating func paragraphs(_ text: String) {
    var isExample = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let indented = line.hasPrefix("  ")
      if indented != isExample, !(line.isEmpty && isExample) {
        lines += indented ? [".PP", ".RS 4", ".nf"] : [".fi", ".RE", ".PP"]
        isExample = indented
      }
      if line.isEmpty {
        if !isExample, lines.last != ".PP" { lines.append(".PP") }
      } else {
        lines.append(Self.escaped(String(line.drop { indented && $0 == " " })))
      }
    }
    if isExample { lines += [".fi", ".RE"] }
    // A paragraph that holds nothing is a warning.
    if lines.last == ".PP" { lines.removeLast() }
  }

  /// The subcommands of a command; the one that prints help needs no page.
  private static func verbs(of command: AttributeValue) -> [AttributeValue] {
    shown(command["subcommands"]).filter { $0["commandName"]?.text != "help" }
  }

  private static func shown(_ list: AttributeValue?) -> [AttributeValue] {
    (list?.list ?? []).filter { $0["shouldDisplay"]?.boolean != false }
  }

  private static func isHelp(_ argument: AttributeValue) -> Bool {
    ["help", "version"].contains(argument["preferredName"]?["name"]?.text ?? "")
  }

  /// Without the full stop, as lines of NAME are.
  private static func phrase(_ text: String) -> String {
    text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// With zeros in front, up to four digits.
  private static func leading(_ digits: String) -> String {
    String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Text that roff sets as it is: no command, no escape, and hyphens that can be copied as such.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "\"": result += "\\(dq"
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      default:
        // By its number: what roff reads else depends on the encoding that it takes the page for.
        for scalar in character.unicodeScalars {
          result +=
            scalar.isASCII
            ? String(scalar)
            : "\\[u" + leading(String(scalar.value, radix: 16, uppercase: true)) + "]"
        }
      }
    }
    return result.hasPrefix(".") ? "\\&" + result : result
  }
}
