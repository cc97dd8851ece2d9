import GlissadeGraph
import GlissadeSystem
import GlissadeTensor

/// Where the rows of a port come from, for a reader that takes some of them straight from their files.
struct RowOrigin: Sendable {
  /// The files.
  var source: RowSource
  /// The row of the source that row 0 of all places is.
  var first: Int
  /// The node whose rows are described: facts that another node passes on say nothing of its own rows.
  var node: String
  /// The port of the node.
  var port: String
  /// The order in which the source's rows are taken; nil where they stay in their own.
  var permutation: KeyedPermutation?
  /// What may be kept in memory.
  var streaming: RowStreaming
  /// The files of the world.
  var files: any FileSystem

  /// Whether any rows can be read where they lie.
  var isReadable: Bool { permutation == nil && source.isReadableAnywhere }

  /// The origin of rows that another node gives as it gets them, but for their scale; nil where it does not get these.
  func passed(on input: NodeInput, by name: String) -> RowOrigin? {
    guard describes(input) else { return nil }
    var passed = self
    passed.node = name
    passed.port = "value"
    return passed
  }

  /// Whether these are the rows that an input gives.
  func describes(_ input: NodeInput) -> Bool {
    input.node >= 0 && node == input.nodeName && port == input.port && input.staleness == 0
  }
}
