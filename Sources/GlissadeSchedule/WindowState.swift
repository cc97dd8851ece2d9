import GlissadeTensor

/// Decides for whole steps at a time: every step of a window that fits into memory is admitted at once, and whoever finishes a
/// task counts down those that wait for it.
///
/// It decides what `SchedulerState` decides, but for when a task starts: there is no limit of running tasks here, whoever
/// is told of a ready task may run it. Given the same ends of tasks in the same order, both start the same tasks, release the
/// same values and complete the same steps (a property test holds them against each other).
/// ```
///   u₀ ─ far ─▶ g₁ g₂     A far group is counted once, by whoever comes second: the end of u₀,
///                \ /      or the opening of the step in which g₁ and g₂ are. The join j has a
///                 j       counter; u waits for j alone and has none. u is the sink: when it has
///                 u       ended, so has its step.
/// ```
/// `endReads` and `finish` may be called by many threads at once, each for tasks of its own; all else by one thread at a time. The last thing that
/// `finish` touches of a step is what lets the step go on, since the step's place may be another's after that.
///
/// Memory: 4 bytes a task and 4 a value for each step of the window. Time: O(uses + readers) a task, O(tasks) a step.
///
/// `@unchecked Sendable`: the counters are atomic, the rest does not change or is the caller's to guard.
package final class WindowState: @unchecked Sendable {
  /// A value of a step.
  package struct Version: Sendable, Hashable, BitwiseCopyable {
    /// The value.
    package let value: Int32
    /// The step; -1 is the initial version of a state.
    package let step: Int

    /// A value of a step.
    package init(value: Int32, step: Int) {
      self.value = value
      self.step = step
    }
  }

  /// What is fixed.
  package let template: WindowTemplate
  /// How many steps are open at most.
  package let depth: Int
  /// The first step that has not been opened.
  package private(set) var opened = 0
  /// Steps have places in turn: one fewer than a power of two.
  private let slotMask: Int
  // By place: what a step's tasks wait for, who still reads its values, whether a far group was met, sinks that are left.
  private let waits: AtomicCounters
  private let claims: AtomicCounters
  private let met: AtomicCounters
  private let left: AtomicCounters

  /// The state before a run.
  package init(_ template: WindowTemplate, windowDepth: Int) {
    self.template = template
    depth = min(windowDepth, max(1, template.steps))
    // A far group of the furthest step is met while the step `reach` before it is open, so that many more places are used.
    var slots = 1
    while slots < depth + template.reach + 1 { slots *= 2 }
    slotMask = slots - 1
    waits = AtomicCounters(slots * template.taskCount, isSpread: true)
    claims = AtomicCounters(slots * template.valueCount, isSpread: true)
    met = AtomicCounters(slots * template.farGroups.count, isSpread: true)
    left = AtomicCounters(slots * AtomicCounters.line)
    template.countClaims(of: -1, into: claims, at: slot(-1) * template.valueCount)
  }

  @inline(__always)
  private func slot(_ step: Int) -> Int { (step + 1) & slotMask }

  /// A task has ended: appends the values that nobody reads any more. Before `finish`, since the places of values may be
  /// others' after it.
  package func endReads(of task: Int, step: Int, released: inout [Version]) {
    for position in template.unreadStart.base[task]..<template.unreadStart.base[task + 1] {
      let value = template.unread.base[Int(position)]
      if claims.get(slot(step) * template.valueCount + Int(value)) == 0 {
        released.append(Version(value: value, step: step))
      }
    }
    for position in template.claimStart.base[task]..<template.claimStart.base[task + 1] {
      let claim = template.claims.base[Int(position)]
      if claim.value < 0 {
        released.append(Version(value: -1 - claim.value, step: step))
      } else {
        let source = max(step - Int(claim.lag), -1)
        if claims.subtract(slot(source) * template.valueCount + Int(claim.value)) == 0 {
          released.append(Version(value: claim.value, step: source))
        }
      }
    }
  }

  /// Tells those that wait for a task that it has ended: appends the tasks that are ready now.
  ///
  /// - Returns: Whether its step may be complete: ask `isComplete`.
  package func finish(_ task: Int, step: Int, ready: inout [TaskID]) -> Bool {
    let slot = slot(step)
    for group in template.farStart.base[task]..<template.farStart.base[task + 1] {
      meet(Int(group), step + Int(template.farGroups.base[Int(group)].lag), &ready)
    }
    let base = slot * template.taskCount
    for position in template.nearStart.base[task]..<template.nearStart.base[task + 1] {
      let reader = Int(template.nearReaders.base[Int(position)])
      if template.isDue(reader, step: step),
        template.waits.base[reader] == 1 || waits.subtract(base + reader) == 0
      {
        ready.append(TaskID(step: step, index: reader))
      }
    }
    return template.isSink.base[task] && left.subtract(slot * AtomicCounters.line) == 0
  }

  /// Counts a far group for its readers' step, if this is the second of the two that it waits for: the end of its producer
  /// and the opening of the step.
  @inline(__always)
  private func meet(_ group: Int, _ step: Int, _ ready: inout [TaskID]) {
    if met.isSecond(slot(step) * template.farGroups.count + group) { count(group, step, &ready) }
  }

  private func count(_ group: Int, _ step: Int, _ ready: inout [TaskID]) {
    let base = slot(step) * template.taskCount
    let readers = template.farGroups.base[group]
    for position in readers.first..<readers.first + readers.count {
      let reader = Int(template.farReaders.base[Int(position)])
      if template.waits.base[reader] == 1 || waits.subtract(base + reader) == 0 {
        ready.append(TaskID(step: step, index: reader))
      }
    }
  }

  /// Opens the next step: fills its counters and appends the tasks of it that are ready.
  package func open(ready: inout [TaskID]) {
    let step = opened
    let slot = slot(step)
    let base = slot * template.taskCount
    for task in 0..<template.taskCount { waits.set(base + task, template.waits.base[task]) }
    template.countClaims(of: step, into: claims, at: slot * template.valueCount)
    left.set(slot * AtomicCounters.line, template.dueSinks(step: step))
    opened = step + 1
    for group in 0..<template.farGroups.count {
      if step < Int(template.farGroups.base[group].lag) {
        count(group, step, &ready)
      } else {
        meet(group, step, &ready)
      }
    }
    for index in 0..<template.roots.count {
      let task = Int(template.roots.base[index])
      if template.isDue(task, step: step) { ready.append(TaskID(step: step, index: task)) }
    }
  }

  /// Whether all tasks of an open step have ended.
  package func isComplete(_ step: Int) -> Bool { left.get(slot(step) * AtomicCounters.line) == 0 }

  /// Lets go of what the run itself wanted of a step that is complete; appends what nobody else reads.
  package func unpin(_ step: Int, released: inout [Version]) {
    for value in template.pinned where template.isMade(Int(value), step: step) {
      if claims.subtract(slot(step) * template.valueCount + Int(value)) == 0 {
        released.append(Version(value: value, step: step))
      }
    }
  }
}
