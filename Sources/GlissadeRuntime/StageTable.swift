import GlissadeGraph
import GlissadeStore
import GlissadeTensor

/// The stages of a plan, laid out so that a worker finds at once what a member of a task needs.
struct StageTable: Sendable {
  /// What the engine needs of a stage.
  final class Entry: Sendable {
    let kernel: Kernel?
    /// The tensors that each output is allocated, at each place or at all alike; none where it is a view or empty.
    let outputs: [[[TensorSpec]]]
    /// Where each input begins among the values; for a task of a tree as if it took all leaves.
    let bounds: [Int]

    init(kernel: Kernel?, outputs: [[[TensorSpec]]], bounds: [Int]) {
      self.kernel = kernel
      self.outputs = outputs
      self.bounds = bounds
    }
  }

  private let entries: [Entry]
  private let firstOfNode: [Int]
  /// The greatest workspace of any task.
  let workspaceBytes: Int

  init(_ plan: Plan) {
    var entries: [Entry] = []
    var first: [Int] = []
    for node in plan.graph.nodes {
      first.append(entries.count)
      for stage in node.shape.stages {
        entries.append(
          Entry(
            kernel: stage.kernel, outputs: stage.outputs.map(StageTable.tensors),
            bounds: stage.inputs.reduce(into: [0]) { bounds, input in
              let axes: [Axis] =
                switch input.source {
                case .input(let number): node.inputs[number].axes
                case .stage(let number, _), .previous(let number, _): node.shape.stages[number].axes
                }
              let count = axes.filter { input.taken.contains($0.name) }.placeCount
              bounds.append(bounds[bounds.count - 1] + count)
            }))
      }
    }
    self.entries = entries
    firstOfNode = first
    workspaceBytes = plan.graph.nodes.flatMap(\.shape.stages).map(\.workspace).max() ?? 0
  }

  private static func tensors(_ specs: PlaceSpecs) -> [[TensorSpec]] {
    func own(_ spec: ValueSpec) -> [TensorSpec] { spec.aliasesInput ? [] : spec.tensors }
    switch specs {
    case .uniform(let spec): return [own(spec)]
    case .each(let each): return each.map(own)
    }
  }

  subscript(member: Plan.Member) -> Entry {
    entries[firstOfNode[Int(member.node)] + Int(member.stage)]
  }

  /// Where each input of a member begins among its values.
  func bounds(of member: Plan.Member, _ entry: Entry) -> [Int] {
    let usual = entry.bounds
    let missing = usual[usual.count - 1] - Int(member.inputCount)
    // Only a tree's tasks have fewer or more: its first input is what is left.
    return missing == 0 ? usual : [0] + usual.dropFirst().map { $0 - missing }
  }

  /// Adds outputs in their greatest shapes, over buffers of the pool.
  func addOutputs(
    of member: Plan.Member, _ entry: Entry, from pool: BufferPool, to outputs: inout [Value]
  ) {
    for places in entry.outputs {
      let tensors = places.count == 1 ? places[0] : places[Int(member.place)]
      if tensors.isEmpty {
        outputs.append(Value())
        continue
      }
      outputs.append(
        Value(
          tensors.map { tensor in
            Tensor(tensor.type, tensor.shape, storage: pool.storage(byteCount: tensor.byteCount))
          }))
    }
  }
}
