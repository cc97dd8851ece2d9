import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime
import GlissadeSystem
import Testing

/// Whatever runs the graph, the result has the same bits.
struct SameBitsTests {
  static let text = digits(until: "epochs: 1", model: "{ kind: mlp, hidden: [24] }")

  /// Every combination of threads and windows, under 20 orders of stealing.
  @Test(arguments: [1, 2, 4], [1, 2, 8])
  func digitsHaveOneHash(threads: Int, window: Int) throws {
    let graph = try graph(Self.text)
    let expected = bits(try weights("weights", of: run(graph, threads: 1, window: 1), graph))
    for decides in Decision.allCases {
      for seed in 1...20 as ClosedRange<UInt64> {
        let result = try run(
          graph, threads: threads, window: window, seed: seed, decides: decides)
        #expect(
          bits(try weights("weights", of: result, graph)) == expected,
          "stealing seed \(seed), \(decides)")
      }
    }
  }

  /// All 60,000 images, one epoch: every combination under 20 orders of stealing with `--all`, else a few.
  @Test(.enabled(if: hasFashion), arguments: [1, 2, 4], [1, 2, 8])
  func fashionHasOneHash(threads: Int, window: Int) throws {
    let path = projectDirectory + "/Graphs/fashion-mnist.yaml"
    let content = try LocalFileSystem().readAll(path, limit: 1 << 20)
    var description = try GraphReader.read(content, file: path)
    try GraphOverride.apply("run.until.epochs=1", to: &description)
    let graph = try Graph(resolving: description, registry: Operations().registry)
    let expected = bits(try weights("weights", of: run(graph, threads: 1, window: 1), graph))
    for seed in 1...(runsEverything ? 20 : 1) as ClosedRange<UInt64> {
      let result = try run(graph, threads: threads, window: window, seed: seed)
      #expect(bits(try weights("weights", of: result, graph)) == expected, "stealing seed \(seed)")
    }
  }

  /// Parameters in blocks are the same parameters: blocks change who adds, not what is added.
  @Test(arguments: [2, 3, 5])
  func blocksChangeNothing(blocks: Int) throws {
    let whole = try graph(Self.text)
    let split = try graph(
      Self.text.replacingOccurrence(
        of: "weights: { op: parameters,",
        with: "weights: { op: parameters, axes: { block: \(blocks) },"))
    let expected = try weights("weights", of: run(whole), whole)
    let result = try run(split)
    let parts = try (0..<blocks).flatMap { try weights("weights", of: result, split, place: $0) }
    #expect(bits(parts) == bits(expected))
  }

  /// Blocks that begin as a whole take their ranges of it.
  @Test(arguments: [2, 3, 5])
  func blocksBeginAsAWhole(blocks: Int) throws {
    func begun(_ axes: String) throws -> Graph {
      try graph(
        digits(until: "steps: 3").replacingOccurrence(
          of: "weights: { op: parameters, model: softmax }",
          with: "first: { op: parameters, inputs: 64, classes: 10, model: softmax }\n"
            + "  weights: { op: parameters, initial: first\(axes) }"))
    }
    let whole = try begun("")
    let split = try begun(", axes: { block: \(blocks) }")
    let expected = try weights("weights", of: run(whole), whole)
    let result = try run(split)
    let parts = try (0..<blocks).flatMap { try weights("weights", of: result, split, place: $0) }
    #expect(bits(parts) == bits(expected))
  }

  /// The loss and the metrics of a run have the same bits too.
  @Test func metricsAreTheSame() throws {
    let graph = try graph(digits(until: "epochs: 3"))
    let one = try run(graph, threads: 1, window: 1)
    let other = try run(graph, threads: 4, window: 8, seed: 3)
    #expect(one.loss == other.loss)
    #expect(
      one.evaluations.map { $0.metrics.map(\.value) }
        == other.evaluations.map { $0.metrics.map(\.value) })
    #expect(one.evaluations.count == 3)
  }
}

extension String {
  /// The text with a part replaced; the part must be there.
  func replacingOccurrence(of part: String, with other: String) -> String {
    guard let range = range(of: part) else {
      Issue.record("'\(part)' is not in the text")
      return self
    }
    return replacingCharacters(in: range, with: other)
  }

  private func range(of part: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
      start = index(after: start)
    }
    return nil
  }

  private func replacingCharacters(in range: Range<Index>, with other: String) -> String {
    String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
  }
}
