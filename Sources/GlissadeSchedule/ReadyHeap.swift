/// The tasks that could start, earliest step first and in the order of their ranks within a step: a binary heap of
/// numbers.
///
/// Every key is there at most once, so the order in which equal keys leave is no question.
struct ReadyHeap: Sendable {
  /// Step in the upper half, rank in the lower.
  private(set) var keys: [UInt64] = []

  var count: Int { keys.count }
  /// The one that leaves next.
  var first: UInt64? { keys.first }
  var isEmpty: Bool { keys.isEmpty }

  static func key(step: Int, rank: Int32) -> UInt64 {
    UInt64(truncatingIfNeeded: step) << 32 | UInt64(UInt32(bitPattern: rank))
  }

  static func step(of key: UInt64) -> Int { Int(key >> 32) }
  static func rank(of key: UInt64) -> Int32 { Int32(truncatingIfNeeded: key) }

  /// - Complexity: O(log n).
  mutating func insert(_ key: UInt64) {
    var hole = keys.count
    keys.append(key)
    keys.withUnsafeMutableBufferPointer { keys in
      while hole > 0 {
        let parent = (hole - 1) / 2
        if keys[parent] <= key { break }
        keys[hole] = keys[parent]
        hole = parent
      }
      keys[hole] = key
    }
  }

  /// - Complexity: O(log n).
  mutating func popFirst() -> UInt64? {
    guard let last = keys.popLast() else { return nil }
    guard let first = keys.first else { return last }
    keys.withUnsafeMutableBufferPointer { keys in
      var hole = 0
      while true {
        var child = 2 * hole + 1
        if child >= keys.count { break }
        if child + 1 < keys.count, keys[child + 1] < keys[child] { child += 1 }
        if last <= keys[child] { break }
        keys[hole] = keys[child]
        hole = child
      }
      keys[hole] = last
    }
    return first
  }

  /// Drops the tasks of this step and of all later ones.
  ///
  /// - Complexity: O(n log n); an ascending list is a heap.
  mutating func removeSteps(from step: Int) {
    keys.removeAll { ReadyHeap.step(of: $0) >= step }
    keys.sort()
  }
}
