import CSpill
import GlissadeSystem
public import GlissadeTensor

/// Turns chunks of tensors into slots of a spill file and back, with buffers of its own that are allocated once.
///
/// Pure but for its buffers: no file, no clock. One thread at a time has it.
public struct SpillCoder: ~Copyable {
  /// The bytes of a chunk, one of `SpillSpec.chunkSizes`.
  public let chunkBytes: Int
  private let rates: SpillRates
  private let lz4: LZ4Frame
  /// What is written to the file or was read from it.
  private let slot: AlignedBuffer
  /// A chunk whose bytes stand in planes.
  private let planes: AlignedBuffer
  private let sample: AlignedBuffer

  /// A coder for chunks of `chunkBytes` bytes.
  public init(chunkBytes: Int = 1 << 20, rates: SpillRates = SpillRates()) {
    precondition(
      SpillSpec.chunkSizes.contains(chunkBytes), "chunks have no \(chunkBytes) bytes")
    self.chunkBytes = chunkBytes
    self.rates = rates
    lz4 = LZ4Frame()
    slot = AlignedBuffer(byteCount: SpillCoder.slotBytes(chunkBytes: chunkBytes))
    planes = AlignedBuffer(byteCount: chunkBytes)
    sample = AlignedBuffer(byteCount: 3 * SpillCoder.sampleBytes)
  }

  /// All the bytes that a coder holds, with what LZ4 allocates at its first use.
  public static func heldBytes(chunkBytes: Int) -> ByteCount {
    ByteCount(
      slotBytes(chunkBytes: chunkBytes) + chunkBytes + 3 * sampleBytes
        + LZ4Frame.decompressionBytes(chunkBytes: chunkBytes))
  }

  /// The room for what a chunk becomes, whichever way is tried.
  private static func slotBytes(chunkBytes: Int) -> Int {
    // Packed: a bit for each element of 4 bytes, all of them, and one more.
    let packed = chunkBytes + chunkBytes / 32 + 16
    return BlockFileAlignment.roundedUp(max(packed, LZ4Frame.bound(chunkBytes: chunkBytes)))
  }

  // MARK: Coding

  /// What a chunk becomes in the file; the entry lacks its offset, and the bytes are the coder's until the next chunk.
  ///
  /// Raw chunks are copied, too, though a disk could take them from where they lie: the checksum reads them anyway, and on a
  /// virtual disk writing from memory that is in no cache measured no faster.
  mutating func encode(
    _ chunk: UnsafeRawBufferPointer, index: Int, of spec: SpillSpec
  ) -> (entry: SpillHeader.Entry, bytes: UnsafeRawBufferPointer) {
    let width = spec.type.byteCount
    var coding = choice(for: chunk, width: width)
    var stored = put(chunk, width: width, as: coding)
    // The sample may have promised too much.
    if coding != .raw, stored >= chunk.count - chunk.count / 32 {
      coding = .raw
      stored = chunk.count
    }
    var entry = SpillHeader.Entry(stored: stored, coding: coding)
    let seed = spec.seed(ofChunk: index, coding, stored: stored)
    if coding == .raw, stored == entry.slot {
      entry.checksum = glissade_spill_copy(slot.bytes.baseAddress, chunk.baseAddress, stored, seed)
    } else {
      if coding == .raw { slot.bytes.copyMemory(from: chunk) }
      slot.bytes[stored..<entry.slot].initializeMemory(as: UInt8.self, repeating: 0)
      entry.checksum = glissade_spill_checksum(slot.bytes.baseAddress, entry.slot, seed)
    }
    return (entry, UnsafeRawBufferPointer(rebasing: slot.bytes[..<entry.slot]))
  }

  /// Where the slot of a chunk is read to before `decode`: the chunk itself where it can be read as it is to lie, so that
  /// no byte is copied.
  func room(
    for entry: SpillHeader.Entry, of chunk: UnsafeMutableRawBufferPointer
  ) -> UnsafeMutableRawBufferPointer {
    if entry.stored == chunk.count, entry.isWritten(asItLiesAt: chunk.baseAddress) { return chunk }
    return UnsafeMutableRawBufferPointer(rebasing: slot.bytes[..<entry.slot])
  }

  /// Codes into the slot in one way; gives the bytes stored.
  private func put(_ chunk: UnsafeRawBufferPointer, width: Int, as coding: SpillCoding) -> Int {
    switch coding {
    case .raw: return chunk.count
    case .packed:
      return glissade_spill_pack(
        width, chunk.count / width, chunk.baseAddress?.assumingMemoryBound(to: UInt8.self),
        slot.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    case .lz4: return LZ4Frame.compress(chunk, into: slot.bytes) ?? chunk.count
    case .shuffled:
      shuffle(chunk, width: width, into: planes.bytes)
      let shuffled = UnsafeRawBufferPointer(rebasing: planes.bytes[..<chunk.count])
      return LZ4Frame.compress(shuffled, into: slot.bytes) ?? chunk.count
    }
  }

  /// Fills `chunk` exactly from the bytes of a slot; false where they are not what was written there.
  ///
  /// What `chunk` then holds is undefined.
  func decode(
    _ bytes: UnsafeRawBufferPointer, _ entry: SpillHeader.Entry, index: Int, of spec: SpillSpec,
    into chunk: UnsafeMutableRawBufferPointer
  ) -> Bool {
    let width = spec.type.byteCount
    let seed = spec.seed(ofChunk: index, entry.coding, stored: entry.stored)
    guard bytes.count == entry.slot, chunk.count == spec.range(ofChunk: index).count else {
      return false
    }
    if entry.coding == .raw, entry.stored == entry.slot {
      guard entry.stored == chunk.count else { return false }
      if bytes.baseAddress != UnsafeRawPointer(chunk.baseAddress) {
        // One pass: what turns out wrong is in a buffer that nobody has seen.
        return entry.checksum
          == glissade_spill_copy(chunk.baseAddress, bytes.baseAddress, bytes.count, seed)
      }
      return entry.checksum == glissade_spill_checksum(bytes.baseAddress, bytes.count, seed)
    }
    guard entry.checksum == glissade_spill_checksum(bytes.baseAddress, bytes.count, seed) else {
      return false
    }
    let stored = UnsafeRawBufferPointer(rebasing: bytes[..<entry.stored])
    switch entry.coding {
    case .raw:
      guard stored.count == chunk.count else { return false }
      chunk.copyMemory(from: stored)
      return true
    case .packed:
      guard width == 4 || width == 8 else { return false }
      return glissade_spill_unpack(
        width, chunk.count / width, stored.baseAddress?.assumingMemoryBound(to: UInt8.self),
        stored.count, chunk.baseAddress?.assumingMemoryBound(to: UInt8.self)) == 1
    case .lz4: return lz4.decompress(stored, into: chunk)
    case .shuffled:
      guard width == 4 || width == 8 else { return false }
      let shuffled = UnsafeMutableRawBufferPointer(rebasing: planes.bytes[..<chunk.count])
      guard lz4.decompress(stored, into: shuffled) else { return false }
      glissade_spill_unshuffle(
        width, chunk.count / width, shuffled.baseAddress?.assumingMemoryBound(to: UInt8.self),
        chunk.baseAddress?.assumingMemoryBound(to: UInt8.self))
      return true
    }
  }

  private func shuffle(
    _ from: UnsafeRawBufferPointer, width: Int, into to: UnsafeMutableRawBufferPointer
  ) {
    glissade_spill_shuffle(
      width, from.count / width, from.baseAddress?.assumingMemoryBound(to: UInt8.self),
      to.baseAddress?.assumingMemoryBound(to: UInt8.self))
  }

  // MARK: Choosing

  private static let samplePieces = 8
  private static let sampleBytes = 16_384

  /// The cheapest way by `rates`, judged by eight pieces of 2 KiB that are spread over the chunk.
  private func choice(for chunk: UnsafeRawBufferPointer, width: Int) -> SpillCoding {
    let sampled = gather(chunk)
    guard sampled.count > 0 else { return .raw }
    var best = (cost: rates.cost(.raw, part: 1), coding: SpillCoding.raw)
    if width > 1 {
      let elements = sampled.count / width
      let zeros = glissade_spill_zeros(
        width, elements, sampled.baseAddress?.assumingMemoryBound(to: UInt8.self))
      let bytes = elements / 8 + (elements - zeros) * width
      let cost = rates.cost(.packed, part: Double(bytes) / Double(sampled.count))
      if cost < best.cost { best = (cost, .packed) }
    }
    for coding in [SpillCoding.lz4, .shuffled] where coding == .lz4 || width > 1 {
      // Where it would lose even if it left nothing, it is not asked; nor further than where it begins to lose.
      let least = rates.cost(coding, part: 0)
      let enough = (best.cost - least) / (rates.cost(coding, part: 1) - least)
      let room = Int(min(1, max(0, enough)) * Double(sampled.count))
      guard room > 0 else { continue }
      var content = sampled
      if coding == .shuffled {
        let planes = sampleBuffer(1, count: sampled.count)
        shuffle(sampled, width: width, into: planes)
        content = UnsafeRawBufferPointer(planes)
      }
      if let bytes = LZ4Frame.blockBytes(content, scratch: sampleBuffer(2, count: room)) {
        best = (rates.cost(coding, part: Double(bytes) / Double(sampled.count)), coding)
      }
    }
    return best.coding
  }

  /// The start of one of three parts of the sample's buffer: the sample, its planes, what LZ4 makes of it.
  private func sampleBuffer(_ part: Int, count: Int) -> UnsafeMutableRawBufferPointer {
    let start = part * SpillCoder.sampleBytes
    return UnsafeMutableRawBufferPointer(rebasing: sample.bytes[start..<start + count])
  }

  /// The pieces, one behind the other; the whole chunk where it is no longer.
  private func gather(_ chunk: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard chunk.count > SpillCoder.sampleBytes else { return chunk }
    let piece = SpillCoder.sampleBytes / SpillCoder.samplePieces
    for index in 0..<SpillCoder.samplePieces {
      let start = (chunk.count - piece) * index / (SpillCoder.samplePieces - 1) & ~7
      UnsafeMutableRawBufferPointer(rebasing: sample.bytes[(index * piece)...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: chunk[start..<start + piece]))
    }
    return UnsafeRawBufferPointer(sampleBuffer(0, count: SpillCoder.sampleBytes))
  }
}
