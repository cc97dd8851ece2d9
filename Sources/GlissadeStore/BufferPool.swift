import GlissadeSystem
public import GlissadeTensor

/// Lends the buffers of tensors and takes them back, so that a run in its steady state asks the system for none.
///
/// A buffer goes back when the last tensor over it is let go. Small ones come from the system's own allocator, which
/// is as fast for them.
public final class BufferPool: Sendable {
  /// Buffers below this many bytes are not kept.
  static let smallest = 16_384

  private struct State {
    var free: [Int: [UnsafeBuffer]] = [:]
    var lent = 0
    var peak = 0
    var kept = 0
  }

  /// An address that moves between threads.
  ///
  /// `@unchecked Sendable`: whoever holds it owns the bytes, and the lock hands it on.
  private struct UnsafeBuffer: @unchecked Sendable {
    var base: UnsafeMutableRawPointer
  }

  private let state = Lock(State())

  /// A pool that has lent nothing.
  public init() {}

  deinit {
    state.withLock { state in
      for buffers in state.free.values { for buffer in buffers { buffer.base.deallocate() } }
      state.free = [:]
    }
  }

  /// The bytes that are lent now.
  public var lentBytes: Int { state.withLock { $0.lent } }

  /// The most bytes that were ever lent at one time.
  public var peakBytes: Int { state.withLock { $0.peak } }

  /// Storage of at least `byteCount` bytes, whose content is whatever was there.
  public func storage(byteCount: Int) -> TensorStorage {
    guard byteCount >= BufferPool.smallest else {
      return TensorStorage(byteCount: byteCount, zeroed: false)
    }
    let size = BufferPool.sizeClass(byteCount)
    let reused = state.withLock { state -> UnsafeBuffer? in
      state.lent += size
      state.peak = max(state.peak, state.lent)
      guard let buffer = state.free[size]?.popLast() else { return nil }
      state.kept -= size
      return buffer
    }
    let base =
      reused?.base
      ?? UnsafeMutableRawPointer.allocate(
        byteCount: size + 64, alignment: TensorStorage.alignment(byteCount: size))
    return TensorStorage(adopting: base, byteCount: byteCount) { [self] base in
      take(UnsafeBuffer(base: base), size: size)
    }
  }

  private func take(_ buffer: UnsafeBuffer, size: Int) {
    let isKept = state.withLock { state -> Bool in
      state.lent -= size
      // No more is kept than was ever needed at a time.
      guard state.lent + state.kept + size <= state.peak else { return false }
      state.free[size, default: []].append(buffer)
      state.kept += size
      return true
    }
    if !isKept { buffer.base.deallocate() }
  }

  /// Sizes are rounded up to eighths of a power of two, so that nearly equal ones share buffers.
  static func sizeClass(_ byteCount: Int) -> Int {
    let unit = max(4096, (1 << (Int.bitWidth - byteCount.leadingZeroBitCount)) / 16)
    return (byteCount + unit - 1) / unit * unit
  }
}
