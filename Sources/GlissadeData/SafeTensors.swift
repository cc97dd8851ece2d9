public import GlissadeSystem
public import GlissadeTensor

/// Reads and writes safetensors files (huggingface/safetensors, format 0.x): eight bytes with the
/// length of a JSON header, the header, then the tensors' little-endian bytes without gaps.
///
/// `F16` and `BF16` are read as `float32`. Files whose header's length is no multiple of 8 are read
/// too, as the format allows.
public enum SafeTensors {
  /// A tensor and its name.
  public struct Named: Sendable {
    /// The name.
    public let name: String
    /// The tensor.
    public let tensor: Tensor

    /// A tensor and its name.
    public init(_ name: String, _ tensor: Tensor) {
      self.name = name
      self.tensor = tensor
    }
  }

  /// The tensors of a file by name, and its metadata.
  public struct Content: Sendable {
    /// The tensors, sorted by the bytes of their names.
    public let tensors: [Named]
    /// Texts by name.
    public let metadata: [String: String]

    /// The tensor of a name.
    ///
    /// O(tensors).
    public subscript(name: String) -> Tensor? { tensors.first { $0.name == name }?.tensor }
  }

  /// What a file holds, without the numbers.
  public struct Summary: Sendable, Hashable {
    /// One tensor.
    public struct Entry: Sendable, Hashable {
      /// The name.
      public let name: String
      /// The type that `read` gives it.
      public let type: ScalarType
      /// The shape.
      public let shape: Shape
    }
    /// The tensors, sorted by the bytes of their names.
    public let tensors: [Entry]
    /// Texts by name.
    public let metadata: [String: String]
  }

  /// Reads the header alone, and checks it against the length of the file.
  public static func inspect(
    _ path: String, files: any FileSystem
  ) throws(DataError) -> Summary {
    let header = try begin(path, files: files).header
    let entries = header.entries.map {
      Summary.Entry(name: $0.name, type: $0.type.scalarType, shape: $0.shape)
    }
    return Summary(
      tensors: entries.sorted { precedesInBytes($0.name, $1.name) }, metadata: header.metadata)
  }

  /// Reads all tensors.
  public static func read(_ path: String, files: any FileSystem) throws(DataError) -> Content {
    let (header, file, start) = try begin(path, files: files)
    var tensors: [Named] = []
    for entry in header.entries.sorted(by: { precedesInBytes($0.name, $1.name) }) {
      let offset = start + entry.range.lowerBound
      tensors.append(Named(entry.name, try load(entry, from: file, at: offset, path)))
    }
    return Content(tensors: tensors, metadata: header.metadata)
  }

  private static func begin(
    _ path: String, files: any FileSystem
  ) throws(DataError) -> (header: SafeTensorsHeader, file: any ReadableFile, start: Int) {
    let file = try reaching(path) { () throws(SystemError) in try files.openForReading(path) }
    guard file.byteCount >= 8 else {
      throw DataError(
        path, "it is no safetensors file: it has \(file.byteCount) bytes, fewer than 8")
    }
    var prefix = [UInt8](repeating: 0, count: 8)
    try filling(&prefix) { (bytes) throws(DataError) in try fill(bytes, file, at: 0, path) }
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(SafeTensorsHeader.maximumByteCount) else {
      throw DataError(
        path,
        "its header has \(length) bytes, and the limit is \(SafeTensorsHeader.maximumByteCount)")
    }
    let start = 8 + Int(length)
    guard start <= file.byteCount else {
      throw DataError(
        path, "its header needs \(start) bytes with its length, and it has \(file.byteCount)")
    }
    var text = [UInt8](repeating: 0, count: Int(length))
    try filling(&text) { (bytes) throws(DataError) in try fill(bytes, file, at: 8, path) }
    let header = try SafeTensorsHeader(
      text, dataByteCount: file.byteCount - start, path: path)
    return (header, file, start)
  }

  private static func load(
    _ entry: SafeTensorsHeader.Entry, from file: any ReadableFile, at offset: Int, _ path: String
  ) throws(DataError) -> Tensor {
    var tensor = Tensor(uninitialized: entry.type.scalarType, entry.shape)
    guard entry.type.byteCount == 2 else {
      try tensor.withMutableBytes { (bytes) throws(DataError) in
        try fill(bytes, file, at: offset, path)
      }
      return tensor
    }
    var halves = [UInt8](repeating: 0, count: entry.range.count)
    try filling(&halves) { (bytes) throws(DataError) in try fill(bytes, file, at: offset, path) }
    tensor.withMutableElements(of: Float.self) { elements in
      for index in elements.indices {
        let bits = UInt16(halves[2 * index]) | UInt16(halves[2 * index + 1]) << 8
        elements[index] = entry.type == .float16 ? widened(half: bits) : widened(bfloat: bits)
      }
    }
    return tensor
  }

  private static func fill(
    _ bytes: UnsafeMutableRawBufferPointer, _ file: any ReadableFile, at offset: Int, _ path: String
  ) throws(DataError) {
    guard !bytes.isEmpty else { return }
    let got = try reaching(path) { () throws(SystemError) in
      try file.read(into: bytes, at: offset)
    }
    guard got == bytes.count else {
      throw DataError(
        path, "it had \(file.byteCount) bytes when it was opened and ends at byte \(offset + got)")
    }
  }
}

/// A brain float is the upper half of a `Float`.
private func widened(bfloat bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

/// An IEEE 754 half as a `Float`, exactly: 1 bit of sign, 5 of exponent, 10 of fraction.
private func widened(half bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let exponent = UInt32(bits >> 10 & 0x1f)
  let fraction = UInt32(bits & 0x3ff)
  switch exponent {
  case 0:
    // Subnormal: a multiple of 2^-24.
    let size = Float(fraction) * 0x1p-24
    return sign == 0 ? size : -size
  case 31: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
  default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
  }
}
