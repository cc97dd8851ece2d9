/// Who reads what of a graph's nodes: for attributes that have an effect only if somebody reads a certain port.
///
/// A class, which looks for readers once somebody asks: most graphs have no such attributes.
public final class GraphUses {
  /// Somebody who reads a port.
  public struct Reader: Sendable {
    /// The node that reads, by its number.
    public let node: Int
    /// The attribute that refers to the port.
    public let path: String
    /// The port.
    public let port: String
  }

  /// The nodes of the graph.
  public let nodes: [Graph.Node]
  private let outputs: [Graph.Output]
  private lazy var lists = Lists(of: nodes)

  init(_ nodes: [Graph.Node], outputs: [Graph.Output]) {
    self.nodes = nodes
    self.outputs = outputs
  }

  /// The readers of all nodes.
  private struct Lists {
    /// All that read, in the order of the nodes.
    var readers: [Reader] = []
    /// By node that is read, one node after another, the places of its readers.
    var places: [Int]
    /// By node, where its readers begin in `places`; one more entry than nodes.
    var starts: [Int]

    /// - Complexity: O(nodes + references).
    init(of nodes: [Graph.Node]) {
      var targets: [Int] = []
      starts = Array(repeating: 0, count: nodes.count + 1)
      for (index, node) in nodes.enumerated() {
        for inputs in [node.inputs, node.facts] {
          for input in inputs where input.node >= 0 {
            readers.append(Reader(node: index, path: input.path, port: input.port))
            targets.append(input.node)
            starts[input.node + 1] += 1
          }
        }
      }
      for node in nodes.indices { starts[node + 1] += starts[node] }
      places = Array(repeating: 0, count: targets.count)
      var next = starts
      for (place, target) in targets.enumerated() {
        places[next[target]] = place
        next[target] += 1
      }
    }
  }

  /// Who reads a node; what it writes to files does not count.
  public func readers(of node: Int) -> [Reader] {
    lists.places[lists.starts[node]..<lists.starts[node + 1]].map { lists.readers[$0] }
  }

  /// Whether a node or an output reads one of some ports.
  public func reads(_ ports: [String], of node: Int) -> Bool {
    readers(of: node).contains { ports.contains($0.port) }
      || outputs.contains { $0.port.node == node && ports.contains($0.port.port) }
  }
}
