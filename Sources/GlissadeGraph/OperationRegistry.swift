/// The operations that graphs may name: the built-in ones and those that a program registers.
///
/// A value that is filled, then handed on: nothing is registered behind anybody's back. Nothing that is read from a file
/// or a socket names code in any other way.
public struct OperationRegistry: Sendable {
  /// The operations by name.
  public private(set) var operations: [String: OperationSpec] = [:]
  /// Words of variants that programs added: `acme.soft-median` behind `by` of `reduce`, with their versions.
  public private(set) var extensions: [String: Int] = [:]

  /// A registry without operations.
  public init() {}

  /// The names of all operations, sorted.
  public var names: [String] { operations.keys.sorted() }

  /// The operation of a name.
  public subscript(name: String) -> OperationSpec? { operations[name] }

  /// Adds an operation, or replaces the one of its name.
  public mutating func register(_ operation: OperationSpec) {
    operations[operation.name] = operation
  }

  /// Notes that a word of some operation's variant is a registered extension of a version.
  public mutating func registerExtension(_ name: String, version: Int) {
    extensions[name] = version
  }

  /// The version of a registered operation or extension.
  public func version(of name: String) -> Int? { operations[name]?.version ?? extensions[name] }
}
