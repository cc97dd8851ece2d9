public import GlissadeGraph
internal import GlissadeTensor

/// Reads graph files: YAML (core schema of YAML 1.2) and JSON.
///
/// A file is held against its limits before a tree is built: size, nesting, count and length of values; no anchors,
/// aliases, tags, merge keys or second documents, no key twice. What passes is a `GraphDescription` whose outline is
/// right; what its nodes mean is checked when the graph is resolved.
public enum GraphReader {
  /// The description in a file's bytes.
  ///
  /// `file` is the name that errors show. O(bytes).
  ///
  /// A text whose first character is `{`, with a key in double quotes or `}` behind it, is read as strict JSON (RFC
  /// 8259), any other as YAML. Throws what is wrong with the text, or up to 20 findings in its outline.
  public static func read(
    _ bytes: [UInt8], file: String, limits: GraphLimits = .standard
  ) throws(GraphError) -> GraphDescription {
    guard bytes.count <= limits.byteCount else {
      throw GraphError(
        Diagnostic(
          "the file has \(ByteCount(bytes.count)), and the limit of graph files is "
            + "\(ByteCount(limits.byteCount))",
          at: SourcePosition(file: file, line: 1, column: 1)))
    }
    let source = SourceText(bytes, file: file)
    let builder = try tree(of: source, limits: limits, json: isJSON(source.bytes))
    guard let root = builder.root else {
      throw builder.failure(
        "the file is empty: a graph begins with 'glissade: 1'",
        at: source.position(line: 0, column: 0))
    }
    var outline = OutlineReader(
      problems: builder.problems, wideSeed: builder.wideSeed, limits: limits)
    return try outline.read(root)
  }

  /// One YAML value in an argument of the command line, which begins at `line` and behind `columnsBefore` columns.
  static func value(
    _ text: String, file: String, line: Int, columnsBefore: Int
  ) throws(GraphError) -> AttributeValue {
    let source = SourceText(
      Array(text.utf8), file: file, linesBefore: line - 1, columnsBefore: columnsBefore)
    guard source.bytes.count <= GraphLimits.standard.textByteCount else {
      throw GraphError(
        Diagnostic(
          "the value has \(source.bytes.count) bytes, and the limit is "
            + "\(GraphLimits.standard.textByteCount)", at: source.position(line: 0, column: 0)))
    }
    let builder = try tree(of: source, limits: .standard, json: false)
    guard builder.problems.isEmpty else { throw GraphError(builder.problems) }
    return builder.root ?? AttributeValue(.null, at: source.position(line: 0, column: 0))
  }

  /// Any JSON text as a value, within the limits of graph files.
  package static func json(_ text: String) throws(GraphError) -> AttributeValue {
    let source = SourceText(Array(text.utf8), file: "json")
    let builder = try tree(of: source, limits: .standard, json: true)
    guard builder.problems.isEmpty else { throw GraphError(builder.problems) }
    return builder.root ?? AttributeValue(.null)
  }

  private static func tree(
    of source: SourceText, limits: GraphLimits, json: Bool
  ) throws(GraphError) -> TreeBuilder {
    try source.checkEncoding()
    var builder = TreeBuilder(limits: limits)
    if json {
      try JSONReader.read(source, into: &builder)
    } else {
      try source.checkCharacters()
      try YAMLReader.read(source, into: &builder)
    }
    return builder
  }

  /// Whether a text begins as JSON's object does and YAML's flow map rarely does.
  private static func isJSON(_ bytes: [UInt8]) -> Bool {
    let visible = bytes.lazy.filter { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
    let start = Array(visible.prefix(2))
    return start == Array("{\"".utf8) || start == Array("{}".utf8)
  }
}
