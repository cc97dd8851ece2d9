import GlissadeGraph

/// The values of the steps in the window, and the versions that are held between.
///
/// `@unchecked Sendable`: a place is written by the one task that makes its value, read by tasks that start after it, and
/// cleared after they have ended; the scheduler's lock lies between each of these.
final class ValueRing: @unchecked Sendable {
  private let slots: Int
  private let valueCount: Int
  private let storage: UnsafeMutableBufferPointer<Value?>

  init(valueCount: Int, steps slots: Int) {
    self.slots = slots
    self.valueCount = valueCount
    storage = .allocate(capacity: max(1, slots * valueCount))
    storage.initialize(repeating: nil)
  }

  deinit {
    storage.deinitialize()
    storage.deallocate()
  }

  subscript(value: Int, step: Int) -> Value? {
    get { storage[index(value, step)] }
    set { storage[index(value, step)] = newValue }
  }

  /// Takes a value out, to be let go by the caller.
  func remove(_ value: Int, step: Int) -> Value? {
    let index = index(value, step)
    defer { storage[index] = nil }
    return storage[index]
  }

  private func index(_ value: Int, _ step: Int) -> Int {
    // Step -1 is the version before the first.
    (step + 1) % slots * valueCount + value
  }
}
