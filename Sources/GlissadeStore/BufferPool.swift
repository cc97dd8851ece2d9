import GlissadeSystem
public import GlissadeTensor

/// Lends the buffers of tensors and takes them back, so that a run in its steady state asks the system for none.
///
/// A buffer goes back when the last tensor over it is let go, and is lent again for a tensor of the same size: the tensors of
/// a step have the sizes of those of the step before. Small ones come from the system's own allocator, which is as
/// fast for them, and are counted only.
public final class BufferPool: Sendable {
  /// Buffers below this many bytes are not kept.
  static let smallest = 16_384

  private struct State {
    var free: [Int: [UnsafeBuffer]] = [:]
    /// The bytes of all that are free.
    var kept = 0
    /// How many were asked of the system.
    var allocations = 0
  }

  /// An address that moves between threads.
  ///
  /// `@unchecked Sendable`: whoever holds it owns the bytes, and the lock hands it on.
  private struct UnsafeBuffer: @unchecked Sendable {
    var base: UnsafeMutableRawPointer
  }

  private let state = Lock(State())
  private let counter = ByteCounter()
  /// The most bytes that may be lent and kept together; a quarter more than was ever lent where nil.
  private let limit: Int?

  /// A pool that has lent nothing.
  ///
  /// - Parameter limit: The most bytes that it may hold, lent or kept; who borrows sees to it that no more is lent.
  public init(limit: Int? = nil) { self.limit = limit }

  deinit {
    state.withLock { state in
      for buffers in state.free.values { for buffer in buffers { buffer.base.deallocate() } }
      state.free = [:]
    }
  }

  /// The bytes that are lent now.
  public var lentBytes: Int { counter.current }

  /// The most bytes that were ever lent at one time.
  public var peakBytes: Int { counter.peak }

  /// How many buffers were asked of the system, small ones not counted.
  public var allocationCount: Int { state.withLock { $0.allocations } }

  /// The bytes that a tensor of `byteCount` bytes takes.
  public static func heldBytes(byteCount: Int) -> Int {
    TensorStorage.heldBytes(byteCount: byteCount)
  }

  /// Storage of `byteCount` bytes, whose content is whatever was there.
  public func storage(byteCount: Int) -> TensorStorage {
    guard byteCount >= BufferPool.smallest else {
      let storage = TensorStorage(byteCount: byteCount, zeroed: false, countedBy: counter)
      makeRoom()
      return storage
    }
    let (base, release) = borrow(byteCount)
    return TensorStorage(adopting: base, byteCount: byteCount, release: release)
  }

  /// Gives a storage whose bytes are elsewhere a block to read them into.
  public func refill(_ storage: TensorStorage) {
    let (base, release) = borrow(storage.byteCount)
    storage.occupy(base, release: release)
  }

  private func borrow(_ byteCount: Int) -> (UnsafeMutableRawPointer, TensorStorage.Release) {
    let size = TensorStorage.heldBytes(byteCount: byteCount)
    counter.add(size)
    var surplus: [UnsafeBuffer] = []
    let reused = state.withLock { state -> UnsafeBuffer? in
      if let buffer = state.free[size]?.popLast() {
        state.kept -= size
        return buffer
      }
      surplus = shrink(&state)
      state.allocations += 1
      return nil
    }
    for buffer in surplus { buffer.base.deallocate() }
    let base =
      reused?.base
      ?? UnsafeMutableRawPointer.allocate(
        byteCount: size, alignment: TensorStorage.alignment(byteCount: byteCount))
    return (base, { [self] base in take(UnsafeBuffer(base: base), size: size) })
  }

  private func take(_ buffer: UnsafeBuffer, size: Int) {
    var surplus: [UnsafeBuffer] = []
    state.withLock { state in
      state.free[size, default: []].append(buffer)
      state.kept += size
      // Counted as kept before it counts as lent no more: never too few.
      counter.subtract(size)
      surplus = shrink(&state)
    }
    for buffer in surplus { buffer.base.deallocate() }
  }

  /// Gives up buffers for a small one, which is counted already.
  private func makeRoom() {
    guard limit != nil else { return }
    let surplus = state.withLock { $0.kept > 0 ? shrink(&$0) : [] }
    for buffer in surplus { buffer.base.deallocate() }
  }

  /// Gives up buffers until no more are held than may be.
  private func shrink(_ state: inout State) -> [UnsafeBuffer] {
    // A quarter more than was ever lent: the sizes of one moment are not those of the next.
    let most = limit ?? counter.peak + counter.peak / 4
    var surplus: [UnsafeBuffer] = []
    while state.kept > 0, counter.current + state.kept > most {
      guard let size = state.free.first(where: { !$0.value.isEmpty })?.key,
        let buffer = state.free[size]?.popLast()
      else { break }
      state.kept -= size
      surplus.append(buffer)
    }
    return surplus
  }
}
