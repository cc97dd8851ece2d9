import GlissadeData
import GlissadeGraph
import GlissadeKernels
import GlissadeModels
import GlissadeOperations
import GlissadeTensor

/// Parameters and what belongs to them, as the named tensors of a model file.
struct ModelTensors {
  /// The tensors.
  private(set) var tensors: [SafeTensors.Named] = []

  /// The tensors of flat buffers by their names in the layout; each buffer covers a range of it, together all of it.
  ///
  /// The padding between tensors is left out. O(parameters).
  init(joining buffers: [(range: Range<Int>, tensor: Tensor)], layout: TensorLayout) {
    var whole = Tensor(.float32, Shape(layout.count))
    whole.withMutableElements(of: Float.self) { target in
      for (range, tensor) in buffers {
        tensor.withElements(of: Float.self) { source in
          for (index, element) in zip(range, source) { target[index] = element }
        }
      }
    }
    tensors = whole.withElements(of: Float.self) { elements in
      layout.entries.map { entry in
        SafeTensors.Named(entry.name, Tensor(Array(elements[entry.range]), shape: entry.shape))
      }
    }
  }

  /// The parameters of one model: a value for each of its blocks, in their order.
  static func parameters(_ values: [Value], _ facts: [ModelFacts]) -> [SafeTensors.Named] {
    guard let layout = facts.first?.network.layout else { return [] }
    let buffers = zip(values, facts).map { (range: $1.range, tensor: $0.tensors[0]) }
    return ModelTensors(joining: buffers, layout: layout).tensors
  }

  /// An optimizer's state: its buffers as `m.dense.0.weight`, and what it counts as it is.
  static func state(
    _ values: [Value], _ facts: [ModelFacts], _ spec: ValueSpec
  ) -> [SafeTensors.Named] {
    guard let layout = facts.first?.network.layout, let first = values.first else { return [] }
    var result: [SafeTensors.Named] = []
    for (index, tensor) in spec.tensors.enumerated() {
      guard tensor.type == .float32 else {
        // Every block counts the same updates.
        result.append(SafeTensors.Named(tensor.name, first.tensors[index]))
        continue
      }
      let buffers = zip(values, facts).map { (range: $1.range, tensor: $0.tensors[index]) }
      result += ModelTensors(joining: buffers, layout: layout).tensors.map {
        SafeTensors.Named("\(tensor.name).\($0.name)", $0.tensor)
      }
    }
    return result
  }
}

extension RunOutputs {
  /// The port of the statistics that a model's data was scaled by, where a node of the graph scaled it.
  static func statistics(of facts: ModelFacts, in graph: Graph) -> Graph.PortReference? {
    guard let name = facts.scaledBy, let node = graph.index(of: name),
      graph.nodes[node].port("statistics") != nil
    else { return nil }
    return Graph.PortReference(node: node, port: "statistics")
  }

  /// How the rows of a model are scaled: by a node of the graph, or as the file said that the model came from.
  func scaling(of facts: ModelFacts, _ result: RunResult) -> ModelFacts.Scaling? {
    guard let port = RunOutputs.statistics(of: facts, in: graph) else { return facts.scaling }
    guard let value = result.value(of: port), value.tensors.count == 2 else { return nil }
    return ModelFacts.Scaling(
      multiplier: value.tensors[0].elements(of: Float.self),
      offset: value.tensors[1].elements(of: Float.self))
  }

  /// What every file of tensors says of the run that wrote it.
  ///
  /// `format` is what PyTorch's and Hugging Face's readers look for.
  func metadata(step: Int) -> [String: String] {
    [
      "format": "pt", "glissade.graph": graph.description.name, "glissade.graph_sha256": sha256,
      "glissade.seed": String(graph.description.seed), "glissade.step": String(step),
      "glissade.kernels": KernelFingerprint.current,
    ]
  }
}
