/// Which modules the files of each directory of `Sources` may import.
///
/// Arrows point one way.
enum ImportRule {
  private static let tensor: Set = ["GlissadeTensor"]
  private static let system: Set = ["GlissadeSystem"]
  private static let kernels = tensor.union(["GlissadeKernels"])
  private static let models = kernels.union(["GlissadeModels"])
  private static let graph = tensor.union(["GlissadeGraph"])
  private static let schedule = graph.union(["GlissadeSchedule"])
  private static let data = tensor.union(system).union(["GlissadeData"])
  private static let store = tensor.union(system).union(["GlissadeStore"])
  private static let operations = graph.union(models).union(data).union(["GlissadeOperations"])
  private static let runtime = schedule.union(store).union(operations).union(["GlissadeRuntime"])
  private static let format = graph.union(system).union(["GlissadeFormat"])
  private static let library = runtime.union(format).union(["Glissade"])

  /// One row a room: the rooms and C libraries below it, and Glibc where it counts or parses with
  /// it.
  ///
  /// Which of Glibc's functions, `DoorRule` says.
  static let allowed: [String: Set<String>] = [
    "GlissadeTensor": [],
    "GlissadeSystem": ["COpenSSL", "CSystem", "Glibc"],
    "GlissadeKernels": tensor.union(["CKernels", "Glibc"]),
    "GlissadeModels": kernels.union(["Glibc"]),
    "GlissadeGraph": tensor,
    "GlissadeSchedule": graph,
    "GlissadeStore": tensor.union(system).union(["CLZ4", "CSpill"]),
    "GlissadeData": tensor.union(system).union(["CZlib", "Glibc"]),
    "GlissadeOperations": graph.union(models).union(data).union(["Glibc"]),
    "GlissadeRuntime": schedule.union(store).union(operations).union(["Glibc"]),
    "GlissadeFormat": graph.union(system).union(["CYAML"]),
    "Glissade": runtime.union(format),
    "GlissadeTesting": runtime,
    "glissade": library.union(["ArgumentParser"]),
    "glissade-example": ["Glissade"],
  ]

  /// Modules of the toolchain that reach nothing outside the process.
  static let everywhere: Set = ["Swift", "Synchronization"]

  static func offences(in text: SourceText) -> [Offence] {
    let parts = text.path.split(separator: "/")
    guard parts.count > 2, let allowed = allowed[String(parts[1])] else {
      return [Offence(text.path, line: 1, "no row of ImportRule.allowed is for this directory")]
    }
    return text.code.enumerated().compactMap { index, line in
      guard let module = importedModule(line), !everywhere.contains(module),
        !allowed.contains(module)
      else { return nil }
      return Offence(text.path, line: index + 1, "\(parts[1]) may not import \(module)")
    }
  }

  /// The module of an import declaration: `Glibc` for `package import func Glibc.exp`.
  static func importedModule(_ line: String) -> String? {
    var words = line.split(separator: " ")
    guard let place = words.firstIndex(of: "import"),
      words[..<place].allSatisfy({ $0.hasPrefix("@") || accessLevels.contains($0) })
    else { return nil }
    words.removeFirst(place + 1)
    if let first = words.first, kinds.contains(first) { words.removeFirst() }
    return words.first.map { String($0.prefix { $0 != "." && $0 != ";" }) }
  }

  private static let accessLevels: Set<Substring> = [
    "public", "package", "internal", "fileprivate", "private",
  ]
  private static let kinds: Set<Substring> = [
    "func", "struct", "class", "enum", "protocol", "typealias", "let", "var",
  ]
}
