public import GlissadeGraph
import GlissadeSystem
import GlissadeTensor

/// What a graph has found in its data: what its record would be read against wrongly, were the data others.
public enum DataShapes {
  /// SHA-256 over the number of steps and, of each port, its axes, rows and tensors with their shapes.
  ///
  /// Data of the same shapes give the same: they would have made the same tasks. O(places of ports whose places differ).
  public static func sha256(of graph: Graph) -> String {
    let hash = SHA256()
    hash.update("steps \(graph.run.steps)\n")
    for node in graph.nodes {
      for port in node.shape.ports {
        hash.update("\(node.name).\(port.name) \(port.axes.phrase)\n")
        switch port.specs {
        case .uniform(let spec): hash.update(line(spec))
        case .each(let specs): for spec in specs { hash.update(line(spec)) }
        }
      }
    }
    return hash.finalize()
  }

  private static func line(_ spec: ValueSpec) -> String {
    "\(spec.kind) \(spec.rows)"
      + spec.tensors.map { " \($0.name) \($0.type.rawValue) \($0.shape)" }.joined() + "\n"
  }
}
