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
    var call: KernelCall
    var inner: [Value] = []
    let workspace: TensorStorage

    init(workspaceBytes: Int) {
      workspace = TensorStorage(byteCount: max(64, workspaceBytes), zeroed: false)
      call = KernelCall(
        place: 0, step: 0, inputs: [], bounds: [], outputs: [],
        workspace: UnsafeMutableRawBufferPointer(
          start: workspace.base, count: workspace.byteCount))
    }
  }

  private let plan: Plan
  private let tasks: Plan.Tasks
  private let stages: StageTable
  private let onceValues: [Value]
  private let isPrologue: Bool
  private let buffers: BufferPool
  private let benches: [Bench]
  private let ring: ValueRing
  /// Values that are held between the steps in which they are made.
  private let isHeld: [Bool]
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
    self.stages = stages
    self.onceValues = onceValues
    self.isPrologue = isPrologue
    self.buffers = buffers
    let table = tasks.table
    ring = ValueRing(valueCount: table.valueCount, steps: memory)
    var isHeld = [Bool](repeating: false, count: table.valueCount)
    for use in table.uses where use.time == .held { isHeld[Int(use.value)] = true }
    self.isHeld = isHeld
    benches = (0..<threads).map { _ in
      let bench = Bench(workspaceBytes: stages.workspaceBytes)
      bench.call.steps = steps
      bench.call.epochSteps = epochSteps
      return bench
    }
  }

  /// The value of a step, as long as it is alive.
  func value(_ value: Int, step: Int) -> Value? {
    guard isHeld[value] else { return ring[value, step] }
    return held.withLock { $0[value]?.first { $0.step == step }?.value }
  }

  /// Puts the version before step 0 of a state in its place.
  func setInitial(_ value: Int, to initial: Value) { ring[value, -1] = initial }

  /// Takes a value out of its place; it is let go where the caller lets it go.
  func remove(_ value: Int, step: Int) -> Value? {
    guard isHeld[value] else { return ring.remove(value, step: step) }
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
    let members = tasks.members(of: task)
    let uses = tasks.table.uses(of: task)
    for index in members.indices {
      let member = members[index]
      let entry = stages[member]
      guard let kernel = entry.kernel else { throw KernelError("this version cannot compute it") }
      let first = Int(member.firstInput)
      for position in first..<first + Int(member.inputCount) {
        let input = Int(tasks.inputs[position])
        bench.call.inputs.append(
          input < 0 ? bench.inner[-1 - input] : read(uses[uses.startIndex + input], at: step))
      }
      bench.call.bounds = stages.bounds(of: member, entry)
      stages.addOutputs(of: member, entry, from: buffers, to: &bench.call.outputs)
      bench.call.place = Int(member.place)
      bench.call.step = isPrologue ? -1 : step
      bench.call.isRoot = member.isRoot
      defer {
        bench.call.inputs.removeAll(keepingCapacity: true)
        bench.call.outputs.removeAll(keepingCapacity: true)
      }
      do { try kernel(&bench.call) } catch {
        bench.inner.removeAll(keepingCapacity: true)
        throw error
      }
      if index == members.endIndex - 1 {
        store(bench.call.outputs, of: task, step)
      } else {
        bench.inner.append(contentsOf: bench.call.outputs)
      }
    }
    bench.inner.removeAll(keepingCapacity: true)
  }

  private func store(_ outputs: [Value], of task: Int, _ step: Int) {
    var value = tasks.table.outputs(of: task).lowerBound
    for output in outputs {
      if isHeld[value] {
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
