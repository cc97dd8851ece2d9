import Glissade
import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime
import GlissadeSystem
import GlissadeTesting
import Testing

/// Graph files with one wrong token: each resolves, or ends in an error that says where and what.
///
/// 300 mutants, and 3,000 with `GLISSADE_ALL=1`. A failure prints its seed; `GLISSADE_SEED` runs that seed alone.
struct MutantTests {
  static let files =
    ["digits"]
    + [
      "a-data-parallel", "b-federated", "c-partitioned", "d-stale", "e-mutual", "f-gpt",
      "g-inference", "h-custom-reduce",
    ].map { "golden/" + $0 }

  @Test(arguments: 0..<(runsEverything ? 100 : 10) as Range<UInt64>)
  func everyErrorSaysWhere(part: UInt64) throws {
    let operations = exampleOperations()
    let home = try inferenceHome()
    var refused = 0
    let seeds = propertySeeds(part * 30..<part * 30 + 30)
    for seed in seeds {
      var random = SeededRandom(seed: seed)
      let file = random.one(of: Self.files) + ".yaml"
      let path = projectDirectory + "/Graphs/" + file
      let bytes = try LocalFileSystem().readAll(path, limit: 1 << 20)
      let mutant = Mutant(of: String(decoding: bytes, as: UTF8.self), &random)
      do {
        let description = try GraphReader.read(Array(mutant.text.utf8), file: file)
        let graph = try Graph(
          resolving: description, registry: operations.registry,
          baseDirectory: file.contains("inference")
            ? home("golden") : projectDirectory + "/Graphs" + (file.contains("/") ? "/golden" : ""))
        _ = try Plan(expanding: graph)
        // The names and contents of files, which a run checks before its first step.
        _ = try RunOutputs(graph, sha256: "", directory: "runs")
      } catch let error as GraphError {
        refused += 1
        examine(error, mutant, "GLISSADE_SEED=\(seed), \(file), \(mutant)")
      } catch let error as Diagnostic {
        refused += 1
        examine(GraphError(error), mutant, "GLISSADE_SEED=\(seed), \(file), \(mutant)")
      }
    }
    #expect(seeds.count == 1 || refused > 10)
  }

  private func examine(_ error: GraphError, _ mutant: Mutant, _ seed: String) {
    let lines = mutant.text.split(separator: "\n", omittingEmptySubsequences: false)
    let comment = Comment(rawValue: "\(seed)\n\(error)")
    #expect(!error.diagnostics.isEmpty, comment)
    for diagnostic in error.diagnostics {
      if let position = diagnostic.position {
        let isInside =
          (1...lines.count).contains(position.line)
          && (1...lines[position.line - 1].unicodeScalars.count + 1).contains(position.column)
        #expect(isInside, comment)
      }
      for text in [diagnostic.message, diagnostic.hint ?? ""] {
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }, comment)
        for inner in ["GlissadeGraph.", "Glissade", "Optional(", "__", "Swift.", "nil)"] {
          #expect(!text.contains(inner), comment)
        }
      }
    }
    let found = error.diagnostics.map { (line: $0.position?.line, text: $0.message) }
    #expect(mutant.isPointedAt(by: found), comment)
  }

  /// The rows and the model that `g` uses: those that `a` leaves after a step.
  private func inferenceHome() throws -> TestDirectory {
    let directory = try TestDirectory()
    let world = World()
    for folder in ["golden", "data"] { try world.files.makeDirectory(directory(folder)) }
    let rows = try world.files.readAll(
      projectDirectory + "/Graphs/data/digits.csv", limit: 1 << 20)
    try world.files.writeAtomically(
      directory("data/digits.csv"), String(decoding: rows, as: UTF8.self))
    var training = try goldenFile("a-data-parallel")
    training.description.run = [AttributeEntry("until", ["steps": 1])]
    let trained = try training.resolved()
    let outputs = try RunOutputs(trained, sha256: training.sha256, directory: directory("golden"))
    _ = try outputs.write(Engine(Plan(expanding: trained)).run(), world)
    return directory
  }
}
