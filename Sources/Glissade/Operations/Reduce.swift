/// A family combined along axes, in a fixed order.
public struct Reduce: GraphNode {
  /// The node without its type.
  public var node: Node

  /// Combines `of` along the axes of `over`, inner first; along all that it has where none are given.
  ///
  /// `weights` are those of the places in a mean; `fanIn` says how many values are added at once.
  public init(
    _ name: String, of family: any GraphReference, over axes: (any AxisNames)? = nil,
    by method: Method? = nil, weights: (any GraphReference)? = nil, fanIn: Int? = nil,
    file: String = #fileID, line: Int = #line
  ) {
    node = Node(
      name, op: "reduce",
      .map([
        "of": family, "over": axes?.axisNames, "by": method, "weights": weights, "fan-in": fanIn,
      ]), file: file, line: line)
  }

  /// How a family is combined.
  ///
  /// A program that registers a `Reduction` can name it like the built-in ones:
  /// ```swift
  /// extension Reduce.Method {
  ///   static func softMedian(sharpness: Double) -> Self {
  ///     .kind("acme.soft-median", ["sharpness": .of(sharpness)])
  ///   }
  /// }
  /// ```
  public struct Method: GraphOption {
    /// As a setting.
    public let setting: Setting
    /// What a setting says.
    public init(_ setting: Setting) { self.setting = setting }

    /// Σ sums / Σ rows; of values without rows, their mean.
    public static let mean = Method.word("mean")
    /// Σ sums.
    public static let sum = Method.word("sum")
    /// The greatest, element by element.
    public static let max = Method.word("max")
    /// √ Σ squares, over elements and places.
    public static let norm = Method.word("norm")
  }
}
