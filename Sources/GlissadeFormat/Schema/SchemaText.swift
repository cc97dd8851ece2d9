internal import GlissadeGraph

/// Pieces that schemas are put together from.
enum SchemaText {
  /// The name of a node, an axis or a label.
  static let name = "^[A-Za-z0-9_-]{1,128}$"
  /// The name of an operation.
  static let dottedName = "^[A-Za-z0-9_.-]{1,128}$"
  /// The name of something that a program registers: it has a dot.
  static let ownName = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_.-]+$"
  /// A node, or a port of it.
  static let reference = "^[A-Za-z0-9_-]{1,128}(\\.[A-Za-z0-9_.-]{1,128})?$"

  /// What holds where a key is a word.
  static func branch(_ key: String, is word: String, then rule: JSONText) -> JSONText {
    [
      "if": [
        "required": .list([.text(key)]),
        "properties": .object([.init(key, ["const": .text(word)])]),
      ],
      "then": rule,
    ]
  }

  /// A map with known keys, none of them by label.
  static func open(_ specs: [AttributeSpec], _ types: inout SchemaTypes, path: String) -> JSONText {
    types.record(specs, path: path, isByLabel: false)
  }

  /// A section that may be left empty.
  static func orNull(_ schema: JSONText, _ description: String) -> JSONText {
    ["description": .text(description), "anyOf": [["type": "null"], schema]]
  }
}
