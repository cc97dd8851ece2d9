/// The bytes that no rule of eviction can do without for tasks in a given order, even one that knows the future.
///
/// A value is idle from one task that touches it to the next. It is in memory all that time or it is away: then it is read
/// once, and written before where it cannot be dropped and never was. To come and go more often in between moves more. So
/// what a rule moves is a choice of idle times, such that what else is in memory has room with every task; what nobody
/// touches any more takes none.
///
/// Two bounds are taken, and the greater one given. Where bytes are pages that are asked for in groups, sending away what is
/// needed furthest ahead reads least (L. A. Belady, 1966); whole values can only read more. What cannot be dropped and finds
/// no room is written. The other bound is `EvictionChoices`: whole values.
package struct EvictionBound {
  /// The time between two tasks that touch a value.
  struct Idle {
    /// The number of the value.
    var item: Int
    /// The task that ends it.
    var end: Int
    var bytes: Int
    /// Whether it is away without writing it.
    var isDropped: Bool
    /// Whether another idle time of the value comes after it.
    var isFollowed: Bool
  }

  /// By task, the idle times that begin behind it.
  let starts: [[Idle]]
  /// By task, the bytes that lack where all that is touched again is in memory.
  let lacking: [Int]

  /// The bound of a trace.
  ///
  /// - Complexity: O(touches × tasks between them).
  package init(_ trace: EvictionTrace, budget: Int) {
    var starts = [[Idle]](repeating: [], count: trace.workspaces.count)
    var lacking = trace.workspaces.map { $0 - budget }
    for (number, item) in trace.items.enumerated() {
      let end = item.isFixed ? item.last ?? lacking.count - 1 : item.touches.last ?? 0
      for task in item.touches[0]...end { lacking[task] += item.bytes }
      guard !item.isFixed else { continue }
      var isFollowed = false
      for (start, end) in zip(item.touches, item.touches.dropFirst()).reversed()
      where end > start + 1 {
        starts[start].append(
          Idle(
            item: number, end: end, bytes: item.bytes, isDropped: item.isDropped,
            isFollowed: isFollowed))
        isFollowed = true
      }
    }
    (self.starts, self.lacking) = (starts, lacking)
  }

  /// The bound, where `most` is known to do.
  package func least(atMost most: EvictionStudy.Moves) -> EvictionStudy.Moves {
    let pages = pages()
    // Where that leaves next to nothing open, whole values can add no more.
    if 20 * (most.all - pages.all) <= most.all { return pages }
    let choices = EvictionChoices(atMost: most).least(self)
    return choices.all > pages.all ? choices : pages
  }

  /// The bound by pages.
  private func pages() -> EvictionStudy.Moves {
    var moves = EvictionStudy.Moves()
    /// What is idle, and how much of it is away.
    var open: [(idle: Idle, away: Int)] = []
    for task in lacking.indices {
      open.removeAll { $0.idle.end == task }
      var lacking = open.reduce(lacking[task]) { $0 - $1.away }
      if lacking > 0 {
        open.sort { ($0.idle.end, $0.idle.item) > ($1.idle.end, $1.idle.item) }
        for index in open.indices where lacking > 0 {
          let part = min(lacking, open[index].idle.bytes - open[index].away)
          open[index].away += part
          moves.read += part
          lacking -= part
        }
      }
      let dropped = open.reduce(0) { $0 + ($1.idle.isDropped ? $1.idle.bytes : 0) }
      moves.written = max(moves.written, self.lacking[task] - dropped)
      open += starts[task].map { ($0, 0) }
    }
    return moves
  }
}
