public import GlissadeGraph
import GlissadeOperations
import GlissadeSchedule
public import GlissadeTensor

/// What a plan will cost, before anything runs: tasks, bytes, the bound of memory, the critical path, the balance of places.
///
/// Times are estimates from the rates of a core; counts and bytes are exact, or bounds where that is said.
public struct PlanReport: Sendable {
  /// What one node contributes.
  public struct Node: Sendable {
    /// The name.
    public let name: String
    /// The operation.
    public let operation: String
    /// The axes of the main port: `train[4] × block[2]`, or `single`.
    public let axes: String
    /// When it runs: `once`, `each step`, `every 23 steps`; `state` for what its next version moves on.
    public let clock: String
    /// Its tasks, once or in a step in which it is due; a task that was fused counts for the last node of its chain, so
    /// a node whose tasks are all fused has none.
    public let tasks: Int
    /// The greatest bytes of the values that these tasks make.
    public let bytes: ByteCount
    /// The estimated seconds of these tasks on one core.
    public let seconds: Double
    /// What they took in a run, each on average; nil where none is held against the plan.
    public let realSeconds: Double?
    /// Whether nothing needs it, so that it does not run.
    public let isCulled: Bool
  }

  /// How even the places are that divide the rows of a step.
  public struct Balance: Sendable {
    /// The batch, `local.batch` in a body, or what a gradient reads without one: `train`, `rows.train`.
    public let node: String
    /// By place, the expected rows of a step.
    public let rows: [Double]
    /// The places by name: `train=2`.
    public let places: [String]
    /// The expected rows of the fullest place of a step.
    public let fullest: Double
    /// The share of the places' time that is spent waiting for the fullest: 1 − mean / fullest.
    public let loss: Double
  }

  /// The name of the graph.
  public let name: String
  /// Steps of the run.
  public let steps: Int
  /// Steps of an epoch; nil where the graph draws no batches.
  public let epochSteps: Int?
  /// The nodes in the order of the graph.
  public let nodes: [Node]
  /// Tasks that run once, before the first step.
  public let tasksOnce: Int
  /// Tasks of a step in which every node is due.
  public let tasksPerStep: Int
  /// Tasks of the whole run.
  public let tasksOfRun: Int
  /// Bytes that the tasks of such a step make, at most.
  public let bytesMade: ByteCount
  /// Bytes that they read, at most: a value counts once for each task that reads it.
  public let bytesRead: ByteCount
  /// What is computed once and kept for the whole run, at most; with what views show.
  public let bytesKept: ByteCount
  /// The bound of memory for tensors and buffers at any time of the run, where nothing is put away; nil where it is more
  /// than can be counted.
  public let peak: ByteCount?
  /// How the run keeps to a budget, and the smallest that works.
  public let memory: MemoryPlan
  /// The batches that leave their rows on the disk.
  public let rowsOnDisk: [String]
  /// Bytes that are written to the disk before the first step, since such rows cannot be read in any order where they are.
  public let diskBytes: ByteCount
  /// Worker threads and the depth of the window that `peak` and the times are for.
  public let threads: Int
  /// Steps that may be under way at once.
  public let windowDepth: Int
  /// The estimated seconds of all tasks of a step on one core, with what is not due in every step in its share.
  public let secondsPerStep: Double
  /// The estimated seconds of the longest chain of tasks of a step in which every node is due.
  public let criticalSeconds: Double
  /// The nodes of that chain, each named once where it is passed in a row.
  public let criticalPath: [String]
  /// How many threads can be kept busy within a step: all its work by its critical path, rounded up.
  public let usefulThreads: Int
  /// The most places of any family of the step, and its axes.
  public let widest: (places: Int, axes: String)
  /// The estimated seconds of the whole run on `threads`.
  public let seconds: Double
  /// The seconds that the steps of a run took; nil where none is held against the plan.
  public let realSeconds: Double?
  /// The rates that estimates rest on.
  public let rates: CostRates
  /// By batch, how even its places are.
  public let balance: [Balance]
  /// What `run` cannot do in this version, by name.
  public let notBuilt: [String]
  /// The nodes as a table.
  let table: String

  /// The report of a plan for a number of threads and a depth of the window.
  ///
  /// - Parameters:
  ///   - rates: How fast a core is.
  ///   - record: A run of the same plan, whose times stand beside the estimates.
  /// - Complexity: O(tasks log tasks + uses).
  public init(
    _ plan: Plan, threads: Int, windowDepth: Int, rates: CostRates = .usual,
    after record: RunRecord? = nil
  ) {
    self.init(plan, threads: threads, windowDepth: windowDepth, rates: rates, after: record) {
      MemoryPlan(plan, threads: max(1, threads), windowDepth: max(1, windowDepth))
    }
  }

  /// The report of a plan whose memory is settled by `memory`, which is asked when all else is there.
  ///
  /// - Throws: What `memory` does.
  public init<Failure: Error>(
    _ plan: Plan, threads: Int, windowDepth: Int, rates: CostRates = .usual,
    after record: RunRecord? = nil, memory: () throws(Failure) -> MemoryPlan
  ) throws(Failure) {
    let graph = plan.graph
    let counts = TaskCounts(plan, rates: rates, record: record)
    self.rates = rates
    realSeconds = record.map(PlanReport.seconds)
    name = graph.description.name
    steps = plan.steps
    epochSteps = graph.run.epochSteps
    tasksOnce = plan.prologue.table.taskCount
    tasksPerStep = plan.step.table.taskCount
    tasksOfRun = tasksOnce + counts.tasksOfSteps
    bytesMade = ByteCount(counts.bytesMade)
    bytesRead = ByteCount(counts.bytesRead)
    bytesKept = ByteCount(counts.bytesKept)
    self.threads = max(1, threads)
    self.windowDepth = max(1, windowDepth)
    nodes = PlanReport.nodes(plan, counts, hasRun: record != nil)
    let streaming = graph.nodes.filter(\.shape.leavesRowsOnDisk)
    rowsOnDisk = streaming.map(\.name)
    diskBytes = ByteCount(streaming.reduce(0) { $0 + $1.shape.diskBytes })
    secondsPerStep = counts.secondsPerStep
    let critical = Priorities.criticalPath(of: plan.step.table, cost: counts.stepCosts)
    criticalSeconds = Double(critical.length)
    var path: [String] = []
    for task in critical.tasks {
      for member in plan.step.members(of: task) {
        let name = graph.nodes[Int(member.node)].name
        if path.last != name { path.append(name) }
      }
    }
    criticalPath = path
    usefulThreads =
      criticalSeconds > 0
      ? max(1, Int((counts.secondsOfFullStep / criticalSeconds).rounded(.up))) : 1
    widest = PlanReport.widest(plan)
    let useful = Double(min(self.threads, usefulThreads))
    seconds =
      counts.secondsOnce / Double(self.threads) + Double(plan.steps) * counts.secondsPerStep
      / useful
    balance = Balance.all(of: graph)
    notBuilt = graph.notBuilt.map(\.message)
    // Before the memory is asked for: that of a large graph may still be settled elsewhere.
    table = Node.table(of: nodes, hasRun: record != nil)
    self.memory = try memory()
    peak = self.memory.bound
  }

  private static func nodes(_ plan: Plan, _ counts: TaskCounts, hasRun: Bool) -> [Node] {
    let culled = Set(plan.culled)
    return plan.graph.nodes.enumerated().map { index, node in
      let count = counts.nodes[index]
      let clock =
        switch node.clock {
        case .once: "once"
        case .step where node.operation.isState: "state"
        case .step: "each step"
        case .every(1): "each step"
        case .every(let steps): "every \(steps) steps"
        }
      return Node(
        name: node.name, operation: node.operation.name,
        axes: PlanReport.phrase(node.shape.ports.first?.axes ?? []), clock: clock,
        tasks: count.tasks,
        bytes: ByteCount(count.bytes), seconds: count.seconds,
        realSeconds: hasRun ? count.realSeconds : nil, isCulled: culled.contains(index))
    }
  }

  /// The seconds from the end of what is computed once to the end of the last step.
  private static func seconds(of record: RunRecord) -> Double {
    let begin = record.once.events.map(\.end).max() ?? 0
    let end = record.steps.events.map(\.end).max() ?? begin
    return Double(end - begin) * 1e-9
  }

  private static func phrase(_ axes: [Axis]) -> String {
    axes.isEmpty ? "single" : axes.map(\.phrase).joined(separator: " × ")
  }

  private static func widest(_ plan: Plan) -> (places: Int, axes: String) {
    var result = (places: 1, axes: "single")
    let hasSteps = plan.steps > 0
    let culled = Set(plan.culled)
    for (index, node) in plan.graph.nodes.enumerated() where !culled.contains(index) {
      if hasSteps && node.clock == .once { continue }
      for number in node.shape.stages.indices {
        let places = node.shape.stages[number].axes.placeCount
        guard places > result.places, node.shape.stages[number].initialOf == nil,
          !node.shape.stages[number].isResident
        else { continue }
        result = (places, phrase(node.shape.stages[number].axes))
      }
    }
    return result
  }
}
