import Foundation
import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime
import GlissadeTesting
import Testing

/// Graphs drawn from the specs of the operations: each plans, is drawn, printed back equal, runs a step, and is right by our
/// own JSON Schema.
///
/// A failure prints its seed; `GLISSADE_SEED` runs that seed alone. 100 graphs, and 1,000 with `GLISSADE_ALL=1`.
struct SchemaGraphTests {
  /// What no graph over a file of numbers and texts can have.
  private static let exempt = [
    // Labels in a file of their own belong to IDX files.
    "shard.labels",
    // They are for parameters without data, which the first nodes always have.
    "parameters.inputs", "parameters.classes",
    // Rows, states and their updates have clocks of their own.
    "shard.every", "parameters.every", "update.every",
    // They want predictions, which few graphs make in the right place; `RandomGraph` has both.
    "evaluate.of", "outputs.with",
    // Somebody must read what they hold out, and can do so only once they are there; `RandomGraph` has both.
    "shard.holdout", "shard.holdout.fraction", "shard.holdout.from",
  ]

  @Test func everyGraphKeepsThePromises() throws {
    let directory = try TestDirectory()
    try Data(SchemaGraph.rows.utf8).write(to: URL(fileURLWithPath: directory("rows.csv")))
    let operations = Operations()
    let seeds = propertySeeds(0..<(runsEverything ? 1_000 : 100))
    var covered: Set<String> = []
    var refused = 0
    for seed in seeds {
      let drawn = SchemaGraph(seed: seed, operations: operations, directory: directory.path)
      covered.formUnion(drawn.covered)
      let text = GraphWriter.yaml(drawn.description)
      let comment = Comment(rawValue: "GLISSADE_SEED=\(seed)\n\(text)")
      try Data(text.utf8).write(to: URL(fileURLWithPath: directory("\(seed).yaml")))
      do {
        if try !runs(drawn.description, operations, directory.path, comment) { refused += 1 }
      } catch {
        Issue.record("\(comment)\n\(error)")
      }
    }
    if GraphSchemaTests.hasValidator { try validate(seeds, directory) }
    guard seeds.count > 1 else { return }
    #expect(refused * 20 <= seeds.count, "\(refused) of \(seeds.count) graphs did not run")
    let registry = operations.registry
    let wanted =
      registry.names.compactMap { registry[$0] }.filter(\.isBuilt)
      .flatMap { drawablePaths($0.attributes + [CommonAttributes.every], path: $0.name) }
      + drawablePaths(RunSettings.specs.filter { $0.name != "until" }, path: "run")
      + drawablePaths(RunSettings.outputSpecs, path: "outputs")
    let missing = Set(wanted).subtracting(covered).subtracting(Self.exempt).sorted()
    let most = runsEverything ? 0 : Set(wanted).count / 4
    #expect(
      missing.count <= most, "\(missing.count) of \(Set(wanted).count) never kept: \(missing)")
  }

  /// Whether a graph that keeps all other promises runs, too; it may be refused for what only numbers tell.
  private func runs(
    _ description: GraphDescription, _ operations: Operations, _ directory: String,
    _ comment: Comment
  ) throws -> Bool {
    for printed in [GraphWriter.yaml(description), GraphWriter.json(description)] {
      let again = try GraphReader.read(Array(printed.utf8), file: "printed")
      #expect(again == description, comment)
      #expect(CanonicalForm.sha256(of: again) == CanonicalForm.sha256(of: description), comment)
    }
    let graph = try Graph(
      resolving: description, registry: operations.registry, baseDirectory: directory)
    let plan = try Plan(expanding: graph)
    for draw in [{ DOT.graph($0.graph) }, { DOT.tasks($0) }, { DOT.optimized($0) }]
      as [(Plan) -> String]
    {
      let picture = draw(plan)
      #expect(picture.hasPrefix("digraph ") && picture.hasSuffix("}\n"), comment)
      #expect(try picture == draw(Plan(expanding: graph)), comment)
    }
    do {
      let result = try Engine(plan, options: RunOptions(threads: 2, windowDepth: 2)).run()
      #expect(result.steps == 1, comment)
      return true
    } catch let error as RunError {
      let said = "\(error)"
      #expect(Self.refusals.contains(where: { said.contains($0) }), "\(said)\n\(comment)")
      return false
    }
  }

  /// What a run may refuse although the graph is right: it follows from the numbers.
  private static let refusals = [
    "the weights of a mean must be", "is not finite", "the loss is",
    // The names of columns, read as data.
    "expected a number in column",
  ]

  private func validate(_ seeds: Range<UInt64>, _ directory: TestDirectory) throws {
    let names = seeds.map { "\($0).yaml" }
    let said = try GraphSchemaTests().verdicts(CommandLineTool(), names.map { directory($0) })
    let wrong = said.split(separator: "\n").filter { !$0.hasSuffix(": right") }
    #expect(wrong.isEmpty, "by the schema (GLISSADE_SEED is the file's name): \(wrong)")
    #expect(said.split(separator: "\n").count >= names.count)
  }
}
