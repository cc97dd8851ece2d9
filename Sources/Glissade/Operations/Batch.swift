/// The rows of a step, drawn once: all readers see the same.
public struct Batch: GraphNode {
  /// The node without its type.
  public var node: Node

  /// Draws `size` rows of `of`, over all places or `per` place; all rows where no size is given.
  public init(
    _ name: String, of rows: any GraphReference, size: Int? = nil, per: Counting? = nil,
    draw: Draw? = nil, file: String = #fileID, line: Int = #line
  ) {
    node = Node(
      name, op: "batch", .map(["of": rows, "size": size, "per": per, "draw": draw]), file: file,
      line: line)
  }

  /// What a size counts.
  public enum Counting: String, SettingConvertible {
    /// The rows of the step, over all places.
    case step
    /// The rows of each place, which then has epochs of its own.
    case place
  }

  /// How rows are drawn.
  public enum Draw: String, SettingConvertible {
    /// Each row once an epoch, in an order of the seed.
    case shuffled
    /// Any row at any time.
    case withReplacement = "with-replacement"
    /// As they stand.
    case inOrder = "in-order"
  }
}
