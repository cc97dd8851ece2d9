public import GlissadeGraph
import GlissadeSchedule
import GlissadeStore
public import GlissadeTensor

/// How a run keeps its tensors within a budget: settled before anything runs.
///
/// Where the bound of a whole window of steps fits, whole steps are admitted at once, if need be fewer of them; where it
/// does not, each task is, and values go to the disk and come back.
public struct MemoryPlan: Sendable {
  /// How the tasks of a run are admitted.
  public enum Mode: Sendable, Hashable {
    /// Without a budget.
    case unlimited
    /// Whole steps, so many of which fit at a time.
    case steps(depth: Int)
    /// Task by task, with so many steps under way; values are put away where memory is short.
    case tasks(depth: Int)
  }

  /// The budget; nil where there is none.
  public let budget: ByteCount?
  /// How tasks are admitted.
  public let mode: Mode
  /// The most that the run can hold, where nothing is put away.
  public let bound: ByteCount?
  /// The smallest budget that works.
  public package(set) var smallest: ByteCount

  private let fit: Fit
  /// What the workers, the spill threads and the run itself hold, beside values.
  let fixedBytes: Int
  /// The bytes of the buffers of workers.
  let workspaceBytes: Int
  /// How values are put away, in `Mode.tasks`.
  let spilling: SpillThreads.Options
  let once: TableMemory
  let step: TableMemory
  /// Initial versions of states that are also read as what they were.
  let sharedInitials: Set<Int>
  /// Initial versions that nobody else reads: their bytes become the state's.
  let movedInitials: Set<Int>
  /// What the run keeps for its end, beside what the tasks need.
  let keptBytes: Int

  /// What is held beside the buffers of values.
  var buffersBesideValues: Int { fixedBytes - keptBytes }

  /// The most bytes that buffers of values may take; nil where there is no budget.
  var bufferBytes: Int? { budget.map { $0.bytes - fixedBytes + keptBytes } }

  /// Threads that read again what was dropped.
  static let loaders = 2

  /// Settles how a plan is run.
  ///
  /// - Throws: `GraphError` where the budget is too small: with the node that needs the most, its bytes and the smallest budget
  ///   that works.
  public init(
    _ plan: Plan, threads: Int, windowDepth: Int, budget: ByteCount?
  ) throws(GraphError) {
    self.init(counting: plan, threads: threads, windowDepth: windowDepth, budget: budget)
    guard let budget, case .refused(let need) = fit else { return }
    throw MemoryPlan.refusal(need, smallest, budget, plan, threads)
  }

  /// What a plan takes without a budget, and the smallest that would work.
  public init(_ plan: Plan, threads: Int, windowDepth: Int) {
    self.init(counting: plan, threads: threads, windowDepth: windowDepth, budget: nil)
  }

  private init(counting plan: Plan, threads: Int, windowDepth: Int, budget: ByteCount?) {
    self.budget = budget
    var once = TableMemory(plan.prologue, of: plan, rates: .usual)
    var step = TableMemory(plan.step, of: plan, rates: .usual)
    sharedInitials = MemoryPlan.shared(plan, once)
    MemoryPlan.fix(&once, &step, plan, sharedInitials)
    once.deferReading()
    self.once = once
    self.step = step
    let workspaces = StageTable.workspaces(plan)
    // What is shared is counted under both names.
    let kept =
      MemoryPlan.keptBytes(plan, step)
      + sharedInitials.reduce(0) { $0 + once.table.valueBytes[$1] }
    let workspace = max(64, workspaces.all)
    workspaceBytes = threads * TensorStorage.heldBytes(byteCount: workspace)
    movedInitials = Set(plan.initials.map(\.prologue)).subtracting(sharedInitials)
    let parts = Parts(
      plan: plan, once: once, step: step, threads: threads, kept: kept, workspace: workspace,
      loaderWorkspace: max(64, workspaces.repeatable), moved: movedInitials)
    keptBytes = kept
    let small = MemoryPlan.spilling(in: ByteCount(0))
    let least = parts.need(small, depth: 1)
    // Where there is little to put away, the buffers for doing so take more than they spare.
    smallest = ByteCount(min(least?.total ?? .max, parts.bound(depth: 1) ?? .max))
    bound = parts.bound(depth: windowDepth).map { ByteCount($0) }
    fit = parts.fit(budget, windowDepth: windowDepth, least: least)
    switch fit {
    case .unlimited, .refused: (mode, fixedBytes) = (.unlimited, workspaceBytes + kept)
    case .steps(let depth): (mode, fixedBytes) = (.steps(depth: depth), workspaceBytes + kept)
    case .tasks(let depth, let options):
      (mode, fixedBytes) = (.tasks(depth: depth), parts.fixed(options))
    }
    if case .tasks(_, let options) = fit { spilling = options } else { spilling = small }
  }

  /// How a plan is run without a budget: nothing is counted that only a budget asks for.
  init(unlimited plan: Plan, threads: Int, stages: StageTable) {
    budget = nil
    mode = .unlimited
    bound = nil
    smallest = ByteCount(0)
    keptBytes = 0
    workspaceBytes =
      threads * TensorStorage.heldBytes(byteCount: max(64, stages.workspaceBytes))
    fixedBytes = workspaceBytes
    spilling = MemoryPlan.spilling(in: ByteCount(0))
    fit = .unlimited
    (once, step) = (TableMemory(), TableMemory())
    (sharedInitials, movedInitials) = ([], [])
  }

  /// Buffers for spilling that leave most of a budget to values.
  private static func spilling(in budget: ByteCount) -> SpillThreads.Options {
    switch budget.bytes {
    case (256 << 20)...:
      SpillThreads.Options(threads: 2, chunkBytes: 1 << 20, queueLimit: .max)
    case (64 << 20)...:
      SpillThreads.Options(threads: 2, chunkBytes: 256 << 10, queueLimit: .max)
    default: SpillThreads.Options(threads: 1, chunkBytes: 64 << 10, queueLimit: .max)
    }
  }

  /// Initial versions that somebody reads besides the first step: they and the state share their bytes.
  private static func shared(_ plan: Plan, _ once: TableMemory) -> Set<Int> {
    let initials = Set(plan.initials.map(\.prologue))
    var read = Set(plan.step.table.uses.lazy.filter { $0.time == .once }.map { Int($0.value) })
    for port in plan.graph.outputs.map(\.port) + plan.keeping {
      for place in 0..<(plan.graph.nodes[port.node].port(port.port)?.axes.placeCount ?? 0) {
        if case .once(let value)? = plan.address(of: port, place: place) { read.insert(value) }
      }
    }
    var shared: Set<Int> = []
    for value in read { shared.formUnion(initials.intersection(once.roots(of: value) + [value])) }
    for initial in initials where once.table.valueBytes[initial] == 0 {
      shared.insert(initial)
      shared.formUnion(initials.intersection(once.roots(of: initial)))
    }
    return shared
  }

  /// What the run itself reads at its end stays in memory.
  private static func fix(
    _ once: inout TableMemory, _ step: inout TableMemory, _ plan: Plan, _ shared: Set<Int>
  ) {
    // Only what the prologue makes can be made again.
    step.dropNothing()
    for initial in plan.initials { once.writeRatherThanDrop(initial.prologue) }
    var ports = plan.graph.outputs.map(\.port) + plan.keeping
    for (index, node) in plan.graph.nodes.enumerated()
    where node.operation.isReported || node.operation.isState {
      ports += node.shape.ports.map { Graph.PortReference(node: index, port: $0.name) }
    }
    for port in ports {
      let places = plan.graph.nodes[port.node].port(port.port)?.axes.placeCount ?? 0
      for place in 0..<places {
        switch plan.address(of: port, place: place) {
        case .once(let value)?: once.fixRoots(of: value)
        case .step(let value)?: step.fixRoots(ofStep: value, in: &once)
        case nil: break
        }
      }
    }
    for value in step.ownViews { step.fixRoots(ofStep: value, in: &once) }
    for value in plan.step.table.isPinned.indices where plan.step.table.isPinned[value] {
      step.fixRoots(ofStep: value, in: &once)
    }
    for initial in plan.initials where shared.contains(initial.prologue) {
      once.fixRoots(of: initial.prologue)
      step.fix(initial.step)
    }
  }

  /// What the run keeps for its end: the newest version of each state and output, and that of the best evaluation.
  private static func keptBytes(_ plan: Plan, _ step: TableMemory) -> Int {
    var roots: Set<Int> = []
    for value in RunMonitor.keptValues(of: plan, keeping: plan.keeping) {
      roots.formUnion(step.stepRoots(of: value))
    }
    let kept = roots.reduce(0) { $0 + step.table.valueBytes[$1] }
    return plan.graph.run.stop?.best == nil ? kept : 2 * kept
  }
}

extension MemoryPlan {
  /// The least memory, and the task that needs it.
  private struct Need: Sendable {
    var total: Int
    var task: Int
    var isOnce: Bool
    /// What the task needs of it.
    var bytes: Int
  }

  /// What has come of settling.
  private enum Fit: Sendable {
    case unlimited
    case steps(depth: Int)
    case tasks(depth: Int, SpillThreads.Options)
    case refused(Need?)
  }

  /// Why a budget is too small.
  private static func refusal(
    _ need: Need?, _ smallest: ByteCount, _ budget: ByteCount, _ plan: Plan, _ threads: Int
  ) -> GraphError {
    let tasks = need?.isOnce ?? true ? plan.prologue : plan.step
    guard let need, need.task >= 0, let member = tasks.members(of: need.task).last else {
      return GraphError(
        Diagnostic("no memory is large enough for this graph: its bytes cannot be counted", at: nil)
      )
    }
    var node = plan.graph.nodes[Int(member.node)]
    var text = "a memory of \(budget.bytes) bytes (\(budget)) is too small: "
    if need.total <= smallest.bytes {
      text +=
        "task '\(plan.name(of: need.task, in: tasks))' needs \(ByteCount(need.bytes)) at once, and "
        + "\(ByteCount(need.total - need.bytes)) beside it stay"
    } else {
      // Where next to nothing can be put away, whole steps take less than that and what spilling takes.
      let largest = largestNode(of: plan, threads)
      node = plan.graph.nodes[largest.node]
      text +=
        "node '\(node.name)' takes up to \(ByteCount(largest.bytes)) of it at once, and putting values "
        + "away would take more than it spares"
    }
    text += "; the smallest that works is \(smallest.bytes) bytes (\(smallest))"
    return GraphError(Diagnostic(text, at: node.description.position))
  }

  /// The node whose tasks take the most: what all of them make, and what as many work in as there are threads.
  private static func largestNode(of plan: Plan, _ threads: Int) -> (node: Int, bytes: Int) {
    var largest = (node: 0, bytes: -1)
    let culled = Set(plan.culled)
    for (index, node) in plan.graph.nodes.enumerated() where !culled.contains(index) {
      for number in node.shape.stages.indices {
        let outputs = node.shape.stages[number].outputs
        let places = node.shape.stages[number].axes.placeCount
        let bytes = (0..<places).reduce(0) { sum, place in
          sum + outputs.reduce(0) { $0 + $1[place].byteCount }
        }
        let all = bytes + min(places, threads) * node.shape.stages[number].workspace
        if all > largest.bytes { largest = (index, all) }
      }
    }
    return largest
  }

  /// What the need of a plan is added up from.
  private struct Parts {
    var plan: Plan
    var once: TableMemory
    var step: TableMemory
    var threads: Int
    var kept: Int
    var workspace: Int
    /// The greatest workspace of what can be run again.
    var loaderWorkspace: Int
    var moved: Set<Int>

    /// The most that the run can hold where nothing is put away.
    func bound(depth: Int) -> Int? {
      let fixed = threads * TensorStorage.heldBytes(byteCount: workspace) + kept
      let slots = threads * 2
      guard let first = PeakEstimate(of: once.table, steps: 1, windowDepth: 1, slots: slots)
      else { return nil }
      guard plan.steps > 0 else { return sum(fixed, first.total.bytes) }
      guard
        let each = PeakEstimate(
          of: step.table, steps: plan.steps, windowDepth: depth, slots: slots),
        let steps = sum(once.keptBytes, each.total.bytes)
      else { return nil }
      return sum(fixed, max(first.total.bytes, steps))
    }

    /// What is held beside values where values are put away.
    func fixed(_ options: SpillThreads.Options) -> Int {
      let greatest = max(once.table.valueBytes.max() ?? 0, step.table.valueBytes.max() ?? 0)
      let headers = options.threads * options.headerBytes(for: ByteCount(greatest)).bytes
      return threads * TensorStorage.heldBytes(byteCount: workspace) + kept
        + MemoryPlan.loaders * TensorStorage.heldBytes(byteCount: loaderWorkspace)
        + options.heldBytes.bytes + headers
    }

    /// The least memory where values are put away, and who needs it.
    func need(
      _ options: SpillThreads.Options, depth: Int
    ) -> Need? {
      let fixed = fixed(options)
      var limit = MemoryLimit(budget: .max, ahead: 1, traits: once.traits)
      limit.keepsPinned = true
      guard
        let first = MemoryNeed(
          of: once.tableWithoutDeferred, steps: 1, windowDepth: 1, limit: limit),
        let total = sum(fixed, first.total)
      else { return nil }
      var result = Need(
        total: total, task: first.task ?? -1, isOnce: true, bytes: first.taskBytes)
      guard plan.steps > 0 else { return result }
      limit = MemoryLimit(budget: .max, ahead: 1, traits: step.traits)
      limit.once = once.asOnce(without: moved)
      guard
        let each = MemoryNeed(
          of: step.table, steps: plan.steps, windowDepth: depth, limit: limit),
        let steps = sum(fixed, each.total)
      else { return nil }
      if steps > result.total {
        result = Need(
          total: steps, task: each.task ?? -1, isOnce: false, bytes: each.taskBytes)
      }
      return result
    }

    /// How a budget is kept to, with as many steps under way as it allows.
    func fit(_ budget: ByteCount?, windowDepth: Int, least: Need?) -> Fit {
      guard let budget else { return .unlimited }
      /// The greatest depth that fits: what is needed grows with it.
      func greatest(_ fits: (Int) -> Bool) -> Int? {
        if fits(windowDepth) { return windowDepth }
        var (fitting, failing) = (0, windowDepth)
        while failing - fitting > 1 {
          let middle = (fitting + failing) / 2
          if fits(middle) { fitting = middle } else { failing = middle }
        }
        return fitting > 0 ? fitting : nil
      }
      if let depth = greatest({ (bound(depth: $0) ?? .max) <= budget.bytes }) {
        return .steps(depth: depth)
      }
      for options in [MemoryPlan.spilling(in: budget), MemoryPlan.spilling(in: ByteCount(0))] {
        let depth = greatest { (need(options, depth: $0)?.total ?? .max) <= budget.bytes }
        if let depth { return .tasks(depth: depth, options) }
      }
      return .refused(least)
    }

    private func sum(_ left: Int, _ right: Int) -> Int? {
      let (sum, overflow) = left.addingReportingOverflow(right)
      return overflow ? nil : sum
    }
  }
}
