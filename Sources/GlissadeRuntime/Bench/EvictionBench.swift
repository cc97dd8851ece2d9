public import GlissadeGraph
import GlissadeSchedule
public import GlissadeTensor

/// What the rule of eviction moves on a graph, beside least-recently-used and what no rule can do without.
public struct EvictionBench: Sendable {
  /// One graph under one budget.
  public struct Row: Sendable {
    /// The budget.
    public let budget: ByteCount
    /// Bytes written and read by what is needed furthest ahead going first.
    public let furthest: (written: Int, read: Int)
    /// Bytes written and read by what was used longest ago going first.
    public let leastRecent: (written: Int, read: Int)
    /// Bytes that cannot be avoided.
    public let bound: (written: Int, read: Int)
  }

  private let plan: Plan
  private let steps: Int

  /// A bench of a plan, at most so many steps of it.
  public init(_ plan: Plan, steps: Int) {
    self.plan = plan
    self.steps = min(steps, plan.steps)
  }

  /// What is moved under a budget; nil where it is too small to run, or whole steps fit.
  ///
  /// - Complexity: O(tasks × values) for each row.
  public func row(budget: ByteCount) -> Row? {
    guard let memory = try? MemoryPlan(plan, threads: 1, windowDepth: 1, budget: budget),
      case .tasks = memory.mode
    else { return nil }
    let room = budget.bytes - memory.fixedBytes
    let studies = [MemoryLimit.Eviction.furthest, .leastRecent].map { eviction in
      var study = EvictionStudy()
      var once = MemoryLimit(budget: room, ahead: 1, traits: memory.once.traits)
      once.keepsPinned = true
      once.eviction = eviction
      var moved: [Int: Int] = [:]
      for initial in plan.initials where memory.movedInitials.contains(initial.prologue) {
        moved[initial.prologue] = initial.step
      }
      study.run(
        once: memory.once.table, onceLimit: once, step: memory.step.table, steps: steps,
        moved: moved
      ) { place in
        var limit = MemoryLimit(budget: room, ahead: 1, traits: memory.step.traits)
        limit.eviction = eviction
        limit.once = memory.once.asOnce(without: memory.movedInitials, place: place)
        for (value, state) in moved { limit.initial[Int32(state)] = place(value) }
        return limit
      }
      return study
    }
    let least = studies[0].bound(budget: room)
    return Row(
      budget: budget, furthest: (studies[0].moves.written, studies[0].moves.read),
      leastRecent: (studies[1].moves.written, studies[1].moves.read),
      bound: (least.written, least.read))
  }
}
