import GlissadeGraph
import GlissadeStore
import GlissadeTensor

/// The stages of a plan, laid out so that a worker finds at once what a member of a task needs.
struct StageTable: Sendable {
  /// What the engine needs of a stage.
  struct Entry: Sendable {
    var kernel: Kernel?
    var outputs: [PlaceSpecs]
    /// How many values each input has; of a tree's first input it is what is left.
    var counts: [Int]
    var isTree: Bool
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
            kernel: stage.kernel, outputs: stage.outputs,
            counts: stage.inputs.map { input in
              let axes: [Axis] =
                switch input.source {
                case .input(let number): node.inputs[number].axes
                case .stage(let number, _), .previous(let number, _): node.shape.stages[number].axes
                }
              return axes.filter { input.taken.contains($0.name) }.placeCount
            }, isTree: stage.treeFanIn != nil))
      }
    }
    self.entries = entries
    firstOfNode = first
    workspaceBytes = plan.graph.nodes.flatMap(\.shape.stages).map(\.workspace).max() ?? 0
  }

  subscript(member: Plan.Member) -> Entry {
    entries[firstOfNode[Int(member.node)] + Int(member.stage)]
  }

  /// Where each input of a member begins among its values.
  func bounds(of member: Plan.Member, _ entry: Entry) -> [Int] {
    var bounds = [0]
    let others = entry.counts.dropFirst().reduce(0, +)
    for (index, count) in entry.counts.enumerated() {
      let own = index == 0 && entry.isTree ? Int(member.inputCount) - others : count
      bounds.append(bounds[index] + own)
    }
    return bounds
  }

  /// Outputs in their greatest shapes, over buffers of the pool.
  func outputs(of member: Plan.Member, _ entry: Entry, from pool: BufferPool) -> [Value] {
    entry.outputs.map { specs in
      let spec = specs[Int(member.place)]
      guard !spec.aliasesInput else { return Value() }
      return Value(
        spec.tensors.map { tensor in
          Tensor(tensor.type, tensor.shape, storage: pool.storage(byteCount: tensor.byteCount))
        })
    }
  }
}
