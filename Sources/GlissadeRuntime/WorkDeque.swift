import GlissadeSchedule
import GlissadeTensor
import Synchronization

/// A double-ended queue of tasks without a lock: its owner pushes and pops at the bottom, thieves take at the top.
///
/// D. Chase, Y. Lev, "Dynamic circular work-stealing deque", SPAA 2005, with the orderings of N. M. Lê, A. Pop, A. Cohen, F. Zappa
/// Nardelli, "Correct and efficient work-stealing for weak memory models", PPoPP 2013; where they have fences, the
/// accesses themselves are sequentially consistent, which ThreadSanitizer understands. All operations are O(1) amortized.
///
/// `@unchecked Sendable`: every access that threads share is atomic; a buffer that was outgrown lives as long as the deque.
final class WorkDeque: @unchecked Sendable {
  private typealias Word = Atomic<UInt64>

  /// A ring of words; the capacity is a power of two.
  private final class Buffer {
    let words: UnsafeMutablePointer<Word>
    let mask: Int

    init(capacity: Int) {
      words = CacheLines.allocate(capacity: capacity)
      for index in 0..<capacity { (words + index).initialize(to: Atomic(0)) }
      mask = capacity - 1
    }

    deinit {
      words.deinitialize(count: mask + 1)
      words.deallocate()
    }
  }

  // Each on a pair of cache lines of its own: thieves read what the owner writes.
  private let indices: UnsafeMutablePointer<Atomic<Int>>
  private var top: UnsafeMutablePointer<Atomic<Int>> { indices }
  private var bottom: UnsafeMutablePointer<Atomic<Int>> { indices + 16 }
  /// The address of the newest buffer.
  private var current: UnsafeMutablePointer<Atomic<Int>> { indices + 32 }
  /// The owner's: all buffers, the newest last.
  private var buffers: [Buffer] = []

  init(capacity: Int = 256) {
    indices = CacheLines.allocate(capacity: 48)
    for index in 0..<48 { (indices + index).initialize(to: Atomic(0)) }
    adopt(Buffer(capacity: capacity))
  }

  deinit {
    indices.deinitialize(count: 48)
    indices.deallocate()
  }

  private func adopt(_ buffer: Buffer) {
    buffers.append(buffer)
    current.pointee.store(
      Int(bitPattern: Unmanaged.passUnretained(buffer).toOpaque()), ordering: .releasing)
  }

  @inline(__always)
  private func withBuffer<Result>(_ body: (borrowing Buffer) -> Result) -> Result {
    let address = current.pointee.load(ordering: .acquiring)
    // The buffer is in `buffers` and stays there.
    let pointer = UnsafeRawPointer(bitPattern: address).unsafelyUnwrapped
    return Unmanaged<Buffer>.fromOpaque(pointer)._withUnsafeGuaranteedRef(body)
  }

  /// How many tasks there are, as far as one can see from outside.
  var count: Int {
    max(
      0,
      bottom.pointee.load(ordering: .sequentiallyConsistent)
        - top.pointee.load(ordering: .sequentiallyConsistent))
  }

  /// Pushes tasks so that the first comes to lie on top of the owner's end. The owner's.
  func push(_ tasks: some BidirectionalCollection<TaskID>) {
    let end = bottom.pointee.load(ordering: .relaxed)
    let used = end - top.pointee.load(ordering: .acquiring)
    if used + tasks.count > withBuffer({ $0.mask }) { grow(to: used + tasks.count) }
    withBuffer { buffer in
      var index = end
      for task in tasks.reversed() {
        buffer.words[index & buffer.mask].store(task.word, ordering: .relaxed)
        index += 1
      }
    }
    bottom.pointee.store(end + tasks.count, ordering: .sequentiallyConsistent)
  }

  /// Takes the newest task. The owner's.
  func popNewest() -> TaskID? {
    let last = bottom.pointee.load(ordering: .relaxed) - 1
    // Nobody but the owner adds: where it is empty it stays so.
    if last < top.pointee.load(ordering: .acquiring) { return nil }
    bottom.pointee.store(last, ordering: .sequentiallyConsistent)
    let first = top.pointee.load(ordering: .sequentiallyConsistent)
    guard first <= last else {
      bottom.pointee.store(last + 1, ordering: .relaxed)
      return nil
    }
    let word = withBuffer { $0.words[last & $0.mask].load(ordering: .relaxed) }
    guard first == last else { return TaskID(word: word) }
    // The last one: a thief may have it already.
    let isOurs = take(first)
    bottom.pointee.store(last + 1, ordering: .relaxed)
    return isOurs ? TaskID(word: word) : nil
  }

  /// Takes the oldest task; nil where there is none, or where somebody else was faster.
  func steal() -> TaskID? {
    let first = top.pointee.load(ordering: .sequentiallyConsistent)
    guard first < bottom.pointee.load(ordering: .sequentiallyConsistent) else { return nil }
    let word = withBuffer { $0.words[first & $0.mask].load(ordering: .relaxed) }
    return take(first) ? TaskID(word: word) : nil
  }

  @inline(__always)
  private func take(_ first: Int) -> Bool {
    top.pointee.compareExchange(
      expected: first, desired: first + 1, ordering: .sequentiallyConsistent
    ).exchanged
  }

  private func grow(to count: Int) {
    var capacity = 256
    while capacity <= 2 * count { capacity *= 2 }
    let next = Buffer(capacity: capacity)
    withBuffer { old in
      let range =
        top.pointee.load(ordering: .acquiring)..<bottom.pointee.load(ordering: .relaxed)
      for index in range {
        let word = old.words[index & old.mask].load(ordering: .relaxed)
        next.words[index & next.mask].store(word, ordering: .relaxed)
      }
    }
    adopt(next)
  }
}
