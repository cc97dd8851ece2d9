public import GlissadeFormat
public import GlissadeGraph

/// What operations there are and how each is used, made from the specs that graphs are checked against.
public struct OperationCatalog: Sendable {
  /// The operations, in the order of their names.
  public let operations: [OperationSpec]

  /// All operations of a registry, or one of them.
  ///
  /// - Throws: `GraphError` where no operation has the name.
  public init(_ registry: OperationRegistry, only name: String? = nil) throws(GraphError) {
    guard let name else {
      operations = registry.names.compactMap { registry[$0] }
      return
    }
    guard let operation = registry[name] else {
      let hint = suggestion(for: name, among: registry.names)
      let there = ": there are " + registry.names.joined(separator: ", ")
      throw GraphError(
        Diagnostic(
          "unknown operation '\(escaped(name))'" + (hint == nil ? there : ""), at: nil, hint: hint))
    }
    operations = [operation]
  }

  /// As people read it: an operation after the other, a blank line between them.
  public var text: String { operations.map(OperationText.page).joined(separator: "\n") }

  /// As an article for DocC.
  public var article: String { OperationMarkdown.article(operations) }

  /// As programs read it: `{"operations": […], "every_node": […]}`.
  public var json: JSONText {
    [
      "operations": .list(operations.map(OperationJSON.operation)),
      "every_node": .list([OperationJSON.attribute(CommonAttributes.every)]),
    ]
  }
}
