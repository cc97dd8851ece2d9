public import GlissadeTensor

/// Rows of data as numbers: features, and targets where there is a label.
public struct Table: Sendable {
  /// A column that was asked for as text.
  public struct Kept: Sendable, Hashable {
    /// The column.
    public let name: String
    /// The cell of each row.
    public let values: [String]

    /// A column and its cells.
    public init(name: String, values: [String]) {
      self.name = name
      self.values = values
    }
  }

  /// The feature columns.
  public let columns: [String]
  /// `float32` of shape [rows, columns].
  public let features: Tensor
  /// Of shape [rows]: `int32` codes into `classes`, or `float32` numbers.
  ///
  /// Nil without a label.
  public let target: Tensor?
  /// What the codes stand for; nil where the targets are numbers.
  public let classes: [String]?
  /// The columns that were asked for as text, in the order in which they were asked for.
  public let kept: [Kept]

  /// A table from its parts, of which each has a row for each row of `features`.
  public init(
    columns: [String], features: Tensor, target: Tensor? = nil, classes: [String]? = nil,
    kept: [Kept] = []
  ) {
    self.columns = columns
    self.features = features
    self.target = target
    self.classes = classes
    self.kept = kept
  }

  /// The number of rows.
  public var rowCount: Int { features.shape[0] }
}

/// What a pass over CSV files finds, without their numbers.
public struct CSVSummary: Sendable, Hashable {
  /// All columns of the first file.
  public let columns: [String]
  /// The columns that are features.
  public let features: [String]
  /// The selected rows.
  public let rowCount: Int
  /// The label column, where there is one.
  public let label: String?
  /// The classes in their order; nil where the targets are numbers or there is no label.
  public let classes: [String]?
}
