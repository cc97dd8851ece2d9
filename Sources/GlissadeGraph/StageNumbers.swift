/// Numbers the stages of all nodes in one row, so that what is known of each lies in a flat array: an array a node costs
/// far more in graphs of many nodes.
package struct StageNumbers: Sendable {
  /// By node, the number of its first stage.
  private var first: [Int] = []
  /// The number of all stages.
  package private(set) var count = 0

  init(of nodes: [Graph.Node]) {
    first.reserveCapacity(nodes.count)
    for node in nodes {
      first.append(count)
      count += node.shape.stages.count
    }
  }

  /// The number of a stage of a node.
  package subscript(node: Int, stage: Int) -> Int { first[node] + stage }
}
