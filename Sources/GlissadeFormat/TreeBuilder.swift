internal import GlissadeGraph

/// Builds a tree of attribute values from the events of a YAML or JSON text, one at a time, and holds it to the limits.
///
/// What would make the tree too large ends the reading at once; what is merely wrong (a key given twice, a number
/// beyond 64 bits) is collected, so that one look shows several mistakes. Open lists and maps stand on a stack of the
/// builder's own, so depth costs no machine stack.
struct TreeBuilder {
  /// What was found wrong so far, at most `limits.errorCount`.
  private(set) var problems: [Diagnostic] = []
  /// The whole tree, once its last event has come.
  private(set) var root: AttributeValue?
  /// The graph's seed, where it is beyond `Int.max` (a seed has 64 bits without sign).
  private(set) var wideSeed: UInt64?

  private let limits: GraphLimits
  private var open: [OpenCollection] = []
  private var valueCount = 0

  init(limits: GraphLimits) { self.limits = limits }

  /// Whether nothing is open.
  var isComplete: Bool { open.isEmpty && root != nil }

  /// Whether the innermost open collection is a map; nil outside of any.
  var isInMap: Bool? { open.isEmpty ? nil : open[open.count - 1].isMap }

  /// Whether the next scalar is a key.
  var awaitsKey: Bool { !open.isEmpty && open[open.count - 1].awaitsKey }

  /// A list or a map begins.
  mutating func begin(map: Bool, at position: SourcePosition) throws(GraphError) {
    if awaitsKey {
      throw failure("a key must be a text, found a \(map ? "map" : "list")", at: position)
    }
    guard open.count < limits.nesting else {
      throw failure(
        "lists and maps nest more than \(limits.nesting) deep, the limit of graph files",
        at: position)
    }
    try count(at: position)
    open.append(OpenCollection(isMap: map, position: position))
  }

  /// The innermost list or map ends.
  mutating func end() {
    guard let closed = open.popLast() else { return }
    attach(AttributeValue(closed.content, at: closed.position))
  }

  /// A key of the innermost map.
  ///
  /// `plain` says that it had no quotes.
  mutating func key(_ key: String, plain: Bool, at position: SourcePosition) throws(GraphError) {
    try count(at: position)
    if plain && key == "<<" {
      throw failure(
        "graph files have no merge keys: write the entries out, or put '<<' in quotes",
        at: position)
    }
    if plain && key.utf8.isEmpty { report("a key is missing before ':'", at: position) }
    guard key.utf8.count <= limits.keyLength || key.unicodeScalars.count <= limits.keyLength else {
      throw failure(
        "a key has \(key.unicodeScalars.count) characters, and the limit is \(limits.keyLength)",
        at: position)
    }
    let first = open[open.count - 1].expect(key, at: position)
    if let first {
      report(
        "the key '\(escaped(key))' is given twice: first in line \(first.line), column \(first.column)",
        at: position)
    }
  }

  /// A scalar with quotes, or one whose meaning the reader has settled.
  mutating func scalar(
    _ content: AttributeValue.Content, at position: SourcePosition
  ) throws(GraphError) {
    try count(at: position)
    attach(AttributeValue(content, at: position))
  }

  /// A scalar without quotes, by the core schema or as one of JSON's numbers.
  mutating func scalar(
    meaning: CoreSchema.Meaning, of text: String, at position: SourcePosition
  ) throws(GraphError) {
    var content = AttributeValue.Content.null
    switch meaning {
    case .value(let value):
      content = value
    case .tooLarge(let value):
      if let value, open.count == 1, open[0].pending?.key == "seed" {
        wideSeed = value
        content = .integer(.max)
      } else {
        report(
          "the whole number \(escaped(text)) is beyond 64 bits: from \(Int.min) to \(Int.max)",
          at: position)
      }
    case .notFinite:
      report("\(escaped(text)) is no finite number of 64 bits", at: position)
    }
    try scalar(content, at: position)
  }

  /// Refuses a text beyond the limit before it is copied.
  func checkText(byteCount: Int, at position: @autoclosure () -> SourcePosition)
    throws(GraphError)
  {
    guard byteCount <= limits.textByteCount else {
      throw failure(
        "a text has \(byteCount) bytes, and the limit is \(limits.textByteCount)", at: position())
    }
  }

  /// An error that ends the reading, with what was found before it.
  func failure(_ message: String, at position: SourcePosition, hint: String? = nil) -> GraphError {
    GraphError(problems + [Diagnostic(message, at: position, hint: hint)])
  }

  private mutating func report(_ message: String, at position: SourcePosition) {
    if problems.count < limits.errorCount { problems.append(Diagnostic(message, at: position)) }
  }

  private mutating func count(at position: SourcePosition) throws(GraphError) {
    valueCount += 1
    guard valueCount <= limits.valueCount else {
      throw failure(
        "the file holds more than \(limits.valueCount) values, the limit of graph files",
        at: position)
    }
  }

  private mutating func attach(_ value: AttributeValue) {
    if open.isEmpty { root = value } else { open[open.count - 1].take(value) }
  }
}

/// A list or a map whose end has not come yet.
private struct OpenCollection {
  let isMap: Bool
  let position: SourcePosition
  private var items: [AttributeValue] = []
  private var entries: [AttributeEntry] = []
  /// The key whose value comes next, and whether it was given before.
  var pending: (key: String, position: SourcePosition, isRepeated: Bool)?
  /// Whether the next scalar is a key.
  var awaitsKey: Bool { isMap && pending == nil }
  /// Where each key stands among the entries, once there are many.
  private var places: [String: Int] = [:]

  /// How many entries there is room for at first.
  private static let usualCount = 6

  init(isMap: Bool, position: SourcePosition) {
    self.isMap = isMap
    self.position = position
  }

  /// Takes a key; gives the position of the same key where it was given before.
  ///
  /// O(1) on average.
  mutating func expect(_ key: String, at position: SourcePosition) -> SourcePosition? {
    let place = entries.count < 16 ? entries.firstIndex { $0.key == key } : places[key]
    pending = (key, position, place != nil)
    return place.flatMap { entries[$0].keyPosition }
  }

  /// The list or map; a small map without the room for more, since most of a graph are small maps.
  var content: AttributeValue.Content {
    guard isMap else { return .list(items) }
    return .map(entries.count < Self.usualCount ? entries.map { $0 } : entries)
  }

  /// Takes an item, or the value of the pending key.
  mutating func take(_ value: AttributeValue) {
    guard isMap else {
      items.append(value)
      return
    }
    guard let (key, position, isRepeated) = pending else { return }
    pending = nil
    if isRepeated { return }
    if entries.isEmpty { entries.reserveCapacity(Self.usualCount) }
    entries.append(AttributeEntry(key, value, at: position))
    if entries.count == 16 {
      for (index, entry) in entries.enumerated() { places[entry.key] = index }
    } else if entries.count > 16 {
      places[key] = entries.count - 1
    }
  }
}
