import GlissadeFormat
import GlissadeGraph
import GlissadeSystem
import Testing

/// The eight golden graphs of the repository.
let goldenNames = [
  "a-data-parallel", "b-federated", "c-partitioned", "d-stale", "e-mutual", "f-gpt",
  "g-inference", "h-custom-reduce",
]

/// The bytes of a golden graph.
func goldenBytes(_ name: String) throws -> [UInt8] {
  let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  return try LocalFileSystem().readAll("/\(root)/Graphs/golden/\(name).yaml", limit: 1 << 20)
}

/// Reads a text as a graph file.
func read(_ text: String, limits: GraphLimits = .standard) throws(GraphError) -> GraphDescription {
  try GraphReader.read(Array(text.utf8), file: "t.yaml", limits: limits)
}

/// The findings that a text ends with; empty where it is read.
func findings(_ text: String, limits: GraphLimits = .standard) -> [Diagnostic] {
  findings(Array(text.utf8), limits: limits)
}

/// The findings that bytes end with; empty where they are read.
func findings(_ bytes: [UInt8], limits: GraphLimits = .standard) -> [Diagnostic] {
  do throws(GraphError) {
    _ = try GraphReader.read(bytes, file: "t.yaml", limits: limits)
    return []
  } catch { return error.diagnostics }
}

/// Findings as `LINE:COLUMN MESSAGE`.
func places(_ text: String, limits: GraphLimits = .standard) -> [String] {
  findings(text, limits: limits).map { diagnostic in
    "\(diagnostic.position?.line ?? 0):\(diagnostic.position?.column ?? 0) \(diagnostic.message)"
  }
}

/// A graph whose one node has one attribute `x`, written as `text`.
func withAttribute(_ text: String) -> String {
  "glissade: 1\nname: t\nnodes:\n  n: { op: o, x: \(text) }\n"
}

/// The value that stands behind the attribute `x` in `withAttribute`.
func attribute(_ text: String) throws -> AttributeValue {
  try #require(read(withAttribute(text)).nodes.first?["x"])
}

/// Random numbers from a seed so that a failing case can be run again: Vigna's splitmix64 of 2015.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
