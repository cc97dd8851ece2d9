import GlissadeGraph
import GlissadeSchedule
import GlissadeStore
import GlissadeSystem
import GlissadeTensor

/// Runs the kernels of one table's tasks and keeps its values: what acts, whoever decides.
///
/// A kernel reads its inputs where they lie in the ring and fills its outputs in their places there, so that a task moves
/// nothing but what its kernel moves.
///
/// `@unchecked Sendable`: each worker has a bench of its own; the ring's places have one writer each.
final class TaskExecutor: @unchecked Sendable {
  private let plan: Plan
  private let tasks: Plan.Tasks
  // The tables that a dispatch reads.
  private let memberStart: FrozenArray<Int32>
  private let members: FrozenArray<Plan.Member>
  private let entries: FrozenArray<Unmanaged<StageTable.Entry>>
  private let inputs: FrozenArray<Int32>
  private let useStart: FrozenArray<Int32>
  private let uses: FrozenArray<ValueUse>
  private let outputStart: FrozenArray<Int32>
  /// By task: whether all of it lies in the ring, and it has one member.
  private let isPlain: FrozenArray<Bool>
  /// By task: whether only the shapes of its value are made, whose bytes somebody else will bring.
  private let isDeferred: [Bool]
  /// By member: the number, among the inputs of its task, of the one in whose place it may make an output; -1 where there
  /// is none that nobody else reads.
  private let ownInput: FrozenArray<Int32>
  private let stages: StageTable
  private let onceValues: UnsafeMutableBufferPointer<Value>
  private let isPrologue: Bool
  private let buffers: BufferPool
  private var benches: [ExecutorBench]
  /// Whether values are put away and brought back.
  private let isMoving: Bool
  private let benchOfWorker: FrozenArray<Unmanaged<ExecutorBench>>
  /// One for each thread that runs tasks again.
  private let loaderBenches: [ExecutorBench]
  private let ring: ValueRing
  /// Values that are held between the steps in which they are made.
  private let isHeld: FrozenArray<Bool>
  private let held = Lock<[Int: [(step: Int, value: Value)]]>([:])
  /// Who moves rows between memory and the disk, by the node that has made it.
  private let moving = Lock<[RowMover]>([])

  /// - Parameters:
  ///   - deferred: By task, whether only the shapes of its value are made; none by default.
  ///   - memory: How many steps the ring holds at a time.
  ///   - steps: The steps of the run, for schedules that end with it.
  init(
    _ tasks: Plan.Tasks, of plan: Plan, stages: StageTable, onceValues: [Value], isPrologue: Bool,
    buffers: BufferPool, threads: Int, loaders: Int = 0, isMoving: Bool = false,
    deferred: [Bool] = [], memory: Int, steps: Int, epochSteps: Int
  ) {
    self.isMoving = isMoving
    isDeferred =
      deferred.isEmpty ? [Bool](repeating: false, count: tasks.table.taskCount) : deferred
    self.plan = plan
    self.tasks = tasks
    memberStart = FrozenArray(tasks.memberStart)
    members = FrozenArray(tasks.members)
    entries = FrozenArray(stages.entries(of: tasks.members))
    inputs = FrozenArray(tasks.inputs)
    useStart = FrozenArray(tasks.table.useStart)
    uses = FrozenArray(tasks.table.uses)
    outputStart = FrozenArray(tasks.table.outputStart)
    ownInput = FrozenArray(TaskExecutor.ownInputs(tasks, stages))
    self.stages = stages
    self.onceValues = .allocate(capacity: onceValues.count)
    _ = self.onceValues.initialize(from: onceValues)
    self.isPrologue = isPrologue
    self.buffers = buffers
    let table = tasks.table
    ring = ValueRing(valueCount: table.valueCount, steps: memory)
    var isHeld = [Bool](repeating: false, count: table.valueCount)
    for use in table.uses where use.time == .held { isHeld[Int(use.value)] = true }
    self.isHeld = FrozenArray(isHeld)
    let isDeferred = isDeferred
    isPlain = FrozenArray(
      (0..<table.taskCount).map { task in
        !isDeferred[task] && tasks.members(of: task).count == 1
          && !table.outputs(of: task).contains { isHeld[$0] }
      })
    let outputs = (0..<table.taskCount).map { task in
      tasks.members(of: task).reduce(0) { $0 + Int($1.outputCount) }
    }
    let most = (
      inputs: tasks.members.map { Int($0.inputCount) }.max() ?? 0, outputs: outputs.max() ?? 0
    )
    benches = (0..<threads).map { _ in
      ExecutorBench(
        inputs: most.inputs, outputs: most.outputs, workspaceBytes: stages.workspaceBytes,
        steps: steps, epochSteps: epochSteps)
    }
    benchOfWorker = FrozenArray(benches.map(Unmanaged.passUnretained))
    loaderBenches = (0..<loaders).map { _ in
      ExecutorBench(
        inputs: 1, outputs: 1, workspaceBytes: stages.repeatableWorkspaceBytes, steps: steps,
        epochSteps: epochSteps)
    }
  }

  deinit {
    onceValues.deinitialize()
    onceValues.deallocate()
  }

  /// The value of a step, as long as it is alive.
  func value(_ value: Int, step: Int) -> Value? {
    guard isHeld.base[value] else { return ring[value, step] }
    return held.withLock { $0[value]?.first { $0.step == step }?.value }
  }

  /// A value that is computed once.
  func onceValue(_ value: Int) -> Value { onceValues[value] }

  /// Runs the task of a value again, which reads no other, and fills the tensors that the value has.
  func remake(_ value: Int, in tensors: Value, on loader: Int) throws {
    let task = Int(tasks.table.producer[value])
    let number = Int(memberStart.base[task])
    let member = members.base[number]
    let bench = loaderBenches[loader]
    bench.outputs[0] = tensors
    defer { bench.clear() }
    try entries.base[number]._withUnsafeGuaranteedRef { entry in
      let call = bench.call
      call.pointee.setValues(
        inputs: KernelInputs(nil, count: 0), bounds: entry.bounds(of: member),
        outputs: KernelOutputs(bench.outputs, count: 1))
      call.pointee.place = Int(member.place)
      call.pointee.step = isPrologue ? -1 : 0
      call.pointee.isRoot = member.isRoot
      try entry.kernel(&call.pointee)
    }
    // A kernel that takes the tensors for its own has written elsewhere.
    for (made, kept) in zip(bench.outputs[0].tensors, tensors.tensors)
    where made.heldStorage !== kept.heldStorage {
      guard made.byteCount == kept.byteCount else {
        throw KernelError("a value that is computed again has another shape than before")
      }
      kept.unsafeBase.copyMemory(from: made.unsafeBase, byteCount: kept.byteCount)
    }
  }

  /// Gives up what only workers need: from here on tasks are only run again.
  func endWork() {
    benches = []
  }

  /// Puts the version before step 0 of a state in its place.
  func setInitial(_ value: Int, to initial: Value) { ring[value, -1] = initial }

  /// Takes a value out of its place; it is let go where the caller lets it go.
  @inline(__always)
  func remove(_ value: Int, step: Int) -> Value? {
    isHeld.base[value] ? removeHeld(value, step: step) : ring.remove(value, step: step)
  }

  private func removeHeld(_ value: Int, step: Int) -> Value? {
    held.withLock { held in
      guard let index = held[value]?.firstIndex(where: { $0.step == step }) else { return nil }
      return held[value]?.remove(at: index).value
    }
  }

  /// Runs the members of a task one after another and puts the outputs of the last in their places.
  ///
  /// - Throws: What a kernel throws. No output has its place then.
  @inline(__always)
  func execute(_ task: Int, step: Int, on worker: Int) throws {
    try benchOfWorker.base[worker]._withUnsafeGuaranteedRef { bench in
      guard isPlain.base[task] else { return try executeChain(task, step: step, on: bench) }
      defer { if bench.holdsInputs { bench.clear() } }
      try run(
        Int(memberStart.base[task]), of: task, step: step, on: bench,
        into: ring.address(Int(outputStart.base[task]), step))
    }
  }

  /// Runs a task of several members, or one whose outputs are held: each member fills places of the bench.
  private func executeChain(_ task: Int, step: Int, on bench: ExecutorBench) throws {
    if isDeferred[task] { return makeVacant(task, step: step) }
    defer { bench.clear() }
    var target = bench.outputs
    for number in Int(memberStart.base[task])..<Int(memberStart.base[task + 1]) {
      try run(number, of: task, step: step, on: bench, into: target)
      target += Int(members.base[number].outputCount)
    }
    let values = Int(outputStart.base[task])..<Int(outputStart.base[task + 1])
    target -= values.count
    for value in values {
      if isHeld.base[value] {
        held.withLock { $0[value, default: []].append((step, target.pointee)) }
      } else {
        ring[value, step] = target.pointee
      }
      target += 1
    }
  }

  /// Makes the value of a task without its bytes.
  private func makeVacant(_ task: Int, step: Int) {
    let member = members.base[Int(memberStart.base[task])]
    let stage = plan.graph.nodes[Int(member.node)].shape.stages[Int(member.stage)]
    for (number, value) in tasks.table.outputs(of: task).enumerated() {
      let spec = stage.outputs[number][Int(member.place)]
      ring[value, step] = Value(
        spec.tensors.map { tensor in
          Tensor(
            tensor.type, tensor.shape, storage: TensorStorage(vacant: tensor.byteCount))
        }, rows: spec.rows)
    }
  }

  /// Runs one member of a task.
  @inline(__always)
  private func run(
    _ number: Int, of task: Int, step: Int, on bench: ExecutorBench,
    into target: UnsafeMutablePointer<Value>
  ) throws {
    let member = members.base[number]
    let entry = entries.base[number]
    let firstUse = Int(useStart.base[task])
    let firstInput = Int(member.firstInput)
    for position in 0..<Int(member.inputCount) {
      let input = Int(inputs.base[firstInput + position])
      bench.inputs[position] =
        input < 0
        ? UnsafePointer(bench.outputs + (-1 - input))
        : address(of: uses.base[firstUse + input], at: step, position, bench)
    }
    try entry._withUnsafeGuaranteedRef { entry in
      let own = ownInput.base[number]
      if own >= 0 {
        takeOver(Int(own), entry, member, bench, into: target)
      } else {
        entry.fill(target, for: member, from: buffers)
      }
      let call = bench.call
      call.pointee.setValues(
        inputs: KernelInputs(UnsafePointer(bench.inputs), count: Int(member.inputCount)),
        bounds: entry.bounds(of: member), outputs: KernelOutputs(target, count: entry.outputCount))
      call.pointee.place = Int(member.place)
      call.pointee.step = isPrologue ? -1 : step
      call.pointee.isRoot = member.isRoot
      do {
        try entry.kernel(&call.pointee)
      } catch {
        for output in 0..<entry.outputCount { target[output] = ValueRing.nothing }
        throw error
      }
      if isMoving { separate(target, entry, member, bench) }
      if isPrologue {
        for output in 0..<entry.outputCount { noteMover(target[output], member) }
      }
    }
  }

  /// Notes who moves rows for a value, unless another node has given it.
  private func noteMover(_ value: Value, _ member: Plan.Member) {
    guard let traffic = (value.attachment as? any MovingRows)?.traffic else { return }
    moving.withLock { moving in
      guard !moving.contains(where: { $0.traffic === traffic }) else { return }
      moving.append(RowMover(node: Int(member.node), traffic: traffic))
    }
  }

  /// Who moves rows between memory and the disk for what is computed once.
  var movers: [RowMover] { moving.withLock { $0 } }

  /// Gives each output bytes of its own, from the first of its storage on, where the kernel has put a part of something else
  /// in its place: what can be put away must not be shared.
  private func separate(
    _ target: UnsafeMutablePointer<Value>, _ entry: StageTable.Entry, _ member: Plan.Member,
    _ bench: ExecutorBench
  ) {
    for output in 0..<entry.outputCount where entry.isOwn(output, of: member) {
      for index in target[output].tensors.indices {
        let tensor = target[output].tensors[index]
        let storage = tensor.heldStorage
        var isShared = tensor.unsafeBase != storage.base
        for position in 0..<Int(member.inputCount) where !isShared {
          isShared = bench.inputs[position].pointee.tensors.contains { $0.heldStorage === storage }
        }
        if entry.inPlace?.output == output { isShared = false }
        guard isShared else { continue }
        let copy = Tensor(
          tensor.type, tensor.shape, storage: buffers.storage(byteCount: tensor.byteCount))
        copy.unsafeBase.copyMemory(from: tensor.unsafeBase, byteCount: tensor.byteCount)
        target[output].tensors[index] = copy
      }
    }
  }

  /// Makes an output where an input lies, if nobody else holds that: else in a buffer of its own, as all others.
  private func takeOver(
    _ position: Int, _ entry: StageTable.Entry, _ member: Plan.Member, _ bench: ExecutorBench,
    into target: UnsafeMutablePointer<Value>
  ) {
    let input = UnsafeMutablePointer(mutating: bench.inputs[position])
    var isOwned = true
    for index in input.pointee.tensors.indices where isOwned {
      isOwned = input.pointee.tensors[index].isUniquelyOwned
    }
    guard isOwned, let output = entry.inPlace?.output else {
      return entry.fill(target, for: member, from: buffers)
    }
    (target + output).pointee = Value(input.pointee.tensors)
    entry.fill(target, for: member, from: buffers, without: output)
  }

  /// By member, the input that it alone reads and may make an output in.
  private static func ownInputs(_ tasks: Plan.Tasks, _ stages: StageTable) -> [Int32] {
    let table = tasks.table
    var readers = [Int](repeating: 0, count: table.valueCount)
    for use in table.uses {
      if use.time != .once { readers[Int(use.value)] += use.time == .held ? 2 : 1 }
    }
    var own = [Int32](repeating: -1, count: tasks.members.count)
    let entries = stages.entries(of: tasks.members)
    for task in 0..<table.taskCount {
      for number in Int(tasks.memberStart[task])..<Int(tasks.memberStart[task + 1]) {
        let member = tasks.members[number]
        let wanted = entries[number]._withUnsafeGuaranteedRef { entry in
          entry.inPlace.map { entry.bounds(of: member)[$0.input] }
        }
        guard let position = wanted, position < Int(member.inputCount) else { continue }
        let input = Int(tasks.inputs[Int(member.firstInput) + position])
        guard input >= 0 else { continue }
        let use = table.uses[Int(table.useStart[task]) + input]
        guard use.time == .step, readers[Int(use.value)] == 1, !table.isPinned[Int(use.value)],
          // Where an early version is read in several steps, none of them is the last reader for certain.
          use.lag <= 1, table.period[task] == 1
        else { continue }
        own[number] = Int32(position)
      }
    }
    return own
  }

  /// Where an input lies while its reader runs.
  @inline(__always)
  private func address(
    of use: ValueUse, at step: Int, _ position: Int, _ bench: ExecutorBench
  ) -> UnsafePointer<Value> {
    let value = Int(use.value)
    if use.time == .once { return UnsafePointer(onceValues.baseAddress! + value) }
    if use.time == .step, !isHeld.base[value] {
      let place = ring.address(value, max(step - Int(use.lag), Int(use.floor)))
      precondition(ring.isThere(place), "a value is read after it was let go")
      return UnsafePointer(place)
    }
    bench.holdsInputs = true
    bench.held[position] = heldValue(use, at: step)
    return UnsafePointer(bench.held + position)
  }

  private func heldValue(_ use: ValueUse, at step: Int) -> Value {
    let value = Int(use.value)
    var source = max(step - Int(use.lag), Int(use.floor))
    if use.time == .held {
      let period = Int(tasks.table.period[Int(tasks.table.producer[value])])
      source = (step - Int(use.lag) + 1) / period * period - 1
      // Before the first one there is none.
      return source < 0 ? Value() : self.value(value, step: source) ?? Value()
    }
    guard let found = self.value(value, step: source) else {
      preconditionFailure("value \(value) of step \(source) is read after it was let go")
    }
    return found
  }

  /// What went wrong in a task, with its node, step and place.
  func failure(_ error: any Error, of id: TaskID) -> RunError {
    let kernel = error as? KernelError
    let node = tasks.members(of: Int(id.index)).last.map { plan.graph.nodes[Int($0.node)] }
    return RunError(
      "\(place(of: id, "a task")): \(error)",
      reason: kernel?.reason ?? .content,
      findings: (kernel?.findings ?? []).map {
        $0.read(by: node?.name ?? "", at: node?.description.position)
      })
  }

  /// What went wrong where a value that is computed once was made again.
  func failure(_ error: any Error, ofValue value: Int) -> RunError {
    failure(error, of: TaskID(step: 0, index: Int(tasks.table.producer[value])))
  }

  /// A task by node, step and place; `other` where it has no node.
  func place(of id: TaskID, _ other: String) -> String {
    let step = id.step
    guard let member = tasks.members(of: Int(id.index)).last else { return other }
    let node = plan.graph.nodes[Int(member.node)]
    let stage = node.shape.stages[Int(member.stage)]
    var place = ""
    if !stage.axes.isEmpty { place = ", place \(stage.axes.placePhrase(Int(member.place)))" }
    let time = isPrologue ? "before the first step" : "step \(step + 1)"
    return "node '\(node.name)', \(time)\(place)"
  }
}

/// What is moved between memory and the disk for the rows of a node.
struct RowMover: Sendable {
  /// The node.
  let node: Int
  /// What counts it.
  let traffic: any DiskTraffic
}
