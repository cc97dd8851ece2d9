import GlissadeGraph
import GlissadeStore
import GlissadeTensor

/// The stages of a plan, laid out so that a worker finds at once what a member of a task needs.
struct StageTable: Sendable {
  /// What the engine needs of a stage.
  final class Entry: Sendable {
    let kernel: Kernel
    let outputCount: Int
    /// The tensors that each output is allocated, at each place or at all alike; none where it is a view or empty.
    let outputs: [[[TensorSpec]]]
    /// Whether any output has tensors of its own.
    let isAllocating: Bool
    /// The output that may be made where an input lies.
    let inPlace: (output: Int, input: Int)?
    /// Where each input begins among the values; for a task of a tree as if it took all leaves.
    let bounds: FrozenArray<Int>

    init(
      kernel: Kernel?, outputs: [[[TensorSpec]]], bounds: [Int],
      inPlace: (output: Int, input: Int)?
    ) {
      self.inPlace = inPlace
      self.kernel = kernel ?? { _ in throw KernelError("this version cannot compute it") }
      self.outputs = outputs
      outputCount = outputs.count
      isAllocating = outputs.contains { $0.contains { !$0.isEmpty } }
      self.bounds = FrozenArray(bounds)
    }

    /// Whether an output of a member has tensors of its own.
    func isOwn(_ output: Int, of member: Plan.Member) -> Bool {
      let places = outputs[output]
      return !(places.count == 1 ? places[0] : places[Int(member.place)]).isEmpty
    }

    /// Where each input of a member begins among its values: only a tree's tasks have fewer or more than usual.
    @inline(__always)
    func bounds(of member: Plan.Member) -> KernelBounds {
      KernelBounds(
        bounds.base, inputCount: bounds.count - 1,
        shift: bounds.base[bounds.count - 1] - Int(member.inputCount))
    }

    /// Puts outputs in their greatest shapes into their places, over buffers of the pool; one of them may be there already.
    func fill(
      _ target: UnsafeMutablePointer<Value>, for member: Plan.Member, from pool: BufferPool,
      without done: Int = -1
    ) {
      for number in 0..<outputCount where number != done {
        guard isAllocating else {
          (target + number).pointee = Value()
          continue
        }
        let places = outputs[number]
        let tensors = places.count == 1 ? places[0] : places[Int(member.place)]
        (target + number).pointee = Value(
          tensors.map { tensor in
            Tensor(tensor.type, tensor.shape, storage: pool.storage(byteCount: tensor.byteCount))
          })
      }
    }
  }

  private let entries: [Entry]
  private let firstOfNode: [Int]
  /// The greatest workspace of any task.
  let workspaceBytes: Int
  /// The greatest workspace of a task that can be run again.
  let repeatableWorkspaceBytes: Int

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
                case .port(let number, let port):
                  plan.graph.nodes[node.inputs[number].node].port(port)?.axes ?? []
                }
              let count = axes.filter { input.taken.contains($0.name) }.placeCount
              bounds.append(bounds[bounds.count - 1] + count)
            }, inPlace: stage.inPlace))
      }
    }
    self.entries = entries
    firstOfNode = first
    let needs = StageTable.workspaces(plan)
    (workspaceBytes, repeatableWorkspaceBytes) = (needs.all, needs.repeatable)
  }

  /// The greatest workspace of any task of a plan, and of one that can be run again.
  static func workspaces(_ plan: Plan) -> (all: Int, repeatable: Int) {
    var most = (all: 0, repeatable: 0)
    for node in plan.graph.nodes {
      for number in node.shape.stages.indices {
        let bytes = node.shape.stages[number].workspace
        most.all = max(most.all, bytes)
        if node.shape.stages[number].isRepeatable { most.repeatable = max(most.repeatable, bytes) }
      }
    }
    return most
  }

  private static func tensors(_ specs: PlaceSpecs) -> [[TensorSpec]] {
    func own(_ spec: ValueSpec) -> [TensorSpec] { spec.aliasesInput ? [] : spec.tensors }
    switch specs {
    case .uniform(let spec): return [own(spec)]
    case .each(let each): return each.map(own)
    }
  }

  /// By member of a table's tasks: its entry, held by this table.
  func entries(of members: [Plan.Member]) -> [Unmanaged<Entry>] {
    members.map {
      Unmanaged.passUnretained(entries[firstOfNode[Int($0.node)] + Int($0.stage)])
    }
  }
}
