package import GlissadeGraph
package import GlissadeTensor

/// What a pool needs to run whole steps on join counters, without asking in between: the table turned round, for tables
/// whose dependencies are counted the same in every step.
///
/// The decisions are the scheduler's: a task is ready when all that it reads is there, a value is let go after its last
/// reader, a step opens when the one a window's depth before it is complete. Deciding for whole steps at a time only
/// moves the counting to whoever finishes a task.
package struct WindowTemplate: Sendable {
  /// A dependency that reaches from one step into a later one.
  package struct FarEdge: Sendable, BitwiseCopyable {
    /// Who reads.
    package let reader: Int32
    /// Who makes the value.
    package let producer: Int32
    /// How many steps lie between.
    package let lag: Int32
  }

  /// A value that a task reads in its own step, or `lag` steps before.
  package struct Claim: Sendable, BitwiseCopyable {
    /// The value.
    package let value: Int32
    /// How many steps before.
    package let lag: Int32
  }

  /// The number of steps.
  package let steps: Int
  /// The number of tasks of a step.
  package let taskCount: Int
  /// The number of values of a step.
  package let valueCount: Int
  /// The greatest number of steps that lie between a value and its reader.
  package let reach: Int
  /// How many dependencies each task waits for.
  package let waits: FrozenArray<Int32>
  /// Tasks that wait for nothing, in the order of their ranks.
  package let roots: [Int32]
  /// All far edges; an edge's number is its place here.
  package let farEdges: FrozenArray<FarEdge>
  /// Values whose finished version is wanted by the run itself.
  package let pinned: [Int32]
  /// The values that have an initial version.
  package let initial: [Int32]
  private let nearStart: FrozenArray<Int32>
  private let nearReaders: FrozenArray<Int32>
  private let farStart: FrozenArray<Int32>
  private let farOfProducer: FrozenArray<Int32>
  private let claimStart: FrozenArray<Int32>
  private let claims: FrozenArray<Claim>
  private let outputStart: FrozenArray<Int32>
  private let steadyClaims: FrozenArray<Int32>
  /// Readings by tasks that are not due in every step.
  private let periodicClaims: [(value: Int32, reader: Int32)]
  private let period: FrozenArray<Int32>
  private let producer: FrozenArray<Int32>
  private let periodic: [Int32]

  /// Nil where a table's dependencies depend on the step in other ways than by who is due: held values, and clamped
  /// reads of what is no state.
  ///
  /// - Complexity: O(tasks + uses).
  package init?(_ table: TaskTable, ranks: [Int32], steps: Int) {
    var waits = [Int32](repeating: 0, count: table.taskCount)
    var near = [[Int32]](repeating: [], count: table.taskCount)
    var far: [FarEdge] = []
    var claims: [Claim] = []
    var claimStart: [Int32] = [0]
    var steady = [Int32](repeating: 0, count: table.valueCount)
    var periodicClaims: [(Int32, Int32)] = []
    var initial = [Bool](repeating: false, count: table.valueCount)
    for task in 0..<table.taskCount {
      for use in table.uses(of: task) where use.time != .once {
        guard use.time == .step, use.lag == 0 || (use.floor < 0 && table.period[task] == 1) else {
          return nil
        }
        let maker = table.producer[Int(use.value)]
        waits[task] += 1
        claims.append(Claim(value: use.value, lag: use.lag))
        if use.lag == 0 {
          near[Int(maker)].append(Int32(task))
        } else {
          far.append(FarEdge(reader: Int32(task), producer: maker, lag: use.lag))
          initial[Int(use.value)] = true
        }
        if table.period[task] == 1 {
          steady[Int(use.value)] += 1
        } else {
          periodicClaims.append((use.value, Int32(task)))
        }
      }
      claimStart.append(Int32(claims.count))
    }
    for value in 0..<table.valueCount where table.isPinned[value] { steady[value] += 1 }
    self.steps = steps
    taskCount = table.taskCount
    valueCount = table.valueCount
    reach = far.reduce(0) { max($0, Int($1.lag)) }
    self.waits = FrozenArray(waits)
    roots = (0..<Int32(table.taskCount)).filter { waits[Int($0)] == 0 }
      .sorted { ranks[Int($0)] < ranks[Int($1)] }
    farEdges = FrozenArray(far)
    pinned = (0..<Int32(table.valueCount)).filter { table.isPinned[Int($0)] }
    self.initial = (0..<Int32(table.valueCount)).filter { initial[Int($0)] }
    (nearStart, nearReaders) = WindowTemplate.flat(
      near.map { $0.sorted { ranks[Int($0)] < ranks[Int($1)] } })
    var ofProducer = [[Int32]](repeating: [], count: table.taskCount)
    for (number, edge) in far.enumerated() { ofProducer[Int(edge.producer)].append(Int32(number)) }
    (farStart, farOfProducer) = WindowTemplate.flat(
      ofProducer.map {
        $0.sorted { ranks[Int(far[Int($0)].reader)] < ranks[Int(far[Int($1)].reader)] }
      })
    self.claims = FrozenArray(claims)
    self.claimStart = FrozenArray(claimStart)
    outputStart = FrozenArray(table.outputStart)
    steadyClaims = FrozenArray(steady)
    self.periodicClaims = periodicClaims
    period = FrozenArray(table.period)
    producer = FrozenArray(table.producer)
    periodic = (0..<Int32(table.taskCount)).filter { table.period[Int($0)] != 1 }
  }

  private static func flat(_ lists: [[Int32]]) -> (
    FrozenArray<Int32>, FrozenArray<Int32>
  ) {
    var start: [Int32] = [0]
    var items: [Int32] = []
    for list in lists {
      items += list
      start.append(Int32(items.count))
    }
    return (FrozenArray(start), FrozenArray(items))
  }

  @inline(__always)
  private func slice<Item>(
    _ items: FrozenArray<Item>, _ start: FrozenArray<Int32>, _ task: Int
  ) -> UnsafeBufferPointer<Item> {
    let first = Int(start.base[task])
    return UnsafeBufferPointer(
      start: items.base + first, count: Int(start.base[task + 1]) - first)
  }

  /// Who reads a task's outputs in the same step, once for each use, by rank.
  @inline(__always)
  package func nearReaders(of task: Int) -> UnsafeBufferPointer<Int32> {
    slice(nearReaders, nearStart, task)
  }

  /// The numbers of the far edges that begin at a task.
  @inline(__always)
  package func farEdges(from task: Int) -> UnsafeBufferPointer<Int32> {
    slice(farOfProducer, farStart, task)
  }

  /// What a task reads.
  @inline(__always)
  package func claims(of task: Int) -> UnsafeBufferPointer<Claim> {
    slice(claims, claimStart, task)
  }

  /// The values that a task makes.
  @inline(__always)
  package func outputs(of task: Int) -> Range<Int> {
    Int(outputStart.base[task])..<Int(outputStart.base[task + 1])
  }

  /// Whether a task runs in a step.
  @inline(__always)
  package func isDue(_ task: Int, step: Int) -> Bool {
    let period = Int(period.base[task])
    return period == 1 || (step + 1) % period == 0 || step + 1 == steps
  }

  /// Whether the value's task runs in a step.
  package func isMade(_ value: Int, step: Int) -> Bool {
    isDue(Int(producer.base[value]), step: step)
  }

  /// How many tasks run in a step.
  package func dueCount(step: Int) -> Int {
    periodic.reduce(taskCount) { $0 - (isDue(Int($1), step: step) ? 0 : 1) }
  }

  /// How often each value of a step will be read, and one more where it is pinned; written to `counts`.
  ///
  /// - Complexity: O(values), and O(uses) in the last steps.
  package func countClaims(of step: Int, into counts: (_ value: Int, _ count: Int32) -> Void) {
    guard step + reach >= steps || step < 0 || !periodicClaims.isEmpty else {
      for value in 0..<valueCount { counts(value, steadyClaims.base[value]) }
      return
    }
    var exact = (0..<valueCount).map { step < 0 ? 0 : steadyClaims.base[$0] }
    if step < 0 {
      for task in 0..<taskCount {
        for claim in claims(of: task) where claim.lag > 0 {
          // Several early steps read the version before the first.
          exact[Int(claim.value)] += Int32(clamping: min(Int(claim.lag), steps))
        }
      }
    } else {
      for task in 0..<taskCount {
        for claim in claims(of: task) where claim.lag > 0 && step + Int(claim.lag) >= steps {
          exact[Int(claim.value)] -= 1
        }
      }
      for claim in periodicClaims where isDue(Int(claim.reader), step: step) {
        exact[Int(claim.value)] += 1
      }
    }
    for value in 0..<valueCount { counts(value, exact[value]) }
  }
}
