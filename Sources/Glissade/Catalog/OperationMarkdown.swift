import GlissadeFormat
import GlissadeGraph

/// The pages of operations as an article for DocC.
///
/// Recursion goes as deep as specs nest, which programs write, not users.
enum OperationMarkdown {
  static func article(_ operations: [OperationSpec]) -> String {
    let built = operations.filter(\.isBuilt)
    let planned = operations.filter { !$0.isBuilt }
    var lines = [
      "# Operations", "", "Every operation of a graph, as graphs are checked against it.", "",
      "## Overview", "",
      "What a node can do is its operation, `op`. Its attributes hold values, or the names of other nodes, whose values",
      "it reads; its ports are what others read of it, and the first is the one that a bare name means. This page is what",
      "`glissade ops --docc` prints. \(built.count) operations are computed; \(planned.count) are known to the language, "
        + "so that graphs with them are",
      "checked, planned and drawn, and are not run by this version.",
    ]
    for operation in operations { lines += [""] + page(operation) }
    lines += [
      "", "## Every node", "", "These attributes every operation has besides its own.", "",
    ]
    lines += attribute(CommonAttributes.every, depth: 0)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func page(_ operation: OperationSpec) -> [String] {
    var lines = ["## \(operation.name)", "", operation.summary]
    if !operation.isBuilt { lines[2] += " *Not run by this version.*" }
    if !operation.example.isEmpty { lines += ["", "```text", operation.example, "```"] }
    lines += ["", "**Ports**", ""]
    lines += operation.ports.map { "- `\($0.name)` (\($0.kind)): \($0.summary)" }
    if let rule = operation.axisRule { lines += ["", "**Axes**", "", rule] }
    lines += ["", "**Attributes**", ""]
    lines += operation.attributes.flatMap { attribute($0, depth: 0) }
    if operation.hasBody {
      lines.append("- `nodes`: nodes by name; required. The nodes of its body.")
    }
    return lines
  }

  private static func attribute(_ spec: AttributeSpec, depth: Int) -> [String] {
    var head = "- `\(spec.name)`: " + OperationText.phrase(spec.type)
    if spec.isRequired { head += "; required" }
    if let value = spec.defaultValue { head += "; default `\(GraphWriter.flow(value))`" }
    if !spec.isBuilt { head += "; not run by this version" }
    return [indent(depth) + head + ". " + spec.summary] + details(of: spec.type, depth: depth + 1)
  }

  private static func details(of type: AttributeType, depth: Int) -> [String] {
    switch type {
    case .record(let specs): specs.flatMap { attribute($0, depth: depth) }
    case .variant(let words):
      words.flatMap { word in
        [
          indent(depth) + "- `\(word.name)`: \(word.summary)"
            + (word.isBuilt ? "" : " *Not run by this version.*")
        ] + word.attributes.flatMap { attribute($0, depth: depth + 1) }
      }
    case .list(let item, _), .dictionary(let item): details(of: item, depth: depth)
    // A type and a list of it say the same twice.
    case .either(let types):
      types.lazy.map { details(of: $0, depth: depth) }.first { !$0.isEmpty } ?? []
    default: []
    }
  }

  private static func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth) }
}
