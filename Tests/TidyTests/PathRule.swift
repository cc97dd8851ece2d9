/// No path that exists on one machine only.
enum PathRule {
  /// Roots that every Linux has, or that a Debian package fills: what begins so may be named.
  static let shared = ["/usr/share/datasets", "/dev/", "/proc/", "/usr/bin/env", "/bin/sh"]

  private static let roots: Set = [
    "bin", "data", "etc", "home", "mnt", "opt", "private", "root", "srv", "tmp", "Users", "usr",
    "var",
    "work",
  ]

  /// The lines of a file that name an absolute path below one of the usual roots.
  static func offences(path: String, lines: [String]) -> [Offence] {
    lines.enumerated().compactMap { index, line in
      guard let found = absolutePath(in: line) else { return nil }
      return Offence(path, line: index + 1, "\(found) is a path of one machine")
    }
  }

  static func absolutePath(in line: String) -> String? {
    let bytes = Array(line.utf8)
    for index in bytes.indices where bytes[index] == UInt8(ascii: "/") {
      // A slash after a letter, a dot or another slash stands within a relative path or an address.
      if index > 0, within.contains(bytes[index - 1]) { continue }
      let path = String(decoding: bytes[index...].prefix { !ends.contains($0) }, as: UTF8.self)
      let parts = path.split(separator: "/")
      if parts.count > 1, roots.contains(String(parts[0])),
        !shared.contains(where: { path.hasPrefix($0) })
      {
        return path
      }
    }
    return nil
  }

  private static let within = Set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-~/*})>".utf8)
  private static let ends = Set(" \"'`,;:)]}".utf8)
}
