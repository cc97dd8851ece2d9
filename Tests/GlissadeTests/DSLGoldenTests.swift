import Glissade
import Testing
import glissade_example

/// A graph in Swift and the file of the same graph are one: one canonical text, one hash, one result.
@Suite struct DSLGoldenTests {
  @Test(arguments: GoldenGraphs.all.map(\.name))
  func swiftAndFileAreOneGraph(name: String) throws {
    let graph = try #require(GoldenGraphs.all.first { $0.name == name }).graph
    let file = try goldenFile(name)
    #expect(CanonicalForm.text(of: graph.description) == CanonicalForm.text(of: file.description))
    #expect(graph.sha256 == file.sha256)
    // The canonical form leaves the names of files out.
    let sources = { (graph: TrainingGraph) in
      Set(
        graph.description.nodes.flatMap { node in
          ["source", "labels", "initial"].compactMap { node[$0]?.text }
        })
    }
    #expect(sources(graph) == sources(file))
    let outputs = { (graph: TrainingGraph) in
      graph.description.outputs.map { $0.value.text ?? $0.value["file"]?.text }
    }
    #expect(outputs(graph) == outputs(file))
  }

  @Test(arguments: GoldenGraphs.all.map(\.name))
  func whatIsPrintedReadsBackEqual(name: String) throws {
    let graph = try #require(GoldenGraphs.all.first { $0.name == name }).graph
    for text in [graph.yaml, graph.json] {
      let read = try GraphReader.read(Array(text.utf8), file: name)
      #expect(read == graph.description, "\(text)")
      #expect(TrainingGraph(read).yaml == graph.yaml)
    }
  }

  /// `g` needs the model file that `a` leaves, so it is held against its file only.
  @Test(arguments: GoldenGraphs.all.map(\.name).filter { !$0.hasPrefix("g") })
  func resolvesAndPlans(name: String) throws {
    let graph = placed(try #require(GoldenGraphs.all.first { $0.name == name }).graph)
    let plan = try graph.plan(with: exampleOperations())
    let file = try goldenFile(name).plan(with: exampleOperations())
    #expect(plan.steps == file.steps)
    #expect(plan.step.table.taskCount == file.step.table.taskCount)
    #expect(plan.graph.notBuilt.count == file.graph.notBuilt.count)
  }

  @Test func runsToTheSameBitsAsTheFile() throws {
    let graph = placed(GoldenGraphs.dataParallel)
    let fromSwift = try graph.run(RunOptions(threads: 1))
    let file = try goldenFile("a-data-parallel")
    let fromFile = try file.run(RunOptions(threads: 3, stealingSeed: 5))
    let left = try #require(weights(fromSwift, of: "weights", in: graph.resolved()))
    let right = try #require(weights(fromFile, of: "weights", in: file.resolved()))
    // 64 features and a bias for 10 classes, rounded up for alignment.
    #expect(left.count >= 650)
    #expect(left.hasSameBits(as: right))
    #expect(fromSwift.steps == 460)
    #expect(fromSwift.loss == fromFile.loss)
  }

  @Test func theOrderOfTheTextDoesNotMatter() throws {
    let file = try goldenFile("a-data-parallel")
    var reversed = file
    reversed.description.nodes.reverse()
    #expect(reversed.sha256 == file.sha256)
    let tensors = try [file, reversed].map { graph in
      try #require(weights(graph.run(), of: "weights", in: graph.resolved()))
    }
    #expect(tensors[0].hasSameBits(as: tensors[1]))
  }

  @Test func aRegisteredReductionRunsFromSwiftAndFromAFile() throws {
    let graph = robustDigits(data: repository + "/Graphs/data")
    let file = try goldenFile("h-custom-reduce")
    #expect(graph.sha256 == file.sha256)
    let operations = exampleOperations()
    let fromSwift = try graph.run(with: operations)
    let fromFile = try file.run(RunOptions(threads: 1), with: operations)
    let left = try #require(
      weights(fromSwift, of: "weights", in: graph.resolved(with: operations)))
    let right = try #require(weights(fromFile, of: "weights", in: file.resolved(with: operations)))
    #expect(left.hasSameBits(as: right))
    #expect(fromSwift.steps == 60)
    #expect(try #require(fromSwift.loss) < 0.5)
  }

  @Test func anotherProgramRefusesTheReductionByName() throws {
    let messages = refusal(try goldenFile("h-custom-reduce"))
    #expect(messages.count == 2)
    #expect(messages.allSatisfy { $0.contains("acme.soft-median") || $0.contains("by") })
    #expect(
      messages.contains(
        "h-custom-reduce.yaml:5: the graph needs 'acme.soft-median' version 2, which this program has not registered"
      ))
  }
}
