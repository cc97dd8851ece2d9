/// Where the steps that are remembered lie in flat arrays: a ring of places that are used again and again.
///
/// The ring holds the last `capacity` steps before `end`. Step -1, the initial versions of states, is the first.
struct StepRing: Sendable, Hashable {
  /// How many steps are remembered.
  let capacity: Int
  /// The step after the newest.
  private(set) var end = 0
  private var newestSlot = 0

  init(capacity: Int) { self.capacity = capacity }

  /// The earliest step that has a place; before the ring is full, steps before -1 that never were.
  var first: Int { end - capacity }

  /// The place of a step of `first..<end`.
  @inline(__always)
  func slot(_ step: Int) -> Int {
    let slot = newestSlot - (end - 1 - step)
    return slot < 0 ? slot + capacity : slot
  }

  /// Gives the place of the earliest step to a new one, and says which place that is.
  mutating func advance() -> Int {
    newestSlot = newestSlot + 1 == capacity ? 0 : newestSlot + 1
    end += 1
    return newestSlot
  }
}
