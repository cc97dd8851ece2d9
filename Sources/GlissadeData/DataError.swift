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
  /// Who asks for something that the file does not have, where that is what is wrong.
  package let asker: Asker?
  /// What else is wrong in the files that were read, in the order of position.
  private(set) var others: [DataError] = []

  /// What of the options of a read can ask for something that a file does not have.
  package enum Asker: Sendable, Hashable {
    /// The label column.
    case label
    /// A column that is kept.
    case keep
    /// The range of rows.
    case rows
  }

  /// This error, and what else is wrong in the files that were read, in the order of position.
  package var all: [DataError] { [self] + others }

  /// An error in what a file holds; what concerns a whole line stands at its first character.
  public init(_ path: String, line: Int? = nil, column: Int? = nil, _ message: String) {
    self.init(path, line: line, column: column, message, for: nil)
  }

  init(_ path: String, line: Int? = nil, column: Int? = nil, _ message: String, for asker: Asker?) {
    self.asker = asker
    self.path = path
    self.line = line
    self.column = column ?? (line == nil ? nil : 1)
    self.message = message
    system = nil
  }

  /// An error of the operating system while a file was read or written.
  public init(_ path: String, _ system: SystemError) {
    asker = nil
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

/// What is found wrong while reading goes on, so that one run shows more than the first of it.
struct DataErrors {
  /// How many errors end a read.
  static let limit = 20
  private var found: [DataError] = []

  /// Notes an error; the last that is of interest ends the read.
  mutating func note(_ error: DataError) throws(DataError) {
    found.append(error)
    if found.count == DataErrors.limit { try finish() }
  }

  /// All that was noted, and one that ends the read.
  func followed(by last: DataError) -> DataError {
    DataError(first: found.first ?? last, found.dropFirst() + (found.isEmpty ? [] : [last]))
  }

  /// Throws what was noted, if anything.
  func finish() throws(DataError) {
    if let first = found.first { throw DataError(first: first, found.dropFirst()) }
  }
}

extension DataError {
  fileprivate init(first: DataError, _ others: some Sequence<DataError>) {
    self = first
    self.others = Array(others)
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
