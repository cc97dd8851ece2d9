import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime
import GlissadeSystem
import Testing

/// The graphs that come with the project give what their comments promise.
struct ShippedGraphTests {
  private func accuracy(_ file: String, epochs: Int? = nil) throws -> Double {
    let path = projectDirectory + "/Graphs/" + file
    let bytes = try LocalFileSystem().readAll(path, limit: 1 << 20)
    var description = try GraphReader.read(bytes, file: file)
    if let epochs { try GraphOverride.apply("run.until.epochs=\(epochs)", to: &description) }
    let graph = try Graph(
      resolving: description, registry: Operations().registry,
      baseDirectory: projectDirectory + "/Graphs")
    let result = try run(graph)
    return try #require(result.evaluations.last?.metrics.first { $0.name == "accuracy" }).value
  }

  @Test func digits() throws {
    #expect(try accuracy("digits.yaml") >= 0.90)
  }

  /// One epoch by default, all ten with everything.
  @Test(.enabled(if: hasFashion))
  func fashion() throws {
    #expect(
      try accuracy("fashion-mnist.yaml", epochs: runsEverything ? nil : 1)
        >= (runsEverything ? 0.87 : 0.78))
  }

  @Test(.enabled(if: hasFashion))
  func fashionSoftmax() throws {
    #expect(
      try accuracy("fashion-softmax.yaml", epochs: runsEverything ? nil : 1)
        >= (runsEverything ? 0.83 : 0.78))
  }
}
