package import GlissadeSystem

/// A file as it was when it was looked at, since what is read of it later must be of the same.
package struct SeenFile: Sendable, Hashable {
  /// Where it is.
  package let path: String
  private let status: FileStatus

  /// Notes the size, the moments of the last changes, and which file it is.
  package init(_ path: String, files: any FileSystem) throws(DataError) {
    self.path = path
    status = try reaching(path) { () throws(SystemError) in try files.status(path) }
  }

  /// How many numbers `numbers` has.
  static let numberCount = 4

  /// What was noted, as numbers that can be kept.
  var numbers: [Int] {
    [
      status.byteCount, Int(status.modified), Int(status.changed),
      Int(truncatingIfNeeded: status.number),
    ]
  }

  /// A file as it was when these numbers were kept; nil where they are not as many.
  init?(_ path: String, _ numbers: [Int]) {
    guard numbers.count == SeenFile.numberCount else { return nil }
    self.path = path
    status = FileStatus(
      byteCount: numbers[0], isDirectory: false, modified: Int64(numbers[1]),
      changed: Int64(numbers[2]), number: UInt64(truncatingIfNeeded: numbers[3]))
  }

  /// The bytes that it had.
  var byteCount: Int { status.byteCount }

  /// Complains where the file is another one now, by any of these.
  package func check(files: any FileSystem) throws(DataError) {
    let now = try reaching(path) { () throws(SystemError) in try files.status(path) }
    if now.byteCount != status.byteCount {
      throw DataError(
        path,
        "it had \(status.byteCount) bytes when it was looked at, and has \(now.byteCount) now")
    }
    guard now == status else {
      throw DataError(path, "it was changed or replaced after it was looked at")
    }
  }
}
