import GlissadeFormat
import GlissadeGraph

/// Operations as JSON.
///
/// Recursion goes as deep as specs nest, which programs write, not users.
enum OperationJSON {
  static func operation(_ operation: OperationSpec) -> JSONText {
    [
      "name": .text(operation.name), "version": .integer(operation.version),
      "summary": .text(operation.summary), "built": .boolean(operation.isBuilt),
      "ports": .list(
        operation.ports.map { port in
          [
            "name": .text(port.name), "kind": .text(port.kind.description),
            "summary": .text(port.summary),
          ]
        }),
      "axes": operation.axisRule.map { .text($0) } ?? nil,
      "attributes": .list(operation.attributes.map(attribute)),
      "body": .boolean(operation.hasBody), "example": .text(operation.example),
    ]
  }

  static func attribute(_ spec: AttributeSpec) -> JSONText {
    var members: [JSONText.Member] = [
      .init("name", .text(spec.name)), .init("summary", .text(spec.summary)),
      .init("type", .text(spec.type.phrase)), .init("required", .boolean(spec.isRequired)),
      .init("default", spec.defaultValue.map { JSONText($0) } ?? nil),
      .init("built", .boolean(spec.isBuilt)),
    ]
    members += details(of: spec.type)
    return .object(members)
  }

  /// `kinds` of references, `attributes` of maps, `words` of variants.
  private static func details(of type: AttributeType) -> [JSONText.Member] {
    switch type {
    case .reference, .referenceOrFile:
      [.init("kinds", .list(type.kinds.map { .text($0.description) }))]
    case .record(let specs): [.init("attributes", .list(specs.map(attribute)))]
    case .variant(let words): [.init("words", .list(words.map(word)))]
    case .choice(let words): [.init("words", .list(words.map { ["name": .text($0)] }))]
    case .list(let item, _), .dictionary(let item): details(of: item)
    case .either(let types): types.lazy.map { details(of: $0) }.first { !$0.isEmpty } ?? []
    default: []
    }
  }

  private static func word(_ word: VariantSpec) -> JSONText {
    [
      "name": .text(word.name), "summary": .text(word.summary), "built": .boolean(word.isBuilt),
      "attributes": .list(word.attributes.map(attribute)),
    ]
  }
}
