/// A linear combination of values of one kind and shape, place by place.
public struct Combine: GraphNode {
  /// The node without its type.
  public var node: Node

  /// Σ factor · value.
  public init(
    _ name: String, terms: [Term], file: String = #fileID, line: Int = #line
  ) {
    node = Node(name, op: "combine", .map(["terms": terms]), file: file, line: line)
  }

  /// A value and what it is multiplied by, 1 where no factor is given.
  public struct Term: SettingConvertible {
    /// As a setting.
    public let setting: Setting

    /// A value times a factor.
    public static func of(_ value: any GraphReference, factor: (any GraphNumber)? = nil) -> Term {
      Term(setting: .map(["of": value, "factor": factor]))
    }
  }
}
