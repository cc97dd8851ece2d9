import Glissade
import GlissadeGraph
import GlissadeRuntime
import GlissadeTensor
import Testing

/// The rule of eviction on graphs of the project, at half and a quarter of the memory that they would take.
@Suite struct EvictionTests {
  @Test(arguments: [0.5, 0.25])
  func itMovesNoMoreThanLeastRecentlyUsed(part: Double) throws {
    let data = try TestDirectory()
    for graph in [try graph(MemoryTests.text), try ShippedGraph.make("out-of-core", data)] {
      let bound = try #require(
        MemoryPlan(try Plan(expanding: graph), threads: 1, windowDepth: 1).bound)
      let bench = EvictionBench(try Plan(expanding: graph), steps: 6)
      guard let row = bench.row(budget: ByteCount(Int(Double(bound.bytes) * part))) else {
        continue
      }
      func all(_ moved: (written: Int, read: Int)) -> Int { moved.written + moved.read }
      #expect(all(row.furthest) >= all(row.bound))
      #expect(all(row.furthest) <= all(row.leastRecent))
      #expect(
        Double(all(row.furthest)) <= 1.2 * Double(all(row.bound)), "\(graph.description.name)")
    }
  }
}
