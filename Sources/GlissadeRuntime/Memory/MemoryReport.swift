import GlissadeGraph
import GlissadeSchedule
import GlissadeStore
public import GlissadeTensor

/// What memory a run took, and what it moved to the disk and back.
public struct MemoryReport: Sendable {
  /// What was moved of the values of one node.
  public struct Node: Sendable {
    /// The name.
    public let name: String
    /// Bytes of tensors that were written, and the bytes of their files.
    public let spilledBytes: Int
    /// The bytes of the files.
    public let writtenBytes: Int
    /// Bytes of tensors that were read from spill files.
    public let readBackBytes: Int
    /// Bytes of tensors that were read again from the data, or computed again; of rows that stay on the disk, all that were
    /// read from the data.
    public let rereadBytes: Int
    /// How often a value was let go without writing it.
    public let dropped: Int
    /// How often a value was computed again since its file was damaged or gone.
    public let recomputed: Int
    /// Seconds in which a worker was idle while a task of the node was the next one and waited for memory.
    public let memoryWaitSeconds: Double
    /// Seconds in which a worker was idle while a task of the node waited for the disk, or a task waited for rows that
    /// stay there.
    public let diskWaitSeconds: Double
  }

  /// The budget; nil for no bound.
  public let budget: ByteCount?
  /// How tasks were admitted.
  public let mode: MemoryPlan.Mode
  /// The most bytes that tensors and all buffers took at one time.
  public let peakBytes: Int
  /// How many buffers of 16 KiB and more were asked of the system: as many as the first steps need, and none after.
  public let allocations: Int
  /// What was moved, all nodes together.
  public let total: Node
  /// The nodes of which anything was moved or that waited, in the order of the graph.
  public let nodes: [Node]
  /// Seconds in which a worker was idle while the next task waited for memory.
  public var memoryWaitSeconds: Double { total.memoryWaitSeconds }
  /// Seconds in which a worker was idle while a task waited for the disk.
  public var diskWaitSeconds: Double { total.diskWaitSeconds }
}

extension MemoryReport {
  /// How tasks were admitted, in words.
  var modePhrase: String { mode.phrase }
}

extension MemoryPlan.Mode {
  /// In words: `whole steps, 2 at a time`.
  public var phrase: String {
    switch self {
    case .unlimited: "without a budget"
    case .steps(let depth): "whole steps, \(depth) at a time"
    case .tasks(let depth): "task by task, \(counted(depth, "step")) under way"
    }
  }
}

extension MemoryReport.Node {
  init(_ name: String, _ moved: MemoryStatistics.Moved, _ waits: (memory: UInt64, disk: UInt64)) {
    memoryWaitSeconds = Double(waits.memory) * 1e-9
    diskWaitSeconds = Double(waits.disk) * 1e-9
    self.name = name
    spilledBytes = moved.spilled
    writtenBytes = moved.written
    readBackBytes = moved.readBack
    rereadBytes = moved.reread
    dropped = moved.dropped
    recomputed = moved.recomputed
  }
}

extension EngineRoom {
  /// What there is to say of memory at the end of a run.
  ///
  /// - Parameters:
  ///   - waits: Those of the prologue, and those of the steps where there were any.
  ///   - movers: Who moves rows between memory and the disk besides.
  func report(_ graph: Plan, _ waits: [WaitingTime], _ movers: [RowMover]) -> MemoryReport {
    let statistics = residency?.statistics ?? MemoryStatistics()
    var moved = [MemoryStatistics.Moved](
      repeating: .init(), count: graph.graph.nodes.count)
    func add(_ values: [Int32: MemoryStatistics.Moved], _ tasks: Plan.Tasks) {
      for (value, one) in values {
        let task = Int(tasks.table.producer[Int(value)])
        if let last = tasks.members(of: task).last { moved[Int(last.node)] += one }
      }
    }
    add(statistics.once, graph.prologue)
    add(statistics.steps, graph.step)
    var waited = [(memory: UInt64, disk: UInt64)](
      repeating: (0, 0), count: graph.graph.nodes.count)
    for (wait, tasks) in zip(waits, [graph.prologue, graph.step]) {
      func node(_ task: Int32) -> Int {
        tasks.members(of: Int(task)).last.map { Int($0.node) } ?? 0
      }
      for (task, time) in wait.forMemory { waited[node(task)].memory += time }
      for (task, time) in wait.forDisk { waited[node(task)].disk += time }
    }
    var total = statistics.total
    for mover in movers {
      let (node, traffic) = (mover.node, mover.traffic.moved)
      let rows = MemoryStatistics.Moved(traffic)
      moved[node] += rows
      total += rows
      waited[node].disk += UInt64(traffic.waitNanoseconds)
    }
    let nodes = graph.graph.nodes.indices.compactMap { index -> MemoryReport.Node? in
      if moved[index] == .init(), waited[index] == (0, 0) { return nil }
      return MemoryReport.Node(graph.graph.nodes[index].name, moved[index], waited[index])
    }
    let all = waited.reduce((memory: 0, disk: 0)) { ($0.memory + $1.memory, $0.disk + $1.disk) }
    return MemoryReport(
      budget: plan.budget, mode: plan.mode, peakBytes: buffers.peakBytes + plan.buffersBesideValues,
      allocations: buffers.allocationCount,
      total: MemoryReport.Node("total", total, all), nodes: nodes)
  }
}
