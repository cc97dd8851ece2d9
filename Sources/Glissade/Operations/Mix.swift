/// A family combined along an axis that it keeps: averaging, gossip, teachers.
public struct Mix: GraphNode {
  /// The node without its type.
  public var node: Node

  /// Combines `of` along `over`.
  public init(
    _ name: String, of family: any GraphReference, over axis: any AxisNames,
    by method: Method? = nil,
    file: String = #fileID, line: Int = #line
  ) {
    node = Node(
      name, op: "mix", .map(["of": family, "over": axis.axisNames, "by": method]), file: file,
      line: line)
  }

  /// Who gets what.
  public struct Method: GraphOption {
    /// As a setting.
    public let setting: Setting
    /// What a setting says.
    public init(_ setting: Setting) { self.setting = setting }

    /// Every place gets the mean of all.
    public static let mean = Method.word("mean")
    /// Every place mixes with its neighbours.
    public static let ring = Method.word("ring")
    /// Every place mixes with those 1, 2, 4, … further.
    public static let exponential = Method.word("exponential")
    /// Pairs that the seed draws mix.
    public static let randomPairs = Method.word("random-pairs")
    /// Every place gets a row of a matrix.
    public static func matrix(_ rows: [[Double]]) -> Method { .word("matrix", ["rows": rows]) }
    /// Every place gets the mean of the rest.
    public static let others = Method.word("others")
  }
}
