/// Places of an axis drawn by seed and clock: an axis of the node's name and of a fixed size.
public struct Sample: GraphNode {
  /// The node without its type.
  public var node: Node

  /// Draws a share of the places.
  public init(
    _ name: String, of family: any GraphReference, over axis: any AxisNames, fraction: Double,
    file: String = #fileID, line: Int = #line
  ) {
    node = Node(
      name, op: "sample", .map(["of": family, "over": axis.axisNames, "fraction": fraction]),
      file: file, line: line)
  }

  /// Draws so many places.
  public init(
    _ name: String, of family: any GraphReference, over axis: any AxisNames, size: Int,
    file: String = #fileID, line: Int = #line
  ) {
    node = Node(
      name, op: "sample", .map(["of": family, "over": axis.axisNames, "size": size]), file: file,
      line: line)
  }

  /// The row counts of the places that were drawn.
  public var rows: NodePort { port("rows") }
}
