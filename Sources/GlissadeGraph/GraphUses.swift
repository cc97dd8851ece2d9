/// Who reads what of a graph's nodes: for attributes that have an effect only if somebody reads a certain port.
public struct GraphUses: Sendable {
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
  private var readers: [[Reader]]
  private let outputs: [Graph.Output]

  /// - Complexity: O(nodes + references).
  init(_ nodes: [Graph.Node], outputs: [Graph.Output]) {
    self.nodes = nodes
    self.outputs = outputs
    readers = Array(repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in node.inputs + node.facts where input.node >= 0 {
        readers[input.node].append(Reader(node: index, path: input.path, port: input.port))
      }
    }
  }

  /// Who reads a node; what it writes to files does not count.
  public func readers(of node: Int) -> [Reader] { readers[node] }

  /// Whether a node or an output reads one of some ports.
  public func reads(_ ports: [String], of node: Int) -> Bool {
    readers[node].contains { ports.contains($0.port) }
      || outputs.contains { $0.port.node == node && ports.contains($0.port.port) }
  }
}
