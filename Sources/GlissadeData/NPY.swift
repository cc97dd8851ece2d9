public import GlissadeSystem
public import GlissadeTensor

/// Reads and writes NPY files, NumPy's own format, in its versions 1.0 and 2.0 (NumPy Enhancement
/// Proposal 1).
public enum NPY {
  private static let magic: [UInt8] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]
  /// The most bytes of a header.
  private static let maximumHeader = 1 << 20

  /// Reads an array of `<f4`, `<f8`, `<i4`, `<i8` or `|u1`.
  ///
  /// One in Fortran order is put into row-major order.
  public static func read(_ path: String, files: any FileSystem) throws(DataError) -> Tensor {
    let file = try reaching(path) { () throws(SystemError) in try files.openForReading(path) }
    let prefix = try bytes(file, at: 0, count: 12, path)
    guard prefix.starts(with: magic), prefix.count >= 10 else {
      throw DataError(path, "it is no NPY file, which begins with byte 0x93 and 'NUMPY'")
    }
    let (major, minor) = (prefix[6], prefix[7])
    guard (major == 1 || major == 2) && minor == 0 else {
      throw DataError(path, "it has the NPY version \(major).\(minor); 1.0 and 2.0 are read")
    }
    let width = major == 1 ? 2 : 4
    let length = prefix[8...].prefix(width).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= maximumHeader else {
      throw DataError(path, "its header has \(length) bytes, and the limit is \(maximumHeader)")
    }
    let start = 8 + width
    let text = try bytes(file, at: start, count: length, path)
    guard text.count == length else {
      throw DataError(path, "its header ends at byte \(start + text.count) of \(start + length)")
    }
    let header = try NPYHeader(text[...], path: path)
    let expected = start + length + header.shape.elementCount * header.type.byteCount
    guard file.byteCount == expected else {
      throw DataError(
        path, "its shape \(header.shape) needs \(expected) bytes, and it has \(file.byteCount)")
    }
    var tensor = Tensor(uninitialized: header.type, header.shape)
    let got = try tensor.withMutableBytes { (buffer) throws(DataError) in
      guard !buffer.isEmpty else { return 0 }
      return try reaching(path) { () throws(SystemError) in
        try file.read(into: buffer, at: start + length)
      }
    }
    guard got == tensor.byteCount else {
      throw DataError(
        path, "it had \(expected) bytes when it was opened and ends at \(start + length + got)")
    }
    return header.isFortran ? rowMajor(tensor) : tensor
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

  private static func bytes(
    _ file: any ReadableFile, at offset: Int, count: Int, _ path: String
  ) throws(DataError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try filling(&bytes) { (buffer) throws(DataError) in
      try reaching(path) { () throws(SystemError) in try file.read(into: buffer, at: offset) }
    }
    bytes.removeLast(count - got)
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
