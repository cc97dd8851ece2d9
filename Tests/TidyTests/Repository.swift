import Foundation

/// The files of the repository in which these tests were compiled.
enum Repository {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The text of a file, by its path from the root.
  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: root + "/" + path, encoding: .utf8)
  }

  /// The paths of the files below a directory, sorted; empty where there is none.
  static func files(in directory: String) -> [String] {
    let paths = FileManager.default.enumerator(atPath: root + "/" + directory)
    return (paths?.compactMap { $0 as? String } ?? []).map { directory + "/" + $0 }
      .filter { path in
        var isDirectory: ObjCBool = false
        let exists = FileManager.default.fileExists(
          atPath: root + "/" + path, isDirectory: &isDirectory)
        return exists && !isDirectory.boolValue
      }
      .sorted()
  }

  /// The names in a directory, sorted.
  static func names(in directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: root + "/" + directory).sorted()
  }

  /// The Swift files below some directories.
  static func swift(in directories: String...) throws -> [SourceText] {
    try directories.flatMap { files(in: $0) }.filter { $0.hasSuffix(".swift") }
      .map { SourceText(path: $0, swift: try text($0)) }
  }
}

/// A place that breaks a rule.
struct Offence: CustomStringConvertible, Equatable {
  let path: String
  /// Counted from 1.
  let line: Int
  let message: String

  init(_ path: String, line: Int, _ message: String) {
    self.path = path
    self.line = line
    self.message = message
  }

  var description: String { "\(path):\(line): \(message)" }
}
