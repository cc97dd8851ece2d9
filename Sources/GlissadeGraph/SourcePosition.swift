/// Where something stands in a text: what an error points at.
public struct SourcePosition: Sendable, Hashable {
  /// The name of the file, or of what stands for one: `--set`.
  public let file: String
  /// The line, from 1.
  public let line: Int
  /// The column, from 1, in Unicode scalars.
  public let column: Int
  /// How many columns it takes, at least 1.
  public let length: Int

  /// A place in a text.
  public init(file: String, line: Int, column: Int, length: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
    self.length = max(1, length)
  }
}
