public import GlissadeSystem
public import GlissadeTensor

/// Reads and writes NPY files, NumPy's own format, in its versions 1.0 and 2.0 (NumPy Enhancement
/// Proposal 1).
public enum NPY {
  static let magic: [UInt8] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
  /// The most bytes of a header.
  private static let maximumHeader = 1 << 20

  /// Reads an array of `<f4`, `<f8`, `<i4`, `<i8` or `|u1`, plain or gzip.
  ///
  /// One in Fortran order is put into row-major order.
  public static func read(_ path: String, files: any FileSystem) throws(DataError) -> Tensor {
    let (header, stream) = try begin(path, files: files)
    var tensor = Tensor(uninitialized: header.type, header.shape)
    try tensor.withMutableBytes { (buffer) throws(DataError) in try stream.fill(buffer) }
    try stream.expectEnd()
    return header.isFortran ? rowMajor(tensor) : tensor
  }

  /// The header, and a stream that stands at the first element.
  static func begin(
    _ path: String, files: any FileSystem
  ) throws(DataError) -> (header: NPYHeader, stream: ByteStream) {
    let stream = try ByteStream(path, files: files, limit: .max)
    func bytes(_ count: Int) throws(DataError) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      let got = try filling(&bytes) { (buffer) throws(DataError) in try stream.read(into: buffer) }
      bytes.removeLast(count - got)
      return bytes
    }
    let prefix = try bytes(8)
    guard prefix.starts(with: magic), prefix.count == 8 else {
      throw DataError(path, "it is no NPY file, which begins with byte 0x93 and 'NUMPY'")
    }
    let (major, minor) = (prefix[6], prefix[7])
    guard (major == 1 || major == 2) && minor == 0 else {
      throw DataError(path, "it has the NPY version \(major).\(minor); 1.0 and 2.0 are read")
    }
    let length = try bytes(major == 1 ? 2 : 4).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= maximumHeader else {
      throw DataError(path, "its header has \(length) bytes, and the limit is \(maximumHeader)")
    }
    let start = stream.position
    let text = try bytes(length)
    guard text.count == length else {
      throw DataError(path, "its header ends at byte \(start + text.count) of \(start + length)")
    }
    let header = try NPYHeader(text[...], path: path)
    let expected = start + length + header.shape.elementCount * header.type.byteCount
    // Deflate makes at most 1032 bytes of one.
    let canHold =
      stream.isCompressed
      ? expected / 1032 <= stream.fileByteCount : stream.fileByteCount == expected
    guard canHold else {
      throw DataError(
        path,
        "its shape \(header.shape) needs \(expected) bytes, and it has \(stream.fileByteCount)")
    }
    return (header, stream)
  }

  /// Writes a tensor in version 1.0; the bytes are those that NumPy writes.
  public static func write(
    _ path: String, _ tensor: Tensor, files: any FileSystem
  ) throws(DataError) {
    try writing(encode(tensor), to: path, files: files)
  }

  /// The bytes of a file.
  package static func encode(_ tensor: Tensor) -> [UInt8] {
    let sizes = tensor.shape.dimensions.map(String.init)
    let tuple = sizes.joined(separator: ", ") + (sizes.count == 1 ? "," : "")
    var header =
      "{'descr': '\(NPYHeader.code(tensor.type))', 'fortran_order': False, 'shape': (\(tuple)), }"
    // NumPy leaves room for the first size to grow to 21 digits, so that rows can be appended in place.
    if let first = sizes.first {
      header += String(repeating: " ", count: max(0, 21 - first.utf8.count))
    }
    // Ten bytes stand in front, a line feed behind, and the whole is a multiple of 64.
    let unpadded = 10 + header.utf8.count + 1
    header += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    let length = header.utf8.count
    var bytes = magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)]
    bytes += header.utf8
    tensor.withBytes { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// The elements of `tensor`, which lie first dimension fastest, with the last one fastest.
  ///
  /// O(elements).
  private static func rowMajor(_ tensor: Tensor) -> Tensor {
    let dimensions = tensor.shape.dimensions
    var strides: [Int] = []
    var stride = tensor.type.byteCount
    for size in dimensions {
      strides.append(stride)
      stride *= size
    }
    var result = Tensor(uninitialized: tensor.type, tensor.shape)
    let width = tensor.type.byteCount
    tensor.withBytes { source in
      result.withMutableBytes { target in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        var place = [Int](repeating: 0, count: dimensions.count)
        var offset = 0
        for element in 0..<tensor.count {
          (to + element * width).copyMemory(from: from + offset, byteCount: width)
          // Counts up like the digits of a number, the last dimension first.
          var axis = dimensions.count - 1
          while axis >= 0 {
            place[axis] += 1
            offset += strides[axis]
            if place[axis] < dimensions[axis] { break }
            offset -= strides[axis] * dimensions[axis]
            place[axis] = 0
            axis -= 1
          }
        }
      }
    }
    return result
  }
}
