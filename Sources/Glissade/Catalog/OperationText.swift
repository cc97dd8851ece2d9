import GlissadeFormat
import GlissadeGraph

/// The page of an operation, as text.
///
/// Recursion goes as deep as specs nest, which programs write, not users.
enum OperationText {
  private static let width = 100

  /// Name, summary, ports, axes, attributes and an example.
  static func page(_ operation: OperationSpec) -> String {
    var lines = paragraph("\(operation.name): \(operation.summary)", indent: 0)
    if !operation.isBuilt { lines.append("  checked, planned and drawn; not run by this version") }
    lines.append("  ports")
    for port in operation.ports {
      lines += paragraph("\(port.name) (\(port.kind)): \(port.summary)", indent: 4)
    }
    if let rule = operation.axisRule {
      lines.append("  axes")
      lines += paragraph(rule, indent: 4)
    }
    lines.append("  attributes")
    for spec in operation.attributes + [CommonAttributes.every] {
      lines += attribute(spec, indent: 4)
    }
    if operation.hasBody {
      lines += paragraph("nodes: nodes by name; required. The nodes of its body.", indent: 4)
    }
    if !operation.example.isEmpty {
      lines += ["  example", "    " + operation.example]
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func attribute(_ spec: AttributeSpec, indent: Int) -> [String] {
    var head = spec.name + ": " + phrase(spec.type)
    if spec.isRequired { head += "; required" }
    if let value = spec.defaultValue {
      head += "; default " + (value.text ?? JSONText(value).written(.compact))
    }
    if !spec.isBuilt { head += "; not run by this version" }
    return paragraph(head + ". " + spec.summary, indent: indent)
      + details(of: spec.type, indent: indent + 4)
  }

  /// The keys of maps and the words of variants within a type.
  private static func details(of type: AttributeType, indent: Int) -> [String] {
    switch type {
    case .record(let specs): specs.flatMap { attribute($0, indent: indent) }
    case .variant(let words): words.flatMap { word($0, indent: indent) }
    case .list(let item, _), .dictionary(let item): details(of: item, indent: indent)
    // A type and a list of it say the same twice.
    case .either(let types):
      types.lazy.map { details(of: $0, indent: indent) }.first { !$0.isEmpty } ?? []
    default: []
    }
  }

  private static func word(_ word: VariantSpec, indent: Int) -> [String] {
    let note = word.isBuilt ? "" : " (not run by this version)"
    return paragraph("\(word.name)\(note): \(word.summary)", indent: indent)
      + word.attributes.flatMap { attribute($0, indent: indent + 4) }
  }

  /// What may stand there; of references, also what they must lead to.
  static func phrase(_ type: AttributeType) -> String {
    let kinds = type.kinds.map(\.description)
    guard let last = kinds.last else { return type.phrase }
    let list = kinds.dropLast().joined(separator: ", ") + (kinds.count > 1 ? " or " : "") + last
    return type.phrase + " (\(list))"
  }

  /// A text in lines of at most 100 characters, further ones two blanks further in.
  private static func paragraph(_ text: String, indent: Int) -> [String] {
    var lines: [String] = []
    var line = String(repeating: " ", count: indent)
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = String(repeating: " ", count: indent + 2)
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return lines + [line]
  }
}

extension AttributeType {
  /// The kinds of values that a reference may lead to; none for other types.
  var kinds: [ValueKind] {
    switch self {
    case .reference(let spec), .referenceOrFile(let spec): spec.kinds
    default: []
    }
  }
}
