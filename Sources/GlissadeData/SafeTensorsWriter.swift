public import GlissadeSystem
import GlissadeTensor

extension SafeTensors {
  /// Writes a file that a reader sees whole or not at all.
  ///
  /// The bytes depend on nothing but the arguments, and are those that Python's `safetensors`
  /// writes: metadata first, by name; then the tensors, wide types before narrow ones so that each
  /// is aligned, by name within a type.
  public static func write(
    _ path: String, _ tensors: [Named], metadata: [String: String] = [:], files: any FileSystem
  ) throws(DataError) {
    let bytes = try encode(tensors, metadata: metadata, path: path)
    try writing(bytes, to: path, files: files)
  }

  /// The bytes of a file; `path` is for messages.
  package static func encode(
    _ tensors: [Named], metadata: [String: String], path: String
  ) throws(DataError) -> [UInt8] {
    let tensors = tensors.sorted {
      let (left, right) = (rank($0.tensor.type), rank($1.tensor.type))
      return left != right ? left < right : precedesInBytes($0.name, $1.name)
    }
    var names: Set<String> = ["__metadata__"]
    for tensor in tensors where !names.insert(tensor.name).inserted {
      throw DataError(path, "the name \(shown(tensor.name)) cannot be given to a tensor again")
    }
    var members: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { precedesInBytes($0.key, $1.key) }
        .map { JSONValue.quoted($0.key) + ":" + JSONValue.quoted($0.value) }
      members.append("\"__metadata__\":{" + texts.joined(separator: ",") + "}")
    }
    var end = 0
    for (name, tensor) in tensors.map({ ($0.name, $0.tensor) }) {
      let sizes = tensor.shape.dimensions.map(String.init).joined(separator: ",")
      let next = end.addingReportingOverflow(tensor.byteCount)
      precondition(!next.overflow, "tensors in memory pass the address space")
      members.append(
        JSONValue.quoted(name) + ":{\"dtype\":\"\(StoredType(tensor.type).rawValue)\","
          + "\"shape\":[\(sizes)],\"data_offsets\":[\(end),\(next.partialValue)]}")
      end = next.partialValue
    }
    var header = Array(("{" + members.joined(separator: ",") + "}").utf8)
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    guard header.count <= SafeTensorsHeader.maximumByteCount else {
      throw DataError(
        path,
        "its header would have \(header.count) bytes, and the limit is "
          + "\(SafeTensorsHeader.maximumByteCount)")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + end)
    for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: header.count >> (8 * shift))) }
    bytes += header
    for tensor in tensors { tensor.tensor.withBytes { bytes.append(contentsOf: $0) } }
    return bytes
  }

  /// The format's own order of types, backwards.
  private static func rank(_ type: ScalarType) -> Int {
    switch type {
    case .int64: 0
    case .float64: 1
    case .float32: 2
    case .int32: 3
    case .uint8: 4
    }
  }
}
