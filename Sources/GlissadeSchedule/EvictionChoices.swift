/// The least bytes that are moved in whole values, or less where that takes too long to find.
///
/// A state is what is away, from the task that touched it last to the next that does, and what has been written. Task by task, a
/// state in which room lacks branches into the least sets of idle values that make it by having been away, too. Of two values
/// where one is no smaller, stays away no shorter and costs no more, the other one does not go first.
///
/// Where states are too many, the dearest ones become one that has sent away all that any of them has: that can only
/// be less than the least (a relaxed decision diagram: D. Bergman, A. A. Cire, W.-J. van Hoeve, J. Hooker, "Decision
/// Diagrams for Optimization", 2016). Where it takes too long, the least of what has been moved until then is given.
struct EvictionChoices {
  typealias Moves = EvictionStudy.Moves
  /// A set of places: one for each idle value that is away, and one for each value that has been written.
  private typealias State = UInt128

  /// What is idle, and its places in a state.
  private struct Open {
    var idle: EvictionBound.Idle
    var place: State
    /// That of having been written; 0 where it is not remembered.
    var copy: State
  }

  /// Something that could be away, too.
  private struct Candidate {
    var open: Open
    /// The bytes to write.
    var written: Int
    /// Those before it that never go later.
    var betters: [Int] = []
  }

  /// The most states.
  private static let width = 8192

  /// How many times more a value may be looked at.
  private var effort = 8_000_000
  /// Moves that are known to do.
  private let most: Moves
  private var states: [State: Moves] = [0: Moves()]
  private var open: [Open] = []
  /// The places of values that have been written, by value.
  private var copies: [Int: State] = [:]
  private var taken: State = 0
  /// By task, bytes of idle values that found no place: they are away for nothing.
  private var unplaced: [Int: Int] = [:]

  init(atMost most: Moves) { self.most = most }

  /// The least moves of a trace.
  consuming func least(_ bound: EvictionBound) -> Moves {
    for task in bound.lacking.indices where effort > 0 {
      close(task)
      let lacking = bound.lacking[task] - (unplaced[task] ?? 0)
      if lacking > 0 { makeRoom(lacking) }
      for idle in bound.starts[task] { begin(idle, after: task) }
    }
    return states.values.min(by: Self.isLess) ?? most
  }

  private static func isLess(_ left: Moves, _ right: Moves) -> Bool {
    (left.all, left.written) < (right.all, right.written)
  }

  /// What a task touches is back.
  private mutating func close(_ task: Int) {
    var over: State = 0
    for open in open where open.idle.end == task {
      over |= open.place
      if !open.idle.isFollowed, let copy = copies.removeValue(forKey: open.idle.item) {
        over |= copy
      }
    }
    guard over != 0 else { return }
    taken &= ~over
    open.removeAll { $0.idle.end == task }
    states = Dictionary(states.lazy.map { ($0.key & ~over, $0.value) }) {
      Self.isLess($0, $1) ? $0 : $1
    }
  }

  private mutating func begin(_ idle: EvictionBound.Idle, after task: Int) {
    guard let place = takePlace() else {
      for other in task + 1..<idle.end { unplaced[other, default: 0] += idle.bytes }
      return
    }
    var idle = idle
    if !idle.isDropped, idle.isFollowed, copies[idle.item] == nil {
      copies[idle.item] = takePlace()
      // Without a place for that it is written for nothing.
      if copies[idle.item] == nil { idle.isDropped = true }
    }
    open.append(Open(idle: idle, place: place, copy: copies[idle.item] ?? 0))
  }

  private mutating func takePlace() -> State? {
    guard taken != .max else { return nil }
    let place: State = 1 << (~taken).trailingZeroBitCount
    taken |= place
    return place
  }

  private mutating func makeRoom(_ lacking: Int) {
    var next: [State: Moves] = [:]
    for (state, moves) in states {
      effort -= open.count
      let away = open.reduce(0) { $0 + (state & $1.place != 0 ? $1.idle.bytes : 0) }
      if away >= lacking {
        offer(state, moves, to: &next)
      } else {
        branch(state, moves, lacking - away, into: &next)
      }
    }
    // Not all that the states become may have been found.
    guard effort > 0 else { return }
    if next.count > Self.width {
      let sorted = next.sorted { ($0.value.all, $0.key) < ($1.value.all, $1.key) }
      next = [:]
      for (state, moves) in sorted.prefix(Self.width) { next[state] = moves }
      let rest = sorted[Self.width...]
      offer(rest.reduce(0) { $0 | $1.key }, rest[Self.width].value, to: &next)
    }
    states = next
  }

  private func offer(_ state: State, _ moves: Moves, to next: inout [State: Moves]) {
    guard moves.all <= most.all else { return }
    if let old = next[state], !Self.isLess(moves, old) { return }
    next[state] = moves
  }

  /// What could be away besides, the larger and longer idle first.
  private func candidates(_ state: State) -> [Candidate] {
    var found = open.filter { state & $0.place == 0 }.map {
      let isWritten = !$0.idle.isDropped && state & $0.copy == 0
      return Candidate(open: $0, written: isWritten ? $0.idle.bytes : 0)
    }
    found.sort {
      ($0.open.idle.bytes, $0.open.idle.end, $0.open.place)
        > ($1.open.idle.bytes, $1.open.idle.end, $1.open.place)
    }
    for (index, other) in found.enumerated() {
      // Having been written may be worth something later.
      guard other.written == 0 || !other.open.idle.isFollowed else { continue }
      found[index].betters = (0..<index).filter {
        let better = found[$0]
        return better.open.idle.end >= other.open.idle.end
          && better.open.idle.bytes + better.written <= other.open.idle.bytes + other.written
      }
    }
    return found
  }

  /// All least sets that make room in a state.
  private mutating func branch(
    _ state: State, _ moves: Moves, _ lacking: Int, into next: inout [State: Moves]
  ) {
    let candidates = candidates(state)
    effort -= candidates.count * candidates.count
    var rest = [Int](repeating: 0, count: candidates.count + 1)
    for index in candidates.indices.reversed() {
      rest[index] = rest[index + 1] + candidates[index].open.idle.bytes
    }
    var effort = effort
    var chosen: [Int] = []
    func choose(_ index: Int, _ lacking: Int, _ state: State, _ moves: Moves) {
      effort -= 1 + chosen.count
      guard moves.all <= most.all, effort > 0 else { return }
      if lacking <= 0 {
        if chosen.allSatisfy({ candidates[$0].open.idle.bytes > -lacking }) {
          offer(state, moves, to: &next)
        }
        return
      }
      guard index < candidates.count, rest[index] >= lacking else { return }
      let candidate = candidates[index]
      if candidate.betters.allSatisfy({ chosen.contains($0) }) {
        chosen.append(index)
        var more = moves
        more.read += candidate.open.idle.bytes
        more.written += candidate.written
        choose(
          index + 1, lacking - candidate.open.idle.bytes,
          state | candidate.open.place | candidate.open.copy, more)
        chosen.removeLast()
      }
      choose(index + 1, lacking, state, moves)
    }
    choose(0, lacking, state, moves)
    self.effort = effort
  }
}
