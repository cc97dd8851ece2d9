import Foundation
import GlissadeSystem

/// A directory of one test, removed with all it holds when let go.
final class TemporaryDirectory {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("glissade-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a name inside.
  func callAsFunction(_ name: String) -> String { path + "/" + name }
}

extension FileSystem {
  /// The text of a small file.
  func text(_ path: String) throws -> String {
    String(decoding: try readAll(path, limit: 1 << 20), as: UTF8.self)
  }

  /// Writes a small file as it is.
  func put(_ text: String, at path: String, exclusive: Bool = false) throws {
    let file = try openForWriting(path, exclusive: exclusive)
    try Array(text.utf8).withUnsafeBytes { bytes in try file.write(bytes) }
  }
}
