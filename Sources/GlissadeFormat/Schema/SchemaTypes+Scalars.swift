internal import GlissadeGraph

extension SchemaTypes {
  /// Whole numbers; a bound that a machine word sets is none.
  static func integer(_ range: ClosedRange<Int>) -> JSONText {
    var members: [JSONText.Member] = [.init("type", "integer")]
    if range.lowerBound != .min { members.append(.init("minimum", .integer(range.lowerBound))) }
    if range.upperBound != .max { members.append(.init("maximum", .integer(range.upperBound))) }
    return .object(members)
  }

  static func number(_ range: NumberRange) -> JSONText {
    var members: [JSONText.Member] = [.init("type", "number")]
    if range.least.isFinite {
      let key = range.isOpenBelow ? "exclusiveMinimum" : "minimum"
      members.append(.init(key, .number(range.least)))
    }
    if range.greatest.isFinite { members.append(.init("maximum", .number(range.greatest))) }
    return .object(members)
  }

  static func list(of item: JSONText, _ counts: ClosedRange<Int>) -> JSONText {
    var members: [JSONText.Member] = [.init("type", "array"), .init("items", item)]
    if counts.lowerBound > 0 { members.append(.init("minItems", .integer(counts.lowerBound))) }
    if counts.upperBound != .max {
      members.append(.init("maxItems", .integer(counts.upperBound)))
    }
    return .object(members)
  }

  /// Axes by name: a size, or labels.
  static let axes: JSONText = [
    "type": "object", "minProperties": 1, "propertyNames": ["pattern": .text(SchemaText.name)],
    "additionalProperties": [
      "if": ["type": "array"],
      "then": [
        "items": ["type": "string", "pattern": .text(SchemaText.name)], "minItems": 1,
        "uniqueItems": true,
      ],
      "else": ["type": "integer", "minimum": 1, "maximum": 1_000_000],
    ],
  ]
}
