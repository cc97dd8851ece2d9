import GlissadeSystem

/// Bytes of one owner, aligned as block files ask.
struct AlignedBuffer: ~Copyable {
  let bytes: UnsafeMutableRawBufferPointer

  /// Room for at least `byteCount` bytes, with whatever was there.
  init(byteCount: Int) {
    bytes = .allocate(
      byteCount: max(BlockFileAlignment.bytes, BlockFileAlignment.roundedUp(byteCount)),
      alignment: BlockFileAlignment.bytes)
  }

  deinit { bytes.deallocate() }
}
