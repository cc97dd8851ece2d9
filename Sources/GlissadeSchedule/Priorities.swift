package import GlissadeGraph

/// In which order the tasks of a step should run.
package enum Priorities {
  /// By task, its rank: 0 runs first.
  ///
  /// Producers come before their readers within the step.
  ///
  /// An order that keeps few bytes alive: depth first from the sinks, the parts of each task in the order of Sethi and
  /// Ullman, generalized to parts that leave something: the part whose peak exceeds what it leaves by the most comes
  /// first. A task that frees at least what it makes runs as soon as it can. The longer path (by cost) breaks ties, then
  /// the numbering.
  /// ```
  ///   g0  g1  g2  g3      ranks: g0 g1 r01 g2 g3 r23 sum.
  ///    \  /    \  /       A pair is reduced before the next gradient
  ///     r01    r23        begins, so at most three of these values
  ///        \   /          are held, never four.
  ///         sum
  /// ```
  /// For trees the order is the best of those that finish one part before the next; where parts share tasks it is a heuristic,
  /// since the best order of a general graph is NP-hard to find.
  ///
  /// R. Sethi, J. D. Ullman, "The generation of optimal code for arithmetic expressions", J. ACM 17, 1970; R. Sethi,
  /// "Complete register allocation problems", SIAM J. Comput. 4, 1975; J. W. H. Liu, "On the storage requirement in the
  /// out-of-core multifrontal method for sparse factorization", ACM TOMS 12, 1986.
  /// - Complexity: O(n log n) for n tasks and uses.
  package static func order(of table: TaskTable) -> [Int32] {
    var parts = Adjacency(producersWithinStepOf: table)
    let readers = Adjacency(readersWithinStepOf: table)
    let needs = SubtreeNeeds(of: table, parts: &parts, readers: readers)
    var walk = PriorityWalk(table: table, parts: parts, readers: readers)
    var sinks = (0..<Int32(table.taskCount)).filter { readers.range(Int($0)).isEmpty }
    sinks.sort { needs.precedes($0, $1) }
    for sink in sinks { walk.visit(Int(sink)) }
    return walk.ranks
  }

  /// The costliest chain of tasks of a step, each of which waits for the one before it: no number of threads makes a step
  /// shorter than `length`.
  ///
  /// - Parameter cost: By task; those of the table by default.
  /// - Complexity: O(tasks + uses).
  package static func criticalPath(
    of table: TaskTable, cost: [Float]? = nil
  ) -> (length: Float, tasks: [Int]) {
    let cost = cost ?? table.cost
    let parts = Adjacency(producersWithinStepOf: table)
    let sorted = parts.sortedTopologically(readers: Adjacency(readersWithinStepOf: table))
    var length = [Float](repeating: 0, count: table.taskCount)
    var before = [Int32](repeating: -1, count: table.taskCount)
    var last: Int32 = -1
    for task in sorted {
      var longest: Float = 0
      for position in parts.range(Int(task)) {
        let part = parts.items[position]
        if before[Int(task)] < 0 || length[Int(part)] > longest {
          longest = length[Int(part)]
          before[Int(task)] = part
        }
      }
      length[Int(task)] = longest + cost[Int(task)]
      if last < 0 || length[Int(task)] > length[Int(last)] { last = task }
    }
    guard last >= 0 else { return (0, []) }
    var path: [Int] = []
    var task = last
    while task >= 0 {
      path.append(Int(task))
      task = before[Int(task)]
    }
    return (length[Int(last)], path.reversed())
  }
}

extension Adjacency {
  /// All tasks, each after those that it reads from: of those that could come next, the one that became so first.
  ///
  /// `self` holds the producers of each task. Traps where they form a cycle, which the graph has refused long before.
  /// - Complexity: O(tasks + uses).
  func sortedTopologically(readers: Adjacency) -> [Int32] {
    let count = start.count - 1
    var left = (0..<count).map { Int32(range($0).count) }
    var sorted = (0..<Int32(count)).filter { left[Int($0)] == 0 }
    sorted.reserveCapacity(count)
    var next = 0
    while next < sorted.count {
      for position in readers.range(Int(sorted[next])) {
        let reader = readers.items[position]
        left[Int(reader)] -= 1
        if left[Int(reader)] == 0 { sorted.append(reader) }
      }
      next += 1
    }
    precondition(sorted.count == count, "\(count - sorted.count) tasks of a step form a cycle")
    return sorted
  }
}
