import CLZ4

/// LZ4 frames of one block, with content size and with checksums of the block and of the content.
///
/// One block a frame keeps chunks independent of each other; a coder has one of these, and a thread has the coder.
struct LZ4Frame: ~Copyable {
  private let context: OpaquePointer

  /// A decompressor.
  init() {
    var context: OpaquePointer?
    // What fails is a malloc of some hundred bytes.
    guard LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION)) == 0, let context else {
      preconditionFailure("no memory for LZ4")
    }
    self.context = context
  }

  deinit { LZ4F_freeDecompressionContext(context) }

  /// What the library allocates for itself at the first decompression, at most.
  static func decompressionBytes(chunkBytes: Int) -> Int { 2 * chunkBytes + 4096 }

  /// The most bytes that a frame of a chunk has.
  static func bound(chunkBytes: Int) -> Int {
    var preferences = preferences(contentBytes: chunkBytes)
    return LZ4F_compressFrameBound(chunkBytes, &preferences)
  }

  /// Frames `from`; gives the bytes written, or nil where they pass the room of `to`.
  static func compress(_ from: UnsafeRawBufferPointer, into to: UnsafeMutableRawBufferPointer)
    -> Int?
  {
    var preferences = preferences(contentBytes: from.count)
    let count = LZ4F_compressFrame(
      to.baseAddress, to.count, from.baseAddress, from.count, &preferences)
    return LZ4F_isError(count) == 0 ? count : nil
  }

  /// Fills `to` exactly from a frame that is exactly `from`; false where either does not hold.
  ///
  /// The frame must say of itself what `compress` writes: its sizes are compared, never used.
  func decompress(_ from: UnsafeRawBufferPointer, into to: UnsafeMutableRawBufferPointer) -> Bool {
    LZ4F_resetDecompressionContext(context)
    let expected = Self.preferences(contentBytes: to.count).frameInfo
    var info = LZ4F_frameInfo_t()
    var read = from.count
    let hint = LZ4F_getFrameInfo(context, &info, from.baseAddress, &read)
    guard LZ4F_isError(hint) == 0, info.blockSizeID == expected.blockSizeID,
      info.blockMode == expected.blockMode,
      info.contentChecksumFlag == expected.contentChecksumFlag,
      info.blockChecksumFlag == expected.blockChecksumFlag,
      info.contentSize == expected.contentSize, info.dictID == 0, info.frameType == LZ4F_frame
    else { return false }
    var options = LZ4F_decompressOptions_t()
    options.stableDst = 1
    var written = 0
    while true {
      var room = to.count - written
      var left = from.count - read
      let hint = LZ4F_decompress(
        context, to.baseAddress.map { $0 + written }, &room,
        from.baseAddress.map { $0 + read }, &left, &options)
      guard LZ4F_isError(hint) == 0 else { return false }
      written += room
      read += left
      if hint == 0 { return written == to.count && read == from.count }
      if room == 0 && left == 0 { return false }
    }
  }

  /// The size of `from` as one LZ4 block, without a frame, for samples; nil where it passes `to`, which is then found out
  /// without compressing the rest.
  static func blockBytes(
    _ from: UnsafeRawBufferPointer, scratch to: UnsafeMutableRawBufferPointer
  ) -> Int? {
    let count = LZ4_compress_default(
      from.baseAddress?.assumingMemoryBound(to: CChar.self),
      to.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(from.count), Int32(to.count))
    return count > 0 ? Int(count) : nil
  }

  /// The smallest block that takes the content whole, which the library would choose, too.
  private static func preferences(contentBytes: Int) -> LZ4F_preferences_t {
    var preferences = LZ4F_preferences_t()
    preferences.frameInfo.blockSizeID =
      switch contentBytes {
      case ...(64 << 10): LZ4F_max64KB
      case ...(256 << 10): LZ4F_max256KB
      case ...(1 << 20): LZ4F_max1MB
      default: LZ4F_max4MB
      }
    preferences.frameInfo.blockMode = LZ4F_blockIndependent
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled
    preferences.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled
    preferences.frameInfo.contentSize = UInt64(contentBytes)
    return preferences
  }
}
