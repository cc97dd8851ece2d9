/// Lines of DOT with their indentation.
struct DOTText {
  private(set) var text = ""
  private var depth = 0

  /// Opens a block: `digraph "name"`, `subgraph "cluster train"`.
  mutating func open(_ head: String) {
    line(head + " {", ending: "")
    depth += 1
  }

  mutating func close() {
    depth -= 1
    line("}", ending: "")
  }

  mutating func line(_ content: String, ending: String = ";") {
    text += String(repeating: "  ", count: depth)
    text += content
    text += ending
    text += "\n"
  }

  /// A box.
  mutating func node(_ id: String, _ attributes: [(String, String)]) {
    line(DOTText.quoted(id) + DOTText.list(attributes))
  }

  /// An arrow.
  mutating func edge(_ from: String, _ to: String, _ attributes: [(String, String)] = []) {
    line(DOTText.quoted(from) + " -> " + DOTText.quoted(to) + DOTText.list(attributes))
  }

  /// Attributes of everything that follows in the block: `graph`, `node`, `edge`.
  mutating func defaults(_ what: String, _ attributes: [(String, String)]) {
    line(what + DOTText.list(attributes))
  }

  private static func list(_ attributes: [(String, String)]) -> String {
    guard !attributes.isEmpty else { return "" }
    return " [" + attributes.map { "\($0)=\($1)" }.joined(separator: ", ") + "]"
  }

  /// A text in double quotes, in which Graphviz sees no escapes of its own.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for character in escaped(text, limit: 1_000).unicodeScalars {
      if character == "\"" || character == "\\" { result += "\\" }
      result.unicodeScalars.append(character)
    }
    return result + "\""
  }

  /// A text inside a label in the likeness of HTML: control characters made visible, nothing taken for a tag.
  static func plain(_ text: String) -> String {
    var result = ""
    for character in escaped(text, limit: 200).unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// A label of several lines: a bold name with a light part beside it, then small ones.
  static func label(
    _ name: String, light: String = "", lines: [String] = [], alignedLeft: Bool = false
  ) -> String {
    let end = alignedLeft ? "<BR ALIGN=\"LEFT\"/>" : "<BR/>"
    var parts = ["<B>\(plain(name))</B>"]
    if !light.isEmpty {
      parts[0] += "  <FONT POINT-SIZE=\"11\" COLOR=\"#667079\">\(plain(light))</FONT>"
    }
    for line in lines {
      parts.append("<FONT POINT-SIZE=\"10\" COLOR=\"#404850\">\(plain(line))</FONT>")
    }
    return "<" + parts.joined(separator: end) + (alignedLeft ? end : "") + ">"
  }

  /// A label of one small line.
  static func small(_ text: String) -> String {
    "<<FONT POINT-SIZE=\"11\">\(plain(text))</FONT>>"
  }
}

/// Colours that keep apart in print and on white: a light fill and a dark border for each kind of node.
enum DOTColors {
  /// Fill and border of a node.
  static func of(_ node: Graph.Node) -> (fill: String, border: String) {
    if node.operation.isState { return ("#FFF1CC", "#A87400") }
    if node.operation.isReported { return ("#ECE3F6", "#6A3FA0") }
    switch node.shape.ports.first?.specs.kind {
    case .rows?: return ("#DDEBF7", "#2F6EA3")
    case .parameters?: return ("#FDE5D3", "#B4561A")
    case .gradient?: return ("#E0F2DF", "#2E7D32")
    case .number?, .metrics?: return ("#ECE3F6", "#6A3FA0")
    case .predictions?: return ("#D9F1EF", "#1E7F79")
    default: return ("#EEF0F2", "#5A6570")
    }
  }

  static let culled = (fill: "#F4F4F4", border: "#B0B0B0")
  static let edge = "#4A5560"
  static let faint = "#8A949E"
  static let next = "#A87400"

  static let font = "\"Helvetica,Arial,sans-serif\""

  /// What every picture begins with.
  static func begin(_ text: inout DOTText, name: String, label: String) {
    text.open("digraph " + DOTText.quoted(name))
    text.defaults(
      "graph",
      [
        ("label", label), ("labelloc", "t"), ("labeljust", "l"), ("fontname", font),
        ("fontsize", "13"), ("bgcolor", "\"white\""), ("pad", "0.3"), ("nodesep", "0.4"),
        ("ranksep", "0.6"), ("newrank", "true"),
      ])
    text.defaults(
      "node",
      [
        ("shape", "box"), ("style", "\"rounded,filled\""), ("fontname", font), ("fontsize", "13"),
        ("margin", "\"0.16,0.09\""), ("penwidth", "1.2"),
      ])
    text.defaults(
      "edge",
      [
        ("fontname", font), ("fontsize", "9"), ("color", "\"\(edge)\""),
        ("fontcolor", "\"\(edge)\""), ("arrowsize", "0.7"),
      ])
  }

  /// A frame around nodes that belong together.
  static func cluster(_ text: inout DOTText, id: String, label: String, isBody: Bool = false) {
    text.open("subgraph " + DOTText.quoted("cluster " + id))
    text.defaults(
      "graph",
      [
        ("label", label), ("style", "\"rounded,filled\""),
        ("color", isBody ? "\"#7A8793\"" : "\"#C3CDD6\""),
        ("fillcolor", isBody ? "\"#FFFFFF\"" : "\"#F6F8FA\""), ("fontcolor", "\"#52606D\""),
        ("fontsize", "11"), ("margin", "12"),
      ])
  }
}
