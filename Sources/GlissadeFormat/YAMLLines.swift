internal import GlissadeGraph

/// Lines of YAML that grow downwards: a value in flow style where it fits its line, in block style otherwise.
struct YAMLLines {
  /// The lines so far, each with its end.
  private(set) var text = ""
  private let width: Int

  init(width: Int) { self.width = width }

  /// A line of its own.
  mutating func add(_ line: String, indent: Int) {
    text += String(repeating: " ", count: indent) + line + "\n"
  }

  /// A key with a map in flow style, where both fit one line; false where they do not.
  mutating func addIfFits(_ start: String, _ entries: [AttributeEntry], indent: Int) -> Bool {
    let line = start + YAMLText.flow(entries)
    guard indent + line.unicodeScalars.count <= width else { return false }
    add(line, indent: indent)
    return true
  }

  /// A key with its value.
  ///
  /// Recursion goes as deep as the value, which a file bounds at 64.
  mutating func add(_ entry: AttributeEntry, indent: Int) {
    add(entry.value, after: YAMLText.scalar(entry.key) + ":", indent: indent)
  }

  private mutating func add(_ value: AttributeValue, after start: String, indent: Int) {
    let line = start + " " + YAMLText.flow(value)
    if indent + line.unicodeScalars.count <= width {
      add(line, indent: indent)
      return
    }
    switch value.content {
    case .list(let items) where !items.isEmpty:
      add(start, indent: indent)
      for item in items { add(item, after: "-", indent: indent + 2) }
    case .map(let entries) where !entries.isEmpty:
      add(start, indent: indent)
      for entry in entries { add(entry, indent: indent + 2) }
    default:
      add(line, indent: indent)
    }
  }
}
