import CSpill
import GlissadeSystem
import GlissadeTensor

/// The start of a spill file: what it holds, where each chunk lies, and a checksum over all of it.
///
/// Little-endian, in this order: the magic number, the format's version (4 bytes), type and rank (1 each), 2 zeros; the key, the bytes of the
/// tensor (8 each); the bytes of a chunk, the number of chunks (4 each); eight sizes (8 each); for each chunk its offset
/// (8), bytes (4), coding (4) and checksum (8); zeros; in the last 8 bytes of the header the checksum of all before.
/// It is written last, so a file that was not finished has none.
struct SpillHeader {
  static let magic = Array("GLISPILL".utf8)
  static let version: UInt32 = 1
  static let tableOffset = 128
  static let entryBytes = 24

  /// Where a chunk lies in the file, and what it is.
  struct Entry: Equatable {
    var offset = 0
    /// Without the zeros that fill the last block.
    var stored = 0
    var coding = SpillCoding.raw
    /// Of the stored bytes and the zeros behind them.
    var checksum: UInt64 = 0

    /// The bytes that it takes in the file.
    var slot: Int { BlockFileAlignment.roundedUp(stored) }

    /// Whether the file has the bytes of the tensor as they lie in memory at an address, block by block.
    func isWritten(asItLiesAt address: UnsafeRawPointer?) -> Bool {
      coding == .raw && stored == slot
        && UInt(bitPattern: address) % UInt(BlockFileAlignment.bytes) == 0
    }
  }

  /// Fills `bytes`, which has the size that `spec` says; gives the checksum, by which a reader knows this very writing.
  static func write(
    _ spec: SpillSpec, _ table: [Entry], into bytes: UnsafeMutableRawBufferPointer
  ) -> UInt64 {
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    bytes.copyBytes(from: magic)
    put(version, at: 8, in: bytes)
    put(spec.type.code, at: 12, in: bytes)
    put(UInt8(spec.shape.rank), at: 13, in: bytes)
    let key = spec.key
    for (index, word) in [key.run, key.value, key.step, key.place].enumerated() {
      put(word, at: 16 + 8 * index, in: bytes)
    }
    put(UInt64(spec.byteCount), at: 48, in: bytes)
    put(UInt32(spec.chunkBytes), at: 56, in: bytes)
    put(UInt32(spec.chunkCount), at: 60, in: bytes)
    for (index, size) in spec.shape.dimensions.enumerated() {
      put(UInt64(size), at: 64 + 8 * index, in: bytes)
    }
    for (index, entry) in table.enumerated() {
      let place = tableOffset + index * entryBytes
      put(UInt64(entry.offset), at: place, in: bytes)
      put(UInt32(entry.stored), at: place + 8, in: bytes)
      put(entry.coding.rawValue, at: place + 12, in: bytes)
      put(entry.checksum, at: place + 16, in: bytes)
    }
    let seal = glissade_spill_checksum(bytes.baseAddress, bytes.count - 8, 0)
    put(seal, at: bytes.count - 8, in: bytes)
    return seal
  }

  /// The table of a header that says just what is expected: by `spec`, and by `seal` where the writer has kept it.
  ///
  /// Each chunk of the table lies within a file of `fileBytes`, and all of them fill it.
  static func table(
    in bytes: UnsafeRawBufferPointer, expecting spec: SpillSpec, seal: UInt64?, fileBytes: Int,
    path: String
  ) throws(StoreError) -> [Entry] {
    guard bytes.starts(with: magic) else {
      throw .foreign(path: path, found: "it does not begin as one")
    }
    let sum = glissade_spill_checksum(bytes.baseAddress, bytes.count - 8, 0)
    guard sum == get(UInt64.self, at: bytes.count - 8, in: bytes) else {
      throw .damaged(path: path, part: "its header")
    }
    if let fault = mismatch(in: bytes, spec, path) { throw fault }
    if let seal, seal != sum {
      throw .stale(path: path, expected: "its last writing", found: "an earlier one")
    }
    var table: [Entry] = []
    table.reserveCapacity(spec.chunkCount)
    var filled = bytes.count
    for index in 0..<spec.chunkCount {
      let place = tableOffset + index * entryBytes
      let offset = get(UInt64.self, at: place, in: bytes)
      let stored = Int(get(UInt32.self, at: place + 8, in: bytes))
      guard let coding = SpillCoding(rawValue: get(UInt32.self, at: place + 12, in: bytes)),
        offset >= bytes.count, offset <= fileBytes, offset % UInt64(BlockFileAlignment.bytes) == 0,
        stored > 0, stored <= spec.range(ofChunk: index).count
      else { throw .damaged(path: path, part: "its table") }
      let entry = Entry(
        offset: Int(offset), stored: stored, coding: coding,
        checksum: get(UInt64.self, at: place + 16, in: bytes))
      guard entry.slot <= fileBytes - entry.offset else {
        throw .short(
          path: path, expected: ByteCount(entry.offset + entry.slot), found: ByteCount(fileBytes))
      }
      filled += entry.slot
      table.append(entry)
    }
    guard filled == fileBytes else {
      throw .short(path: path, expected: ByteCount(filled), found: ByteCount(fileBytes))
    }
    return table
  }

  /// What a header is of, where that is something else than is expected.
  private static func mismatch(
    in bytes: UnsafeRawBufferPointer, _ spec: SpillSpec, _ path: String
  ) -> StoreError? {
    let found = get(UInt32.self, at: 8, in: bytes)
    guard found == version else {
      return .foreign(path: path, found: "its format is \(found), and \(version) is known")
    }
    let words = (0..<4).map { get(UInt64.self, at: 16 + 8 * $0, in: bytes) }
    let key = SpillKey(run: words[0], value: words[1], step: words[2], place: words[3])
    guard key.run == spec.key.run else {
      return .foreign(path: path, found: "it is of another run")
    }
    guard key == spec.key else {
      return .stale(path: path, expected: "\(spec.key)", found: "\(key)")
    }
    let sizes = spec.shape.dimensions
    let isSame =
      get(UInt8.self, at: 12, in: bytes) == spec.type.code
      && get(UInt8.self, at: 13, in: bytes) == UInt8(spec.shape.rank)
      && get(UInt16.self, at: 14, in: bytes) == 0
      && get(UInt64.self, at: 48, in: bytes) == UInt64(spec.byteCount)
      && get(UInt32.self, at: 56, in: bytes) == UInt32(spec.chunkBytes)
      && get(UInt32.self, at: 60, in: bytes) == UInt32(spec.chunkCount)
      && (0..<Shape.maximumRank).allSatisfy { index in
        let size = index < sizes.count ? UInt64(sizes[index]) : 0
        return get(UInt64.self, at: 64 + 8 * index, in: bytes) == size
      }
    if isSame { return nil }
    return .stale(
      path: path, expected: "\(spec.type) of \(spec.shape)", found: "a tensor of another shape")
  }

  private static func put<Number: FixedWidthInteger>(
    _ number: Number, at offset: Int, in bytes: UnsafeMutableRawBufferPointer
  ) {
    bytes.storeBytes(of: number.littleEndian, toByteOffset: offset, as: Number.self)
  }

  private static func get<Number: FixedWidthInteger & BitwiseCopyable>(
    _: Number.Type, at offset: Int, in bytes: UnsafeRawBufferPointer
  ) -> Number {
    Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
  }
}
