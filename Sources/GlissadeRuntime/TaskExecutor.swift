import GlissadeGraph
import GlissadeStore
import GlissadeSystem
import GlissadeTensor

/// Runs the kernels of one table's tasks and keeps its values: what acts, whoever decides.
///
/// `@unchecked Sendable`: each worker has a bench of its own; the ring's places have one writer each.
final class TaskExecutor: @unchecked Sendable {
  /// What a worker uses again and again, so that a task allocates only what it hands on.
  private final class Bench {
    /// Behind an address, so that no access to it is tracked.
    let call: UnsafeMutablePointer<KernelCall>
    var inner: [Value] = []
    private let workspace: TensorStorage

    init(workspaceBytes: Int) {
      workspace = TensorStorage(byteCount: max(64, workspaceBytes), zeroed: false)
      call = .allocate(capacity: 1)
      call.initialize(
        to: KernelCall(
          place: 0, step: 0, inputs: [], bounds: [], outputs: [],
          workspace: UnsafeMutableRawBufferPointer(
            start: workspace.base, count: workspace.byteCount)))
    }

    deinit {
      call.deinitialize(count: 1)
      call.deallocate()
    }
  }

  private let plan: Plan
  private let tasks: Plan.Tasks
  // The tables that a dispatch reads.
  private let memberStart: FrozenArray<Int32>
  private let members: FrozenArray<Plan.Member>
  private let inputs: FrozenArray<Int32>
  private let useStart: FrozenArray<Int32>
  private let uses: FrozenArray<ValueUse>
  private let outputStart: FrozenArray<Int32>
  private let stages: StageTable
  private let onceValues: [Value]
  private let isPrologue: Bool
  private let buffers: BufferPool
  private let benches: [Bench]
  private let ring: ValueRing
  /// Values that are held between the steps in which they are made.
  private let isHeld: FrozenArray<Bool>
  private let held = Lock<[Int: [(step: Int, value: Value)]]>([:])

  /// - Parameters:
  ///   - memory: How many steps the ring holds at a time.
  ///   - steps: The steps of the run, for schedules that end with it.
  init(
    _ tasks: Plan.Tasks, of plan: Plan, stages: StageTable, onceValues: [Value], isPrologue: Bool,
    buffers: BufferPool, threads: Int, memory: Int, steps: Int, epochSteps: Int
  ) {
    self.plan = plan
    self.tasks = tasks
    memberStart = FrozenArray(tasks.memberStart)
    members = FrozenArray(tasks.members)
    inputs = FrozenArray(tasks.inputs)
    useStart = FrozenArray(tasks.table.useStart)
    uses = FrozenArray(tasks.table.uses)
    outputStart = FrozenArray(tasks.table.outputStart)
    self.stages = stages
    self.onceValues = onceValues
    self.isPrologue = isPrologue
    self.buffers = buffers
    let table = tasks.table
    ring = ValueRing(valueCount: table.valueCount, steps: memory)
    var isHeld = [Bool](repeating: false, count: table.valueCount)
    for use in table.uses where use.time == .held { isHeld[Int(use.value)] = true }
    self.isHeld = FrozenArray(isHeld)
    benches = (0..<threads).map { _ in
      let bench = Bench(workspaceBytes: stages.workspaceBytes)
      bench.call.pointee.steps = steps
      bench.call.pointee.epochSteps = epochSteps
      return bench
    }
  }

  /// The value of a step, as long as it is alive.
  func value(_ value: Int, step: Int) -> Value? {
    guard isHeld.base[value] else { return ring[value, step] }
    return held.withLock { $0[value]?.first { $0.step == step }?.value }
  }

  /// Puts the version before step 0 of a state in its place.
  func setInitial(_ value: Int, to initial: Value) { ring[value, -1] = initial }

  /// Takes a value out of its place; it is let go where the caller lets it go.
  func remove(_ value: Int, step: Int) -> Value? {
    guard isHeld.base[value] else { return ring.remove(value, step: step) }
    return held.withLock { held in
      guard let index = held[value]?.firstIndex(where: { $0.step == step }) else { return nil }
      return held[value]?.remove(at: index).value
    }
  }

  /// Runs the members of a task one after another and puts the outputs of the last in their places.
  ///
  /// - Throws: What a kernel throws. No output has its place then.
  func execute(_ task: Int, step: Int, on worker: Int) throws {
    let bench = benches[worker]
    let call = bench.call
    let firstUse = Int(useStart.base[task])
    let last = Int(memberStart.base[task + 1]) - 1
    for number in Int(memberStart.base[task])...last {
      let member = members.base[number]
      let entry = stages[member]
      guard let kernel = entry.kernel else { throw KernelError("this version cannot compute it") }
      let first = Int(member.firstInput)
      for position in first..<first + Int(member.inputCount) {
        let input = Int(inputs.base[position])
        call.pointee.inputs.append(
          input < 0 ? bench.inner[-1 - input] : read(uses.base[firstUse + input], at: step))
      }
      call.pointee.bounds = stages.bounds(of: member, entry)
      stages.addOutputs(of: member, entry, from: buffers, to: &call.pointee.outputs)
      call.pointee.place = Int(member.place)
      call.pointee.step = isPrologue ? -1 : step
      call.pointee.isRoot = member.isRoot
      defer {
        call.pointee.inputs.removeAll(keepingCapacity: true)
        call.pointee.outputs.removeAll(keepingCapacity: true)
      }
      do { try kernel(&call.pointee) } catch {
        bench.inner.removeAll(keepingCapacity: true)
        throw error
      }
      if number == last {
        store(call.pointee.outputs, of: task, step)
      } else {
        bench.inner.append(contentsOf: call.pointee.outputs)
      }
    }
    if !bench.inner.isEmpty { bench.inner.removeAll(keepingCapacity: true) }
  }

  private func store(_ outputs: [Value], of task: Int, _ step: Int) {
    var value = Int(outputStart.base[task])
    for output in outputs {
      if isHeld.base[value] {
        held.withLock { $0[value, default: []].append((step, output)) }
      } else {
        ring[value, step] = output
      }
      value += 1
    }
  }

  private func read(_ use: ValueUse, at step: Int) -> Value {
    let value = Int(use.value)
    switch use.time {
    case .once: return onceValues[value]
    case .step:
      let source = max(step - Int(use.lag), Int(use.floor))
      guard let found = self.value(value, step: source) else {
        preconditionFailure("value \(value) of step \(source) is read after it was let go")
      }
      return found
    case .held:
      let period = Int(tasks.table.period[Int(tasks.table.producer[value])])
      let source = (step - Int(use.lag) + 1) / period * period - 1
      return source < 0 ? Value() : self.value(value, step: source) ?? Value()
    }
  }

  /// What went wrong in a task, with its node, step and place.
  func describe(_ error: any Error, task: Int, step: Int) -> String {
    guard let member = tasks.members(of: task).last else { return "\(error)" }
    let node = plan.graph.nodes[Int(member.node)]
    let stage = node.shape.stages[Int(member.stage)]
    var place = ""
    if !stage.axes.isEmpty { place = ", place \(stage.axes.placePhrase(Int(member.place)))" }
    let time = isPrologue ? "before the first step" : "step \(step + 1)"
    return "node '\(node.name)', \(time)\(place): \(error)"
  }
}
