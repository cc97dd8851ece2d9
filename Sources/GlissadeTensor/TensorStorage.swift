/// A block of bytes, aligned to 64, that tensors share.
///
/// `@unchecked Sendable`: whoever writes holds the only reference (`Tensor.isUniquelyOwned`), or is the kernel to
/// which the engine lent a fresh output; readers come after, behind the scheduler's lock. The block itself is given up and
/// taken again only while the scheduler knows of no reader.
@safe public final class TensorStorage: @unchecked Sendable {
  /// The alignment of the first byte: one cache line, one AVX-512 register.
  public static let alignment = 64

  /// The alignment of a block of so many bytes: a page for large ones, so that a disk can write and fill them as they lie.
  public static func alignment(byteCount: Int) -> Int {
    byteCount >= 1 << 20 ? 4096 : alignment
  }

  /// The bytes that a block takes: one register of slack, since vector loops may read, never write, up to the next 64
  /// bytes.
  public static func heldBytes(byteCount: Int) -> Int { (byteCount + 127) & ~63 }

  /// How a block is given back.
  public typealias Release = @Sendable (UnsafeMutableRawPointer) -> Void

  /// The first byte.
  ///
  /// Valid as long as this object lives and is not vacant.
  @exclusivity(unchecked) public private(set) var base: UnsafeMutableRawPointer

  /// The bytes that are owned.
  public let byteCount: Int

  private var release: Release?
  private let counter: ByteCounter?

  /// A block of zeroed bytes, or of whatever was there (`zeroed: false`, for outputs that a kernel fills).
  ///
  /// - Parameter counter: Who counts its bytes as long as it lives.
  public init(byteCount: Int, zeroed: Bool = true, countedBy counter: ByteCounter? = nil) {
    let padded = TensorStorage.heldBytes(byteCount: byteCount)
    base = UnsafeMutableRawPointer.allocate(
      byteCount: padded, alignment: TensorStorage.alignment(byteCount: byteCount))
    if zeroed { base.initializeMemory(as: UInt8.self, repeating: 0, count: padded) }
    self.byteCount = byteCount
    release = nil
    self.counter = counter
    counter?.add(padded)
  }

  /// A block that somebody else allocated and that `release` gives back.
  public init(
    adopting base: UnsafeMutableRawPointer, byteCount: Int, release: @escaping Release
  ) {
    self.base = base
    self.byteCount = byteCount
    self.release = release
    counter = nil
  }

  /// A block of so many bytes that are elsewhere: there is nothing to read or write until `occupy`.
  package init(vacant byteCount: Int) {
    base = TensorStorage.nowhere
    self.byteCount = byteCount
    release = nil
    counter = nil
  }

  deinit { giveBack() }

  private func giveBack() {
    if isVacant { return }
    if let release {
      release(base)
    } else {
      base.deallocate()
      counter?.subtract(TensorStorage.heldBytes(byteCount: byteCount))
    }
  }

  // MARK: Away and back

  /// Where nothing can be read or written.
  private static var nowhere: UnsafeMutableRawPointer {
    UnsafeMutableRawPointer(bitPattern: alignment)!
  }

  /// Whether its bytes are elsewhere: then nobody may read or write them.
  package var isVacant: Bool { base == TensorStorage.nowhere }

  /// Gives up the bytes; tensors over it stay what they are, and can be read again after `occupy`.
  package func vacate() {
    giveBack()
    base = TensorStorage.nowhere
  }

  /// Takes a block of at least `byteCount` bytes in the place of the one that was given up.
  package func occupy(_ block: UnsafeMutableRawPointer, release: @escaping Release) {
    precondition(isVacant, "a storage takes a second block")
    base = block
    self.release = release
  }
}
