import GlissadeTensor
import Synchronization

/// Small counters that threads share, in one block.
///
/// `@unchecked Sendable`: every access is atomic.
struct AtomicCounters: @unchecked Sendable {
  /// How many counters a pair of cache lines has: what different threads count often lies that far apart, since
  /// processors fetch lines in pairs.
  static let line = 32

  private final class Block {
    let base: UnsafeMutablePointer<Atomic<Int32>>
    let count: Int

    init(_ count: Int) {
      self.count = count
      base = CacheLines.allocate(capacity: count)
      for index in 0..<count { (base + index).initialize(to: Atomic(0)) }
    }

    deinit {
      base.deinitialize(count: count)
      base.deallocate()
    }
  }

  private let block: Block
  private let base: UnsafeMutablePointer<Atomic<Int32>>
  private let shift: Int

  /// Counters that are 0.
  ///
  /// - Parameter isSpread: Whether few counters lie far apart, so that threads that count neighbours do not meet.
  init(_ count: Int, isSpread: Bool = false) {
    var shift = 0
    while isSpread, shift < 4, count << (shift + 1) <= 4096 { shift += 1 }
    self.shift = shift
    block = Block(count << shift)
    base = block.base
  }

  /// What a counter says; what was written before it was counted down to that is seen.
  @inline(__always)
  func get(_ index: Int) -> Int32 { base[index << shift].load(ordering: .acquiring) }

  /// Sets a counter that no other thread looks at yet.
  @inline(__always)
  func set(_ index: Int, _ value: Int32) { base[index << shift].store(value, ordering: .relaxed) }

  /// Counts down and gives what is left.
  @inline(__always)
  func subtract(_ index: Int) -> Int32 {
    base[index << shift].subtract(1, ordering: .acquiringAndReleasing).newValue
  }

  /// Whether the other of two has been here before: the first to come leaves a mark, the second takes it away.
  @inline(__always)
  func isSecond(_ index: Int) -> Bool {
    guard base[index << shift].bitwiseXor(1, ordering: .acquiringAndReleasing).newValue == 0 else {
      return false
    }
    return true
  }
}
