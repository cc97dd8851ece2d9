public import GlissadeSystem

/// What is wrong with a data or model file, and where: `data.csv:17:3: expected a number in column
/// 'p4', found 'abc'`.
public struct DataError: Error, Sendable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// The line, from 1, in files of text.
  public let line: Int?
  /// The character of the line, from 1, in files of text.
  public let column: Int?
  /// What is wrong, without the place.
  public let message: String
  /// What the operating system refused, where it was its doing and not the content's.
  public let system: SystemError?

  /// An error in what a file holds; what concerns a whole line stands at its first character.
  public init(_ path: String, line: Int? = nil, column: Int? = nil, _ message: String) {
    self.path = path
    self.line = line
    self.column = column ?? (line == nil ? nil : 1)
    self.message = message
    system = nil
  }

  /// An error of the operating system while a file was read or written.
  public init(_ path: String, _ system: SystemError) {
    self.path = path
    line = nil
    column = nil
    message = system.description
    self.system = system
  }

  /// Whether the file does not exist.
  public var isMissing: Bool { system?.reason == .missing }

  /// The place and the message, with control characters escaped.
  public var description: String {
    // The system's sentences name their file themselves.
    if system?.path != nil { return escaped(message) }
    let places = [line, column].compactMap { $0 }.map { ":\($0)" }.joined()
    return escaped(path) + places + ": " + escaped(message)
  }
}

/// Does file work and turns the system's refusals into errors that name `path`.
func reaching<Result>(
  _ path: String, _ body: () throws(SystemError) -> Result
) throws(DataError) -> Result {
  do throws(SystemError) { return try body() } catch { throw DataError(path, error) }
}

/// Writes a file so that a reader sees the old content or the new.
func writing(
  _ bytes: [UInt8], to path: String, files: any FileSystem
) throws(DataError) {
  let result = bytes.withUnsafeBytes { buffer in
    Result { () throws(SystemError) in try files.writeAtomically(path, buffer) }
  }
  try reaching(path) { () throws(SystemError) in try result.get() }
}
