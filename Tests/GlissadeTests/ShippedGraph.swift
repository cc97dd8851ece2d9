import GlissadeData
import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import GlissadeSystem

/// Graphs of the project as the command line runs them, where their data is, and short.
enum ShippedGraph {
  /// Digits for two epochs, out-of-core over 5 MB of rows, or all 60,000 images of fashion-mnist for an epoch.
  ///
  /// - Parameter directory: Where data goes that does not come with the project.
  static func make(_ name: String, _ directory: TestDirectory) throws -> Graph {
    let path = projectDirectory + "/Graphs/\(name).yaml"
    var description = try GraphReader.read(
      LocalFileSystem().readAll(path, limit: 1 << 20), file: path)
    var overrides = ["run.until.epochs=\(name == "digits" ? 2 : 1)"]
    if name == "out-of-core" {
      try NumbersOnDisk.write(rows: 20_000, features: 64, classes: 10, to: directory.path)
      overrides = ["features", "labels"].map { file in
        "nodes.rows.\(file == "labels" ? file : "source")=\(directory(file + ".npy"))"
      }
    }
    for text in overrides { try GraphOverride.apply(text, to: &description) }
    return try Graph(
      resolving: description, registry: Operations().registry,
      baseDirectory: projectDirectory + "/Graphs")
  }
}
