package import GlissadeSystem

/// The files that a source in a graph stands for.
package enum SourcePattern {
  /// The most files that one source may stand for.
  package static let maximumFiles = 100_000

  /// The files of a source, sorted by the bytes of their names and never none.
  ///
  /// A source is a file; or a directory, which stands for the files in it whose names begin with no
  /// dot; or a pattern with `*`, `?` or `[…]` in any of its components. A relative one starts at
  /// `base`. What exists under the very name is taken before the name is read as a pattern.
  package static func expand(
    _ pattern: String, base: String, files: any FileSystem
  ) throws(DataError) -> [String] {
    guard !pattern.isEmpty else { throw DataError(base, "the source has no name") }
    let path = resolve(pattern, base: base)
    do throws(SystemError) {
      guard try files.status(path).isDirectory else { return [path] }
    } catch {
      let absent = error.reason == .missing || error.reason == .notDirectory
      guard absent, GlobPattern.isPattern(pattern) else { throw DataError(path, error) }
      return try matches(of: path, fixed: path.count - pattern.count, files: files)
    }
    let found = try regularFiles(
      in: path, names: list(path, files).filter { !$0.hasPrefix(".") }, files: files)
    guard !found.isEmpty else { throw DataError(path, "the directory holds no files") }
    return found
  }

  /// A path as seen from `base`.
  package static func resolve(_ path: String, base: String) -> String {
    if path.hasPrefix("/") || base.isEmpty || base == "." { return path }
    return base.hasSuffix("/") ? base + path : base + "/" + path
  }

  /// Walks down component by component; the first `fixed` characters are no pattern.
  private static func matches(
    of path: String, fixed: Int, files: any FileSystem
  ) throws(DataError) -> [String] {
    let prefix = path.prefix(fixed)
    var places = [String(prefix) + (path.dropFirst(fixed).hasPrefix("/") ? "/" : "")]
    let components = path.dropFirst(fixed).split(separator: "/")
    for (depth, component) in components.enumerated() {
      let isLast = depth == components.count - 1
      guard GlobPattern.isPattern(component) else {
        places = places.map { join($0, String(component)) }.filter { files.exists($0) }
        continue
      }
      let glob = GlobPattern(component)
      var found: [String] = []
      for place in places {
        let directory = place.isEmpty ? "." : place
        if depth > 0, (try? files.status(directory))?.isDirectory != true { continue }
        found += try list(directory, files).filter(glob.matches).map { join(place, $0) }
        try check(found.count, path)
      }
      places = isLast ? found : found.filter { (try? files.status($0))?.isDirectory == true }
    }
    let result = try regularFiles(in: "", names: places, files: files)
    guard !result.isEmpty else { throw DataError(path, "no file matches this pattern") }
    return result
  }

  private static func regularFiles(
    in directory: String, names: [String], files: any FileSystem
  ) throws(DataError) -> [String] {
    try check(names.count, directory)
    var result: [String] = []
    for name in names {
      let path = join(directory, name)
      let status = try reaching(path) { () throws(SystemError) in try files.status(path) }
      if !status.isDirectory { result.append(path) }
    }
    return result.sorted(by: precedesInBytes)
  }

  private static func list(
    _ directory: String, _ files: any FileSystem
  ) throws(DataError) -> [String] {
    try reaching(directory) { () throws(SystemError) in try files.list(directory) }
  }

  private static func join(_ directory: String, _ name: String) -> String {
    directory.isEmpty || directory.hasSuffix("/") ? directory + name : directory + "/" + name
  }

  private static func check(_ count: Int, _ path: String) throws(DataError) {
    guard count <= maximumFiles else {
      throw DataError(path, "it stands for \(count) files, and the limit is \(maximumFiles)")
    }
  }
}
