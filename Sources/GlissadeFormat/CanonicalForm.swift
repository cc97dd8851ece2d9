public import GlissadeGraph
internal import GlissadeSystem

/// The one text of all descriptions that mean the same, and its hash: what results, checkpoints and workers compare.
///
/// The text is compact JSON in UTF-8, so that any language can make it:
/// - The outline has all its keys in the order `glissade`, `name`, `seed`, `needs`, `nodes`, `run`, `outputs`.
/// - Nodes, and all other maps, are sorted by the UTF-8 bytes of their keys. A node has `op` first, then its
///   attributes, then `nodes` if it has a body. Lists keep their order.
/// - A number with a whole value within 64 bits is written as digits, so `1.0` and `1` are one; any other has the
///   fewest digits that read back equal, as a decimal from 10⁻⁷ up to 10¹⁶ and as `DIGITS.DIGITSeEXPONENT` outside.
/// - Texts have the escapes `\"`, `\\`, `\n`, `\r`, `\t`; other control characters, U+2028, U+2029, U+FEFF, U+FFFE and
///   U+FFFF are `\u` with four small hexadecimal digits; everything else stands as it is.
/// - Left out is what changes where a run reads and writes but not what it computes: `checkpoint` of `run`; file names,
///   which become `null`: the nodes' `source` (a text or a list of texts), `labels` (a text) and `initial` (a text that
///   ends in `.safetensors` or `.npy` or holds a `/`); in `outputs`, a text becomes `{}` and `file` is dropped from a
///   map. The hash of the data stands beside that of the graph.
public enum CanonicalForm {
  /// The canonical text.
  ///
  /// O(size · log size).
  public static func text(of graph: GraphDescription) -> String {
    JSONText.object([
      .init("glissade", .integer(GraphDescription.languageVersion)),
      .init("name", .text(graph.name)),
      .init("seed", .unsigned(graph.seed)),
      .init("needs", map(graph.needs)),
      .init("nodes", nodes(graph.nodes)),
      .init("run", map(graph.run.filter { $0.key != "checkpoint" })),
      .init("outputs", map(graph.outputs.map(withoutFile))),
    ]).written(.compact)
  }

  /// The SHA-256 of the canonical text, as 64 hexadecimal digits.
  public static func sha256(of graph: GraphDescription) -> String { SHA256.hash(text(of: graph)) }

  /// Recursion goes as deep as bodies nest.
  private static func nodes(_ nodes: [NodeDescription]) -> JSONText {
    sorted(
      nodes.map { node in
        var members: [JSONText.Member] = [.init("op", .text(node.operation))]
        let attributes = node.attributes.map { entry in
          JSONText.Member(entry.key, isFileName(entry) ? .null : value(entry.value))
        }
        if case .object(let rest) = sorted(attributes) { members += rest }
        if let body = node.body { members.append(.init("nodes", self.nodes(body))) }
        return .init(node.name, .object(members))
      })
  }

  private static func isFileName(_ entry: AttributeEntry) -> Bool {
    switch entry.key {
    case "source":
      entry.value.text != nil || entry.value.list?.allSatisfy { $0.text != nil } == true
    case "labels": entry.value.text != nil
    case "initial":
      entry.value.text.map {
        $0.hasSuffix(".safetensors") || $0.hasSuffix(".npy") || $0.utf8.contains(UInt8(ascii: "/"))
      } ?? false
    default: false
    }
  }

  private static func withoutFile(_ entry: AttributeEntry) -> AttributeEntry {
    switch entry.value.content {
    case .text: AttributeEntry(entry.key, AttributeValue(.map([])))
    case .map(let entries):
      AttributeEntry(entry.key, AttributeValue(.map(entries.filter { $0.key != "file" })))
    default: entry
    }
  }

  private static func map(_ entries: [AttributeEntry]) -> JSONText {
    sorted(entries.map { JSONText.Member($0.key, value($0.value)) })
  }

  /// Recursion goes as deep as the value, which a file bounds at 64.
  private static func value(_ attribute: AttributeValue) -> JSONText {
    switch attribute.content {
    case .number(let number): Int(exactly: number).map { .integer($0) } ?? .number(number)
    case .list(let items): .list(items.map { value($0) })
    case .map(let entries): map(entries)
    default: JSONText(attribute)
    }
  }

  private static func sorted(_ members: [JSONText.Member]) -> JSONText {
    .object(members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
  }
}
