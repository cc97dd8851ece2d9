import GlissadeData
public import GlissadeGraph
import GlissadeOperations
import GlissadeSystem
import GlissadeTensor

/// The one hash of all the weights of a run: what runs with other threads, windows or machines are compared by.
public enum WeightsHash {
  /// SHA-256 over the tensors of all `parameters` nodes that the plan computes.
  ///
  /// Each tensor is named `NODE/TENSOR`, or `NODE/PLACE/TENSOR` where the node has axes beside `block`, with a place such
  /// as `model=conv`; blocks are joined first, so their number does not show. The tensors are taken in the order
  /// of the UTF-8 bytes of these names. Of each are hashed: the name, a line feed, the shape as in `[10, 64]`, a line feed,
  /// and the elements as little-endian Float32, without padding. In Python:
  /// `h.update(f"{name}\n{list(t.shape)}\n".encode() + t.tobytes())`.
  ///
  /// A node whose output asks for the best version is hashed in that version, any other in its last. Nil where the
  /// run has no weights, or was interrupted before it had all of them. O(parameters).
  public static func hash(_ result: RunResult, graph: Graph) -> String? {
    var tensors: [SafeTensors.Named] = []
    for (index, node) in graph.nodes.enumerated() where node.operation.isState {
      let port = node.shape.ports[0]
      guard port.specs.first.kind == .parameters else { continue }
      let reference = Graph.PortReference(node: index, port: port.name)
      let isBest =
        result.best != nil && graph.outputs.contains { $0.port == reference && $0.isBest }
      let members = port.axes.filter { $0.name != "block" }
      var families: [(name: String, values: [Value], facts: [ModelFacts])] = []
      for place in 0..<port.axes.placeCount {
        guard let value = result.value(of: reference, place: place, best: isBest),
          !value.tensors.isEmpty, let facts = port.specs[place].facts as? ModelFacts
        else { return nil }
        let name = members.isEmpty ? node.name : "\(node.name)/\(phrase(place, port.axes))"
        if let family = families.firstIndex(where: { $0.name == name }) {
          families[family].values.append(value)
          families[family].facts.append(facts)
        } else {
          families.append((name, [value], [facts]))
        }
      }
      for family in families {
        tensors += ModelTensors.parameters(family.values, family.facts).map {
          SafeTensors.Named("\(family.name)/\($0.name)", $0.tensor)
        }
      }
    }
    return tensors.isEmpty ? nil : hash(tensors)
  }

  private static func hash(_ tensors: [SafeTensors.Named]) -> String {
    let hash = SHA256()
    let sorted = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    for tensor in sorted {
      hash.update("\(tensor.name)\n\(tensor.tensor.shape)\n")
      tensor.tensor.withBytes { hash.update($0) }
    }
    return hash.finalize()
  }

  /// The coordinates of a place on the axes that count models.
  private static func phrase(_ place: Int, _ axes: [Axis]) -> String {
    zip(axes, axes.coordinates(of: place)).filter { $0.0.name != "block" }
      .map { "\($0.name)=\($0.labels?[$1] ?? String($1))" }.joined(separator: ",")
  }
}
