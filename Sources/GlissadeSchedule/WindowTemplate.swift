package import GlissadeGraph
import GlissadeTensor

/// What `WindowState` knows about any step before it begins: the table turned round, for tables whose dependencies are
/// counted the same in every step.
///
/// Counters cost: each is a cache line that threads pull to and fro. So only what needs one has one. A task that waits for
/// one other is ready when that one ends; a value with one reader in its own step is let go by that reader; and a step
/// is complete when its sinks are, the tasks for which no other of the step waits.
package struct WindowTemplate: Sendable {
  /// Tasks of later steps that read a task's values: all those that lie equally far.
  package struct FarGroup: Sendable, BitwiseCopyable {
    /// Who makes the values.
    package let producer: Int32
    /// How many steps lie between.
    package let lag: Int32
    /// Where the readers begin in `farReaders`, and how many there are: one for each use.
    let first: Int32
    let count: Int32
  }

  /// A value that a task reads in its own step, or `lag` steps before.
  struct Claim: Sendable, BitwiseCopyable {
    /// The value; `-1 - value` where the task is its only reader, which lets it go without counting.
    let value: Int32
    /// How many steps before.
    let lag: Int32
  }

  /// The number of steps.
  package let steps: Int
  /// The number of tasks of a step.
  package let taskCount: Int
  /// The number of values of a step.
  package let valueCount: Int
  /// The greatest number of steps that lie between a value and its reader.
  package let reach: Int
  /// Values whose finished version is wanted by the run itself.
  package let pinned: [Int32]
  /// How many dependencies each task waits for.
  let waits: FrozenArray<Int32>
  /// Tasks that wait for nothing, in the order of their ranks.
  let roots: FrozenArray<Int32>
  /// All far groups, by producer.
  let farGroups: FrozenArray<FarGroup>
  let farReaders: FrozenArray<Int32>
  let farStart: FrozenArray<Int32>
  let nearStart: FrozenArray<Int32>
  let nearReaders: FrozenArray<Int32>
  let claimStart: FrozenArray<Int32>
  let claims: FrozenArray<Claim>
  /// By task: values of it that may be read by nobody, which only their counters tell.
  let unreadStart: FrozenArray<Int32>
  let unread: FrozenArray<Int32>
  /// By task: whether no other task of the step waits for it wherever it is due.
  let isSink: FrozenArray<Bool>
  /// Values whose readers are counted.
  let counted: FrozenArray<Int32>
  /// By value: its readings by tasks that are due in every step, and one where it is pinned.
  private let steadyClaims: FrozenArray<Int32>
  /// Readings by tasks that are not due in every step.
  private let periodicClaims: [(value: Int32, reader: Int32)]
  private let period: FrozenArray<Int32>
  private let producer: FrozenArray<Int32>
  private let steadySinks: Int
  private let periodicSinks: [Int32]

  /// Nil where a table's dependencies depend on the step in other ways than by who is due: held values, and clamped
  /// reads of what is no state.
  ///
  /// - Complexity: O((tasks + uses) log tasks).
  package init?(_ table: TaskTable, ranks: [Int32], steps: Int) {
    guard let uses = WindowUses(table) else { return nil }
    func byRank(_ readers: [Int32]) -> [Int32] {
      readers.count < 2 ? readers : readers.sorted { ranks[Int($0)] < ranks[Int($1)] }
    }
    self.steps = steps
    taskCount = table.taskCount
    valueCount = table.valueCount
    reach = uses.far.reduce(0) { max($0, Int($1.lag)) }
    waits = FrozenArray(uses.waits)
    roots = FrozenArray(byRank((0..<Int32(table.taskCount)).filter { uses.waits[Int($0)] == 0 }))
    pinned = (0..<Int32(table.valueCount)).filter { table.isPinned[Int($0)] }

    let near = Adjacency(readersWithinStepOf: table)
    nearStart = FrozenArray(near.start.map { Int32($0) })
    nearReaders = FrozenArray(
      (0..<table.taskCount).flatMap { byRank(Array(near.items[near.range($0)])) })
    var groups: [FarGroup] = []
    var readers: [Int32] = []
    var farStart: [Int32] = [0]
    var next = 0
    let far = uses.far.sorted { ($0.producer, $0.lag) < ($1.producer, $1.lag) }
    for task in 0..<Int32(table.taskCount) {
      while next < far.count, far[next].producer == task {
        let end = far[next...].firstIndex { $0.producer != task || $0.lag != far[next].lag }
        let group = far[next..<(end ?? far.count)]
        groups.append(
          FarGroup(
            producer: task, lag: far[next].lag, first: Int32(readers.count),
            count: Int32(group.count)))
        readers += byRank(group.map(\.reader))
        next = end ?? far.count
      }
      farStart.append(Int32(groups.count))
    }
    farGroups = FrozenArray(groups)
    farReaders = FrozenArray(readers)
    self.farStart = FrozenArray(farStart)

    claims = FrozenArray(
      uses.claims.map {
        Claim(value: uses.isSole[Int($0.value)] ? -1 - $0.value : $0.value, lag: $0.lag)
      })
    claimStart = FrozenArray(uses.claimStart)
    var unread: [Int32] = []
    var unreadStart: [Int32] = [0]
    for task in 0..<table.taskCount {
      for value in table.outputs(of: task) where !uses.isSole[value] && !uses.isSurelyRead[value] {
        unread.append(Int32(value))
      }
      unreadStart.append(Int32(unread.count))
    }
    self.unread = FrozenArray(unread)
    self.unreadStart = FrozenArray(unreadStart)
    counted = FrozenArray((0..<Int32(table.valueCount)).filter { !uses.isSole[Int($0)] })
    steadyClaims = FrozenArray(uses.steady)
    periodicClaims = uses.periodic
    period = FrozenArray(table.period)
    producer = FrozenArray(table.producer)
    let sinks = (0..<table.taskCount).map { task in
      !near.items[near.range(task)].contains { table.period[Int($0)] == table.period[task] }
    }
    isSink = FrozenArray(sinks)
    steadySinks = (0..<table.taskCount).count { sinks[$0] && table.period[$0] == 1 }
    periodicSinks = (0..<Int32(table.taskCount)).filter {
      sinks[Int($0)] && table.period[Int($0)] != 1
    }
  }

  /// Whether a task runs in a step.
  @inline(__always)
  func isDue(_ task: Int, step: Int) -> Bool {
    let period = Int(period.base[task])
    return period == 1 || (step + 1) % period == 0 || step + 1 == steps
  }

  /// Whether the value's task runs in a step.
  package func isMade(_ value: Int, step: Int) -> Bool {
    isDue(Int(producer.base[value]), step: step)
  }

  /// How many sinks run in a step.
  func dueSinks(step: Int) -> Int32 {
    Int32(steadySinks + periodicSinks.count { isDue(Int($0), step: step) })
  }

  /// Writes how often each counted value of a step will be read, and one more where it is pinned; step -1 is the initial
  /// version of states.
  ///
  /// - Complexity: O(counted values), and O(uses) in the last steps.
  func countClaims(of step: Int, into counts: AtomicCounters, at base: Int) {
    guard step + reach >= steps || step < 0 || !periodicClaims.isEmpty else {
      for index in 0..<counted.count {
        let value = Int(counted.base[index])
        counts.set(base + value, steadyClaims.base[value])
      }
      return
    }
    var exact = (0..<valueCount).map { step < 0 ? 0 : steadyClaims.base[$0] }
    for claim in 0..<claims.count where claims.base[claim].lag > 0 {
      let (value, lag) = (Int(claims.base[claim].value), Int(claims.base[claim].lag))
      // Several early steps read the version before the first.
      if step < 0 { exact[value] += Int32(clamping: min(lag, steps)) }
      if step >= 0, step + lag >= steps { exact[value] -= 1 }
    }
    if step >= 0 {
      for claim in periodicClaims where isDue(Int(claim.reader), step: step) {
        exact[Int(claim.value)] += 1
      }
    }
    for value in 0..<valueCount { counts.set(base + value, exact[value]) }
  }
}
