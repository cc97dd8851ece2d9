public import GlissadeSystem
public import GlissadeTensor

/// Reads IDX files, the format of MNIST and its kin, plain or gzip.
///
/// Two zero bytes, the code of the scalar type, the number of dimensions, the dimensions as
/// big-endian `UInt32`, then the elements, big-endian, the last dimension fastest (Y. LeCun, "The
/// MNIST database").
public enum IDX {
  /// The most bytes of elements that a file may have where the caller does not say.
  public static let defaultLimit = 1 << 36

  /// What the first bytes of a file say.
  public struct Header: Sendable, Hashable {
    /// The type of the elements.
    public let type: ScalarType
    /// The dimensions, rows first.
    public let shape: Shape
    /// The bytes in front of the elements.
    var byteCount: Int { 4 + 4 * shape.rank }
  }

  /// The type and the shape.
  ///
  /// The length of a plain file is checked against them; that of a compressed one only when it is
  /// read.
  public static func inspect(
    _ path: String, limit: Int = defaultLimit, files: any FileSystem
  ) throws(DataError) -> Header {
    try begin(path, limit: limit, files: files).header
  }

  /// The elements, or those of some rows of the first dimension, as a tensor in the machine's byte
  /// order.
  ///
  /// The whole file is read in any case when it is compressed, so that its length and checksum
  /// hold.
  public static func read(
    _ path: String, rows: Range<Int>? = nil, limit: Int = defaultLimit, files: any FileSystem
  ) throws(DataError) -> Tensor {
    let (header, stream) = try begin(path, limit: limit, files: files)
    let rows = rows ?? 0..<header.shape[0]
    guard rows.lowerBound >= 0, rows.upperBound <= header.shape[0] else {
      throw DataError(
        path,
        "the rows \(rows.lowerBound) to \(rows.upperBound) are asked for, and it has \(header.shape[0])"
      )
    }
    let inner = header.shape.dimensions.dropFirst()
    let perRow = header.shape.elementCount / max(1, header.shape[0])
    let rowBytes = perRow * header.type.byteCount
    var tensor = Tensor(uninitialized: header.type, Shape([rows.count] + inner))
    try stream.skip(rows.lowerBound * rowBytes)
    try tensor.withMutableBytes { (bytes) throws(DataError) in
      let got = try stream.read(into: bytes)
      guard got == bytes.count else { throw cutOff(stream, header) }
      swapBytes(of: bytes, width: header.type.byteCount)
    }
    try stream.skip((header.shape[0] - rows.upperBound) * rowBytes)
    var extra: [UInt8] = []
    guard try stream.next(into: &extra) == 0 else {
      throw DataError(path, "more bytes follow than its dimensions \(header.shape) need")
    }
    return tensor
  }

  /// The header, and a stream that stands at the first element.
  static func begin(
    _ path: String, limit: Int, files: any FileSystem
  ) throws(DataError) -> (header: Header, stream: ByteStream) {
    let most = limit.addingReportingOverflow(4 + 4 * Shape.maximumRank)
    let stream = try ByteStream(
      path, files: files, limit: most.overflow ? Int.max : most.partialValue)
    var start = [UInt8](repeating: 0, count: 4)
    let got = try filling(&start) { (bytes) throws(DataError) in try stream.read(into: bytes) }
    guard got == 4, start[0] == 0, start[1] == 0 else {
      throw DataError(path, "it is no IDX file, which begins with two zero bytes and a type")
    }
    let type = try scalarType(start[2], path)
    let rank = Int(start[3])
    guard rank >= 1, rank <= Shape.maximumRank else {
      throw DataError(
        path, "it has \(rank) dimensions, and from 1 to \(Shape.maximumRank) are possible")
    }
    var sizes = [UInt8](repeating: 0, count: 4 * rank)
    let gotSizes = try filling(&sizes) { (bytes) throws(DataError) in try stream.read(into: bytes) }
    guard gotSizes == sizes.count else {
      throw DataError(path, "it ends within its \(rank) dimensions, at byte \(4 + gotSizes)")
    }
    let dimensions = (0..<rank).map { index in
      sizes[4 * index..<4 * index + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    guard let shape = Shape(checking: dimensions), shape.elementCount <= limit / type.byteCount
    else {
      throw DataError(
        path, "its dimensions \(dimensions) need more than \(limit) bytes, which is the limit")
    }
    let header = Header(type: type, shape: shape)
    try check(stream, header)
    return (header, stream)
  }

  /// Whether the file can hold what its header says, before any memory is taken for it.
  private static func check(_ stream: ByteStream, _ header: Header) throws(DataError) {
    let expected = header.byteCount + header.shape.elementCount * header.type.byteCount
    if stream.isCompressed {
      // Deflate makes at most 1032 bytes of one.
      guard expected / 1032 <= stream.fileByteCount else { throw cutOff(stream, header) }
    } else if stream.fileByteCount != expected {
      throw DataError(
        stream.path,
        "its dimensions \(header.shape) need \(expected) bytes, and it has \(stream.fileByteCount)")
    }
  }

  private static func cutOff(_ stream: ByteStream, _ header: Header) -> DataError {
    DataError(
      stream.path, "it ends before the elements that its dimensions \(header.shape) need")
  }

  private static func scalarType(_ code: UInt8, _ path: String) throws(DataError) -> ScalarType {
    switch code {
    case 0x08: return .uint8
    case 0x0c: return .int32
    case 0x0d: return .float32
    case 0x0e: return .float64
    case 0x09:
      throw DataError(path, "its elements are signed bytes (type 0x09), which are not read")
    case 0x0b: throw DataError(path, "its elements are shorts (type 0x0B), which are not read")
    default:
      let hex = String(code, radix: 16, uppercase: true)
      throw DataError(path, "0x\(hex) is the code of no IDX type")
    }
  }
}

/// Turns the bytes of each element around, between big-endian files and this machine.
func swapBytes(of bytes: UnsafeMutableRawBufferPointer, width: Int) {
  switch width {
  case 4:
    for offset in stride(from: 0, to: bytes.count, by: 4) {
      let value = bytes.load(fromByteOffset: offset, as: UInt32.self)
      bytes.storeBytes(of: value.byteSwapped, toByteOffset: offset, as: UInt32.self)
    }
  case 8:
    for offset in stride(from: 0, to: bytes.count, by: 8) {
      let value = bytes.load(fromByteOffset: offset, as: UInt64.self)
      bytes.storeBytes(of: value.byteSwapped, toByteOffset: offset, as: UInt64.self)
    }
  default: break
  }
}
