import Foundation

/// Reads what the tests need of ONNX's published examples: tensors, and the numbers of a model's first node.
///
/// A protocol buffer is a list of fields (key = number · 8 + wire type, then a varint, 8 bytes, a length with bytes, or
/// 4 bytes). https://github.com/onnx/onnx/blob/main/onnx/onnx.proto gives the numbers.
struct ONNXFile {
  /// A field's content.
  enum Content {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
  }

  /// The fields of a message; stops at the first broken one.
  static func fields(_ bytes: ArraySlice<UInt8>) -> [(number: Int, content: Content)] {
    var rest = bytes
    var result: [(Int, Content)] = []
    func varint() -> UInt64? {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 64, by: 7) {
        guard let byte = rest.popFirst() else { return nil }
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
      }
      return nil
    }
    while let key = varint() {
      let number = Int(key >> 3)
      switch key & 7 {
      case 0:
        guard let value = varint() else { return result }
        result.append((number, .number(value)))
      case 1, 5:
        let size = key & 7 == 1 ? 8 : 4
        guard rest.count >= size else { return result }
        let value = rest.prefix(size).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        rest = rest.dropFirst(size)
        result.append((number, .number(value)))
      case 2:
        guard let size = varint(), size <= rest.count else { return result }
        result.append((number, .bytes(rest.prefix(Int(size)))))
        rest = rest.dropFirst(Int(size))
      default: return result
      }
    }
    return result
  }

  /// The numbers of a TensorProto in a file: type 1 is Float32, 6 Int32, 7 Int64, and field 9 the raw bytes.
  static func tensor(_ path: String) throws -> [Double] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var type: UInt64 = 0
    var raw: [UInt8] = []
    for field in fields(bytes[...]) {
      switch (field.number, field.content) {
      case (2, .number(let value)): type = value
      case (9, .bytes(let value)): raw = Array(value)
      default: break
      }
    }
    func numbers<Scalar>(_: Scalar.Type, _ convert: (Scalar) -> Double) -> [Double] {
      raw.withUnsafeBytes { bytes in
        stride(from: 0, to: bytes.count, by: MemoryLayout<Scalar>.size).map {
          convert(bytes.loadUnaligned(fromByteOffset: $0, as: Scalar.self))
        }
      }
    }
    switch type {
    case 1: return numbers(Float.self) { Double($0) }
    case 6: return numbers(Int32.self) { Double($0) }
    case 7: return numbers(Int64.self) { Double($0) }
    default: return []
    }
  }

  /// The Float32 attributes of a model's first node, by name.
  static func attributes(_ path: String) throws -> [String: Double] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var result: [String: Double] = [:]
    for graph in messages(7, in: bytes[...]) {
      for attribute in messages(1, in: graph).flatMap({ messages(5, in: $0) }) {
        var name = ""
        for field in fields(attribute) {
          switch (field.number, field.content) {
          case (1, .bytes(let value)): name = String(decoding: value, as: UTF8.self)
          case (2, .number(let value)):
            result[name] = Double(Float(bitPattern: UInt32(truncatingIfNeeded: value)))
          default: break
          }
        }
      }
    }
    return result
  }

  private static func messages(_ number: Int, in bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    fields(bytes).compactMap { field in
      guard field.number == number, case .bytes(let content) = field.content else { return nil }
      return content
    }
  }
}
