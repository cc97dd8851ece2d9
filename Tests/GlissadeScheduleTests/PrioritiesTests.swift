import GlissadeGraph
import GlissadeSchedule
import GlissadeTesting
import Testing

/// How the tasks of a drawn case are numbered: an order may not depend on it.
enum KeyNaming: UInt64, CaseIterable {
  case asDrawn
  case reversed
  case shuffledOnce
  case shuffledTwice

  func numbering(_ count: Int) -> [Int] {
    switch self {
    case .asDrawn: return Array(0..<count)
    case .reversed: return (0..<count).reversed()
    case .shuffledOnce, .shuffledTwice:
      var generator = SeededGenerator(seed: rawValue)
      return Array(0..<count).shuffled(using: &generator)
    }
  }
}

@Suite struct PrioritiesTests {
  /// The most bytes that are alive when the tasks of a step run one after another by rank, outputs reserved at the start.
  private func peak(_ table: TaskTable) throws -> Int {
    var probe = SchedulerProbe(table)
    _ = try probe.runToTheEnd()
    return probe.state.peakReservedBytes
  }

  /// ```
  ///   g0  g1  g2  g3      When a reduce starts, at most three of these
  ///    \  /    \  /       values are held, never four: r01 runs before
  ///     r01    r23        g2, or r23 before g0.
  ///        \   /
  ///         sum
  /// ```
  @Test(arguments: KeyNaming.allCases)
  func pairsReduceBeforeTheNextGradient(naming: KeyNaming) throws {
    var sketch = TableSketch()
    for _ in 0..<4 { sketch.add() }
    sketch.add(uses: [.init(0), .init(1)])
    sketch.add(uses: [.init(2), .init(3)])
    sketch.add(uses: [.init(4), .init(5)])
    let numbering = naming.numbering(7)
    let table = sketch.table(numbering: numbering)
    let ranks = numbering.map { Priorities.order(of: table)[$0] }
    let firstReduce = min(ranks[4], ranks[5])
    let lastGradient = ranks[0...3].max() ?? 0
    #expect(firstReduce == 2)
    #expect(lastGradient == 4)
    // Two gradients and a pair's sum, and the output of the reduce itself.
    #expect(try peak(table) == 4)
  }

  /// ```
  ///   a0  a1  a2  a3 (1 each)     b (8)
  ///     \  \  /  /                |
  ///       wide (1)              thin (1)      thin's part needs 9 and leaves 1: it comes
  ///            \                 /            first, or 10 would be alive.
  ///                  sum
  /// ```
  @Test(arguments: KeyNaming.allCases)
  func thePartThatNeedsMoreComesFirst(naming: KeyNaming) throws {
    var sketch = TableSketch()
    for _ in 0..<4 { sketch.add() }
    sketch.add(uses: [.init(0), .init(1), .init(2), .init(3)])
    sketch.add(outputs: [8])
    sketch.add(uses: [.init(5)])
    sketch.add(uses: [.init(4), .init(6)])
    let table = sketch.table(numbering: naming.numbering(8))
    #expect(try peak(table) == 9)
  }

  /// ```
  ///   g0[a,b]  g1[a,b]  g2[a,b]  g3[a,b]     Each gradient has a part for block a and one
  ///      \\      //        \\      //        for block b. Both pairs are reduced before
  ///     ra01   rb01       ra23   rb23        the next gradient: 8 are alive, not 10.
  ///          ..                ..
  ///         sum a             sum b
  /// ```
  @Test(arguments: KeyNaming.allCases)
  func blocksOfAGradientAreReducedTogether(naming: KeyNaming) throws {
    var sketch = TableSketch()
    for _ in 0..<4 { sketch.add(outputs: [1, 1]) }
    var pairs: [Int] = []
    for block in 0...1 {
      for first in [0, 2] {
        pairs.append(
          sketch.add(uses: [.init(first, output: block), .init(first + 1, output: block)]))
      }
    }
    for block in 0...1 {
      sketch.add(uses: [.init(pairs[2 * block]), .init(pairs[2 * block + 1])])
    }
    let table = sketch.table(numbering: naming.numbering(sketch.entries.count))
    #expect(try peak(table) <= 8)
  }

  /// ```
  ///   long (9) ── sum      Both parts need the same bytes: the longer path
  ///   short (1) ──/        is begun first.
  /// ```
  @Test(arguments: KeyNaming.allCases)
  func theLongerPathBreaksTies(naming: KeyNaming) {
    var sketch = TableSketch()
    sketch.add(cost: 1)
    sketch.add(cost: 9)
    sketch.add(uses: [.init(0), .init(1)])
    let numbering = naming.numbering(3)
    let table = sketch.table(numbering: numbering)
    #expect(numbering.map { Priorities.order(of: table)[$0] } == [1, 0, 2])
  }

  @Test(arguments: KeyNaming.allCases)
  func criticalPathIsTheCostliestChain(naming: KeyNaming) {
    var sketch = TableSketch()
    sketch.add(cost: 5)
    sketch.add(uses: [.init(0)], cost: 1)
    sketch.add(cost: 3)
    sketch.add(uses: [.init(2)], cost: 2.5)
    sketch.add(uses: [.init(1), .init(3)], cost: 1)
    let numbering = naming.numbering(5)
    let path = Priorities.criticalPath(of: sketch.table(numbering: numbering))
    #expect(path.length == 7)
    #expect(path.tasks == [numbering[0], numbering[1], numbering[4]])
  }

  @Test func anEmptyStepHasNoOrderAndNoPath() {
    #expect(Priorities.order(of: TaskTable()).isEmpty)
    #expect(Priorities.criticalPath(of: TaskTable()).tasks.isEmpty)
  }

  /// An order is a permutation in which producers come first, for any table; on a tree it never needs more bytes than
  /// the numbering's own order.
  @Test func ordersAreTopologicalForAnyTable() {
    for seed in 0..<500 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let table = RandomTables.table(using: &generator)
      let ranks = Priorities.order(of: table)
      #expect(ranks.sorted() == Array(0..<Int32(table.taskCount)), "seed \(seed)")
      for task in 0..<table.taskCount {
        for use in table.uses(of: task) where use.time == .step && use.lag == 0 {
          let producer = Int(table.producer[Int(use.value)])
          #expect(ranks[producer] < ranks[task], "seed \(seed)")
        }
      }
    }
  }

  /// Depth is the user's: a chain of 300,000 tasks needs no stack.
  @Test func aLongChainNeedsNoRecursion() {
    var table = TaskTable()
    table.append(uses: [], outputs: [1])
    for task in 1..<300_000 { table.append(uses: [ValueUse(task - 1)], outputs: [1]) }
    #expect(Priorities.order(of: table) == Array(0..<300_000))
    #expect(Priorities.criticalPath(of: table).length == 300_000)
  }

  /// A balanced tree over S gradients needs log2 S + 2 values, however it is numbered.
  @Test(arguments: [2, 8, 32, 128], KeyNaming.allCases)
  func aTreeNeedsTheLogarithmOfItsLeaves(shards: Int, naming: KeyNaming) throws {
    var sketch = TableSketch.training(shards: shards, bytes: 1)
    for index in sketch.entries.indices { sketch.entries[index].workspace = 0 }
    let table = sketch.table(numbering: naming.numbering(sketch.entries.count))
    // One more is the old version of the weights.
    #expect(try peak(table) <= shards.trailingZeroBitCount + 3)
  }
}
