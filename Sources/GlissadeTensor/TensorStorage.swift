/// A block of bytes, aligned to 64, that tensors share.
///
/// `@unchecked Sendable`: whoever writes holds the only reference (`Tensor.isUniquelyOwned`), or is the kernel to
/// which the engine lent a fresh output; readers come after, behind the scheduler's lock.
@safe public final class TensorStorage: @unchecked Sendable {
  /// The alignment of the first byte: one cache line, one AVX-512 register.
  public static let alignment = 64

  /// The alignment of a block of so many bytes: a page for large ones, so that a disk can write and fill them as they lie.
  public static func alignment(byteCount: Int) -> Int {
    byteCount >= 1 << 20 ? 4096 : alignment
  }

  /// The first byte.
  ///
  /// Valid as long as this object lives.
  public let base: UnsafeMutableRawPointer

  /// The bytes that are owned.
  public let byteCount: Int

  private let release: (@Sendable (UnsafeMutableRawPointer) -> Void)?

  /// A block of zeroed bytes, or of whatever was there (`zeroed: false`, for outputs that a kernel fills).
  public init(byteCount: Int, zeroed: Bool = true) {
    // One register of slack: vector loops may read, never write, up to the next 64 bytes.
    let padded = (byteCount + 127) & ~63
    base = UnsafeMutableRawPointer.allocate(
      byteCount: padded, alignment: TensorStorage.alignment(byteCount: byteCount))
    if zeroed { base.initializeMemory(as: UInt8.self, repeating: 0, count: padded) }
    self.byteCount = byteCount
    release = nil
  }

  /// A block that somebody else allocated and that `release` gives back.
  public init(
    adopting base: UnsafeMutableRawPointer, byteCount: Int,
    release: @escaping @Sendable (UnsafeMutableRawPointer) -> Void
  ) {
    self.base = base
    self.byteCount = byteCount
    self.release = release
  }

  deinit {
    if let release { release(base) } else { base.deallocate() }
  }
}
