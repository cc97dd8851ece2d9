/// Rows whose columns are brought to a common scale; the statistics go into the model file.
public struct Scale: GraphNode {
  /// The node without its type.
  public var node: Node

  /// Scales by statistics of these rows.
  public init(
    _ name: String, of rows: any GraphReference, by method: Method? = nil,
    file: String = #fileID, line: Int = #line
  ) {
    node = Node(name, op: "scale", .map(["of": rows, "by": method]), file: file, line: line)
  }

  /// Scales as another `Scale` does.
  public init(
    _ name: String, of rows: any GraphReference, like other: any GraphReference,
    file: String = #fileID, line: Int = #line
  ) {
    node = Node(name, op: "scale", .map(["of": rows, "like": other]), file: file, line: line)
  }

  /// The multiplier and the offset of each column.
  public var statistics: NodePort { port("statistics") }

  /// How columns are scaled.
  public struct Method: GraphOption {
    /// As a setting.
    public let setting: Setting
    /// What a setting says.
    public init(_ setting: Setting) { self.setting = setting }

    /// Mean 0 and variance 1 in each column.
    public static let standard = Method.word("standard")
    /// Each column between two bounds, 0 and 1 where none are given.
    public static func minMax(
      from: (any GraphNumber)? = nil, to: (any GraphNumber)? = nil
    ) -> Method { .word("min-max", ["from": from, "to": to]) }
    /// Every value less an offset, divided by a number.
    public static func constant(
      divisor: (any GraphNumber)? = nil, offset: (any GraphNumber)? = nil
    ) -> Method { .word("constant", ["divisor": divisor, "offset": offset]) }
  }
}
