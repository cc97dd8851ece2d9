/// No path that exists on one machine only.
enum PathRule {
  /// Roots that every Linux has, or that a Debian package fills: what begins so may be named.
  static let shared = ["/usr/share/datasets", "/dev/", "/proc/", "/usr/bin/env", "/bin/sh"]

  private static let roots = [
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
    guard line.utf8.contains(UInt8(ascii: "/")) else { return nil }
    var before: Character = " "
    var index = line.startIndex
    while index < line.endIndex {
      let character = line[index]
      // A slash after a letter, a dot or another slash stands within a relative path or an address.
      if character == "/", !(before.isLetter || before.isNumber || "._-~/*})>".contains(before)) {
        let path = line[index...].prefix { !" \"'`,;:)]}".contains($0) }
        let parts = path.split(separator: "/")
        if parts.count > 1, roots.contains(String(parts[0])),
          !shared.contains(where: { path.hasPrefix($0) })
        {
          return String(path)
        }
      }
      before = character
      index = line.index(after: index)
    }
    return nil
  }
}
