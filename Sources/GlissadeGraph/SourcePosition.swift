/// A file that positions point into, or what stands for one: `--set`.
///
/// A class, since all positions of a text share it.
public final class SourceFile: Sendable, Hashable {
  /// The name.
  public let name: String

  /// A file by its name.
  public init(_ name: String) { self.name = name }

  /// Whether both have one name.
  public static func == (left: SourceFile, right: SourceFile) -> Bool {
    left === right || left.name == right.name
  }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// Where something stands in a text: what an error points at.
///
/// 20 bytes, since each key and each value of a graph has one.
public struct SourcePosition: Sendable, Hashable {
  private let source: SourceFile
  private let (line32, column32, length32): (Int32, Int32, Int32)

  /// The name of the file, or of what stands for one: `--set`.
  public var file: String { source.name }
  /// The line, from 1.
  public var line: Int { Int(line32) }
  /// The column, from 1, in Unicode scalars.
  public var column: Int { Int(column32) }
  /// How many columns it takes, at least 1.
  public var length: Int { Int(length32) }

  /// A place in a text.
  public init(file: String, line: Int, column: Int, length: Int = 1) {
    self.init(in: SourceFile(file), line: line, column: column, length: length)
  }

  /// A place in a text of which there are many.
  public init(in source: SourceFile, line: Int, column: Int, length: Int = 1) {
    self.source = source
    line32 = Int32(clamping: line)
    column32 = Int32(clamping: column)
    length32 = Int32(clamping: max(1, length))
  }
}
