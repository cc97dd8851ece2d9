import GlissadeGraph
import GlissadeTensor

/// The values of the steps in the window. A task writes its outputs into their places and reads its inputs from theirs.
///
/// `@unchecked Sendable`: a place is written by the one task that makes its value, read by tasks that start after it, and
/// cleared after they have ended; the scheduler's counters lie between each of these.
final class ValueRing: @unchecked Sendable {
  /// One fewer than a power of two.
  private let slotMask: Int
  private let valueCount: Int
  private let base: UnsafeMutablePointer<Value>
  private let count: Int

  /// What stands where no value is.
  static var nothing: Value { Value(rows: .min) }

  init(valueCount: Int, steps: Int) {
    var slots = 1
    while slots < steps { slots *= 2 }
    slotMask = slots - 1
    self.valueCount = valueCount
    count = max(1, slots * valueCount)
    base = CacheLines.allocate(capacity: count)
    base.initialize(repeating: ValueRing.nothing, count: count)
  }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  /// The value of a step; nil where there is none.
  subscript(value: Int, step: Int) -> Value? {
    get {
      let place = address(value, step)
      return place.pointee.rows == .min ? nil : place.pointee
    }
    set { address(value, step).pointee = newValue ?? ValueRing.nothing }
  }

  /// Takes a value out, to be let go by the caller.
  @inline(__always)
  func remove(_ value: Int, step: Int) -> Value? {
    let place = address(value, step)
    guard place.pointee.rows != .min else { return nil }
    let old = place.move()
    place.initialize(to: ValueRing.nothing)
    return old
  }

  /// Whether there is a value.
  @inline(__always)
  func isThere(_ place: UnsafeMutablePointer<Value>) -> Bool { place.pointee.rows != .min }

  /// Where the value of a step lies. Step -1 is the version before the first.
  @inline(__always)
  func address(_ value: Int, _ step: Int) -> UnsafeMutablePointer<Value> {
    base + ((step + 1) & slotMask) * valueCount + value
  }
}
