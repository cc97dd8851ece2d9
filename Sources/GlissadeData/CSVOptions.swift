/// How a CSV file is to be read.
public struct CSVOptions: Sendable {
  /// The byte between two cells.
  public enum Delimiter: UInt8, Sendable, CaseIterable {
    case comma = 0x2c
    case tab = 0x09
    case semicolon = 0x3b
    case pipe = 0x7c
  }

  /// A column by its name in the header, or by its index from 0 (from the end where negative: -1 is
  /// the last).
  public enum Column: Sendable, Hashable {
    case name(String)
    case index(Int)
  }

  /// What the label column is for.
  public enum Target: String, Sendable, CaseIterable {
    /// Each distinct text is a class; numbers that are equal are one class however they are
    /// written.
    case classes
    /// Each label is a number.
    case number
    /// Texts and whole numbers of at most 1000 distinct values are classes, all other numbers are
    /// numbers.
    case automatic
  }

  /// The byte between two cells.
  public var delimiter: Delimiter = .comma
  /// Whether the first line names the columns; without one they are `c0`, `c1`, ….
  public var header = true
  /// The column that is to be predicted, if any.
  public var label: Column?
  /// What the label column is for.
  public var target: Target = .automatic
  /// The classes of the training data in their order: any other label is then an error.
  public var classes: [String]?
  /// The feature columns of the training data in their order: others are then left out.
  ///
  /// Otherwise, all that are neither label nor kept.
  public var columns: [String]?
  /// Columns that are given back as text; no features, unless `columns` names them too.
  public var keep: [String] = []
  /// Which rows are read.
  public var rows = RowSelection()
  /// The most bytes that one file may have, decompressed.
  public var maximumFileBytes = 1 << 36
  /// The most bytes that the features may take in memory.
  public var maximumFeatureBytes = 1 << 36

  /// A comma, a header, no label, all rows.
  public init(label: Column? = nil, target: Target = .automatic) {
    self.label = label
    self.target = target
  }
}

/// Which rows of the data are read, counted from 0 through all files in their order.
public struct RowSelection: Sendable, Hashable {
  /// The rows; all where nil.
  public var range: Range<Int>?
  /// Every n-th row of them.
  public var every: Int
  /// The first of these, from the start of the range.
  public var offset: Int

  /// Rows of a range, every n-th of them.
  public init(range: Range<Int>? = nil, every: Int = 1, offset: Int = 0) {
    self.range = range
    self.every = every
    self.offset = offset
  }

  /// Whether a row is read.
  func contains(_ row: Int) -> Bool {
    if let range, !range.contains(row) { return false }
    return every == 1 || (row - (range?.lowerBound ?? 0)) % every == offset
  }

  /// What is wrong with the selection itself, if anything.
  package var complaint: String? {
    if let range, range.lowerBound < 0 {
      return "rows are counted from 0, and \(range.lowerBound) is asked for"
    }
    guard every >= 1, offset >= 0, offset < every else {
      return "every \(every)-th row from row \(offset) on is no selection: "
        + "the step must be at least 1 and the first row below it"
    }
    return nil
  }
}
