import CSpill
import GlissadeSystem
public import GlissadeTensor

/// What a spill file is expected to hold, known to whoever reads it without looking at the file: every size that reading
/// needs is computed from it.
public struct SpillSpec: Sendable, Hashable {
  /// Which tensor.
  public let key: SpillKey
  /// The type of its elements.
  public let type: ScalarType
  /// Its shape.
  public let shape: Shape
  /// The bytes of the tensor in each chunk but the last one.
  public let chunkBytes: Int

  /// The sizes that chunks may have: LZ4's frames know blocks of just these.
  public static let chunkSizes = [64 << 10, 256 << 10, 1 << 20, 4 << 20]

  /// What a tensor of a type and a shape is put away as, in chunks of one of `chunkSizes` bytes.
  public init(key: SpillKey, type: ScalarType, shape: Shape, chunkBytes: Int = 1 << 20) {
    precondition(
      SpillSpec.chunkSizes.contains(chunkBytes), "chunks have no \(chunkBytes) bytes")
    self.key = key
    self.type = type
    self.shape = shape
    self.chunkBytes = chunkBytes
  }

  /// The bytes of the tensor.
  public var byteCount: Int { shape.elementCount * type.byteCount }

  /// The number of chunks; none where the tensor has no elements.
  public var chunkCount: Int { (byteCount + chunkBytes - 1) / chunkBytes }

  /// The bytes of the tensor that a chunk holds.
  func range(ofChunk index: Int) -> Range<Int> {
    index * chunkBytes..<min(byteCount, (index + 1) * chunkBytes)
  }

  /// The bytes that the header takes at the start of the file.
  var headerBytes: Int {
    BlockFileAlignment.roundedUp(
      SpillHeader.tableOffset + chunkCount * SpillHeader.entryBytes + 8)
  }

  /// The most bytes that the file can have: chunks that do not compress are stored as they are.
  public var greatestFileBytes: Int {
    headerBytes
      + (0..<chunkCount).reduce(0) {
        $0 + BlockFileAlignment.roundedUp(range(ofChunk: $1).count)
      }
  }

  /// Where the sums of chunks begin: another key, shape, place in the file or way of coding gives another sum.
  func seed(ofChunk index: Int, _ coding: SpillCoding, stored: Int) -> UInt64 {
    var words = [
      key.run, key.value, key.step, key.place, UInt64(shape.elementCount), UInt64(chunkBytes),
      UInt64(type.code), UInt64(index), UInt64(coding.rawValue), UInt64(stored),
    ]
    words += shape.dimensions.map { UInt64($0) }
    return words.withUnsafeBytes { glissade_spill_checksum($0.baseAddress, $0.count, 1) }
  }
}

extension ScalarType {
  /// The number that stands for the type in a file.
  var code: UInt8 {
    switch self {
    case .float32: 1
    case .float64: 2
    case .int32: 3
    case .int64: 4
    case .uint8: 5
    }
  }
}
