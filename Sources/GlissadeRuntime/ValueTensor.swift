import GlissadeGraph
import GlissadeModels
import GlissadeOperations
import GlissadeTensor

/// One tensor of a value by the name that users know it by.
struct ValueTensor {
  /// The name: `dense.0.weight` of parameters, `m.dense.0.weight` of a state, `sum.dense.0.weight` of a gradient.
  let name: String
  /// The tensor of the record that it is, or lies in: `parameters`, `m`, `sum`.
  let record: String
  /// The elements.
  let tensor: Tensor

  /// The tensors of a value.
  ///
  /// A buffer that is flat as a model's parameters comes as the tensors that lie in it, in their shapes and without the
  /// gaps between them. Where a block has only a part of a tensor, that part is flat and says which: `weight[0:320]`.
  /// O(elements).
  static func all(of value: Value, _ spec: ValueSpec) -> [ValueTensor] {
    value.tensors.enumerated().flatMap { index, tensor -> [ValueTensor] in
      let record = index < spec.tensors.count ? spec.tensors[index].name : "\(index)"
      guard [.parameters, .gradient, .state].contains(spec.kind), tensor.type == .float32,
        let facts = spec.facts as? ModelFacts, tensor.shape == Shape(facts.range.count)
      else { return [ValueTensor(name: record, record: record, tensor: tensor)] }
      let prefix = spec.kind == .parameters ? "" : record + "."
      return tensor.withElements(of: Float.self) { elements in
        facts.network.layout.entries.compactMap { entry in
          let found = entry.range.clamped(to: facts.range)
          guard !found.isEmpty else { return nil }
          let first = found.lowerBound - facts.range.lowerBound
          let part = Array(elements[first..<first + found.count])
          guard found != entry.range else {
            return ValueTensor(
              name: prefix + entry.name, record: record, tensor: Tensor(part, shape: entry.shape))
          }
          let bounds = (found.lowerBound - entry.offset, found.upperBound - entry.offset)
          return ValueTensor(
            name: "\(prefix)\(entry.name)[\(bounds.0):\(bounds.1)]", record: record,
            tensor: Tensor(part))
        }
      }
    }
  }
}
