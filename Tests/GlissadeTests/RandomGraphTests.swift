import GlissadeFormat
import GlissadeGraph
import GlissadeRuntime
import GlissadeTensor
import GlissadeTesting
import Testing

/// Random valid graphs: each resolves, plans, is drawn, is printed back equal and runs to the same bits.
///
/// A failure prints its seed; `GLISSADE_SEED` runs that seed alone. 100 graphs, and 1,000 with `GLISSADE_ALL=1`.
struct RandomGraphTests {
  @Test(arguments: 0..<10 as Range<UInt64>)
  func everyGraphKeepsThePromises(part: UInt64) throws {
    let count: UInt64 = runsEverything ? 100 : 10
    for seed in propertySeeds(part * count..<part * count + count) {
      let text = RandomGraph(seed: seed).text
      let comment = Comment(rawValue: "GLISSADE_SEED=\(seed)\n\(text)")
      do { try examine(text, comment) } catch { Issue.record("\(comment)\n\(error)") }
    }
  }

  private func examine(_ text: String, _ comment: Comment) throws {
    let description = try GraphReader.read(Array(text.utf8), file: "test.yaml")
    for printed in [GraphWriter.yaml(description), GraphWriter.json(description)] {
      let again = try GraphReader.read(Array(printed.utf8), file: "printed")
      #expect(again == description, comment)
      #expect(CanonicalForm.sha256(of: again) == CanonicalForm.sha256(of: description), comment)
    }
    let graph = try graph(text)
    #expect(graph.notBuilt.isEmpty, comment)
    let plan = try Plan(expanding: graph)
    #expect(plan.step.table.taskCount > 0, comment)
    for draw in [{ DOT.graph($0.graph) }, { DOT.tasks($0) }] as [(Plan) -> String] {
      let picture = draw(plan)
      #expect(picture.hasPrefix("digraph ") && picture.hasSuffix("}\n"), comment)
      #expect(try picture == draw(Plan(expanding: graph)), comment)
    }
    let kept = graph.nodes.indices.map {
      Graph.PortReference(node: $0, port: graph.nodes[$0].shape.ports[0].name)
    }
    let one = try run(graph, threads: 1, window: 1, keeping: kept)
    let other = try run(graph, threads: 3, window: 4, seed: 5, keeping: kept)
    #expect(one.steps == graph.run.steps && one.steps == other.steps, comment)
    #expect(!one.evaluations.isEmpty, comment)
    var compared = 0
    for port in kept {
      let places = graph.nodes[port.node].port(port.port)?.axes.placeCount ?? 0
      for place in 0..<places {
        guard let value = one.value(of: port, place: place) else {
          #expect(other.value(of: port, place: place) == nil, comment)
          continue
        }
        let again = try #require(other.value(of: port, place: place), comment)
        let isSame =
          value.tensors.count == again.tensors.count
          && zip(value.tensors, again.tensors).allSatisfy { $0.hasSameBits(as: $1) }
        #expect(isSame, "\(graph.nodes[port.node].name) at \(place): \(comment)")
        compared += 1
      }
    }
    #expect(compared > graph.nodes.count / 2, comment)
  }
}
