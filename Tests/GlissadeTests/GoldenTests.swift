import Glissade
import Testing

/// The eight golden graphs are checked, planned, reported and drawn; what this version cannot run it names.
@Suite struct GoldenTests {
  static let planned = [
    "a-data-parallel", "b-federated", "c-partitioned", "d-stale", "e-mutual", "f-gpt",
    "h-custom-reduce",
  ]

  /// What holds of every graph: each node is drawn once, two drawings are the same, and the report adds up.
  private func examine(_ graph: Graph) throws {
    let plan = try Plan(expanding: graph)
    let picture = DOT.graph(graph)
    #expect(picture == DOT.graph(graph))
    let lines = picture.split(separator: "\n").map { $0.drop { $0 == " " } }
    for node in graph.nodes {
      let own = node.body == nil ? "\"\(node.name)\" [label" : "subgraph \"cluster \(node.name)\""
      #expect(lines.filter { $0.hasPrefix(own) }.count == 1, "\(node.name)")
      for inner in node.body?.nodes ?? [] {
        let name = "\"\(node.name).\(inner.name)\" [label"
        #expect(lines.filter { $0.hasPrefix(name) }.count == 1, "\(inner.name)")
      }
    }
    for text in [picture, DOT.tasks(plan), DOT.tasks(plan, steps: 3, limit: 40)] {
      #expect(text.filter { $0 == "{" }.count - text.filter { $0 == "}" }.count == 0)
      #expect(text.hasPrefix("digraph ") && text.hasSuffix("}\n"))
    }
    let report = PlanReport(plan, threads: 2, windowDepth: 4)
    #expect(report.nodes.map(\.name) == graph.nodes.map(\.name))
    #expect(report.nodes.reduce(0) { $0 + $1.tasks } == report.tasksOnce + report.tasksPerStep)
    #expect(try #require(report.peak) >= report.bytesKept)
    #expect(report.seconds.isFinite && report.seconds > 0)
    for node in graph.nodes { #expect(report.text.contains("\n\(node.name) ")) }
  }

  @Test(arguments: planned)
  func checksPlansAndDraws(name: String) throws {
    try examine(goldenFile(name).resolved(with: exampleOperations()))
  }

  @Test(arguments: [
    ("b-federated", ["dirichlet", "'sample' of node 'chosen'", "'repeat' of node 'local'"]),
    ("d-stale", ["'staleness'", "'reads'", "'damping'"]),
    ("e-mutual", ["'mix' of node 'teacher'", "'kl'", "'lenet'", "'resnet'"]),
    ("f-gpt", ["'tokens'", "'gpt'", "'accumulate'", "'checkpoint'"]),
  ])
  func whatCannotBeRunIsRefusedByName(name: String, words: [String]) throws {
    let graph = try goldenFile(name).resolved()
    let error = #expect(throws: GraphError.self) {
      try Engine(Plan(expanding: graph)).run()
    }
    let text = error?.description ?? ""
    for word in words { #expect(text.contains(word), "\(text)") }
    #expect(
      error?.diagnostics.allSatisfy { $0.category == .notBuilt && $0.position != nil } == true)
  }

  @Test(arguments: ["a-data-parallel", "c-partitioned", "h-custom-reduce"])
  func whatRunsRefusesNothing(name: String) throws {
    #expect(try goldenFile(name).resolved(with: exampleOperations()).notBuilt.isEmpty)
  }

  @Test func blocksAreUpdatedBesideTheirState() throws {
    var golden = try goldenFile("c-partitioned")
    golden.description.run = [AttributeEntry("until", ["steps": 3])]
    let graph = try golden.resolved()
    let result = try golden.run(RunOptions(threads: 2))
    #expect(result.status == .done && result.steps == 3)
    let state = try #require(graph.port("step.state"))
    for place in 0..<4 { #expect(result.value(of: state, place: place)?.tensors.isEmpty == false) }
  }

  /// `g` uses the model that `a` leaves, on the rows that `a` learned from.
  @Test func theModelThatALeavesPredictsInG() throws {
    let directory = try TestDirectory()
    let world = World()
    try world.files.makeDirectory(directory("golden"))
    try world.files.makeDirectory(directory("data"))
    let rows = try world.files.readAll(repository + "/Graphs/data/digits.csv", limit: 1 << 20)
    try world.files.writeAtomically(
      directory("data/digits.csv"), String(decoding: rows, as: UTF8.self))

    var training = try goldenFile("a-data-parallel")
    training.description.run = [AttributeEntry("until", ["steps": 40])]
    let trained = try training.resolved()
    let saved = try RunOutputs(trained, sha256: training.sha256, directory: directory("golden"))
    _ = try saved.write(Engine(Plan(expanding: trained)).run(), world)

    var inference = try goldenFile("g-inference")
    inference.directory = directory("golden")
    let graph = try inference.resolved()
    try examine(graph)
    let outputs = try RunOutputs(graph, sha256: inference.sha256, directory: directory("out"))
    try outputs.prepare(world)
    let result = try Engine(Plan(expanding: graph, keeping: outputs.keeping)).run()
    _ = try outputs.write(result, world)
    let lines = directory.text("out/scored.csv").split(separator: "\n")
    #expect(lines.count == 1 + 1797)
    // After 40 steps more than half of the digits are told.
    let header = lines[0].split(separator: ",")
    let label = try #require(header.firstIndex(of: "label"))
    let found = try #require(header.firstIndex(of: "class"))
    let right = lines.dropFirst().filter { line in
      let cells = line.split(separator: ",")
      return cells[label] == cells[found]
    }
    #expect(right.count > 900)
  }
}
