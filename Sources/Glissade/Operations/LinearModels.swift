/// Partial sums x · w of linear models whose features are split.
public struct Margin: GraphNode {
  /// The node without its type.
  public var node: Node

  /// The partial margins of rows at some parameters.
  public init(
    _ name: String, at parameters: any GraphReference, data: any GraphReference,
    file: String = #fileID, line: Int = #line
  ) {
    node = Node(name, op: "margin", .map(["at": parameters, "data": data]), file: file, line: line)
  }
}

/// The derivative of a loss by margins that are complete.
public struct Residual: GraphNode {
  /// The node without its type.
  public var node: Node

  /// The derivative by the margins of rows.
  public init(
    _ name: String, of margins: any GraphReference, data: any GraphReference,
    loss: Gradient.Loss? = nil, file: String = #fileID, line: Int = #line
  ) {
    node = Node(
      name, op: "residual", .map(["of": margins, "data": data, "loss": loss]), file: file,
      line: line)
  }
}
