import Glissade
import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime
import GlissadeTensor
import Testing

/// The rule of eviction on graphs of the project, from the smallest memory that works to what they would take.
@Suite struct EvictionTests {
  @Test(arguments: ["clothes", "rows", "out-of-core", "digits"])
  func itMovesNoMoreThanLeastRecentlyUsed(name: String) throws {
    let data = try TestDirectory()
    try sweep(try made(name, data), moves: name != "digits", isCramped: name == "clothes")
  }

  private func made(_ name: String, _ data: TestDirectory) throws -> Graph {
    switch name {
    case "clothes": return try graph(MemoryTests.text)
    case "rows":
      try NumbersOnDisk.write(rows: 20_000, features: 64, classes: 10, to: data.path)
      return try graph(MemoryTests.wholeRows(data.path))
    default: return try ShippedGraph.make(name, data)
    }
  }

  @Test(.enabled(if: hasFashion), arguments: ["fashion-mnist", "fashion-softmax"])
  func withImagesToo(name: String) throws {
    try sweep(try ShippedGraph.make(name, try TestDirectory()), moves: true)
  }

  /// As `glissade bench eviction` prints it.
  ///
  /// - Parameter isCramped: Whether few large values move, so that a rule which takes one at a time, without trying what comes
  ///   of it, may move a whole one for the sake of some bytes, which the bound need not.
  private func sweep(_ graph: Graph, moves: Bool, isCramped: Bool = false) throws {
    let bound = try #require(
      MemoryPlan(try Plan(expanding: graph), threads: 1, windowDepth: 1).bound)
    var options = RunOptions(threads: 1, windowDepth: 1)
    var rows = 0
    for hundredth in 5...95 {
      let budget = ByteCount(bound.bytes * hundredth / 100)
      options.memory = budget
      let plan = try Plan(expanding: options.fitted(graph))
      guard let row = EvictionBench(plan, steps: 6).row(budget: budget) else { continue }
      func all(_ moved: (written: Int, read: Int)) -> Int { moved.written + moved.read }
      let (furthest, least) = (all(row.furthest), all(row.bound))
      let place = "\(graph.description.name), \(hundredth) % of \(bound)"
      #expect(furthest >= least, "\(place)")
      #expect(furthest <= all(row.leastRecent), "\(place)")
      if !isCramped { #expect(Double(furthest) <= 1.2 * Double(least), "\(place)") }
      if furthest > 0 { rows += 1 }
    }
    #expect(!moves || rows > 2, "nothing is moved")
  }
}
