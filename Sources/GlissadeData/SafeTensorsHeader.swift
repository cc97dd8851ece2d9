import GlissadeTensor

/// What the JSON header of a safetensors file says, checked against the length of the file.
struct SafeTensorsHeader {
  /// The most bytes of a header, as the format sets it.
  static let maximumByteCount = 100_000_000

  /// One tensor.
  struct Entry {
    let name: String
    let type: StoredType
    let shape: Shape
    /// The bytes behind the header that are its own.
    let range: Range<Int>
  }

  /// The tensors in the order of their bytes.
  let entries: [Entry]
  let metadata: [String: String]

  /// Reads a header's text for a file with `dataByteCount` bytes behind it.
  init(_ text: [UInt8], dataByteCount: Int, path: String) throws(DataError) {
    guard text.first == 0x7b else {
      throw DataError(path, "it is no safetensors file: its header does not begin with '{'")
    }
    let header: JSONValue
    do throws(JSONError) {
      // An entry holds a list and no more, so four levels are plenty.
      header = try JSONParser.parse(text[...], maximumDepth: 4)
    } catch {
      throw DataError(path, "its header is wrong at byte \(error.offset + 8): \(error.message)")
    }
    guard case .object(let members) = header else {
      throw DataError(path, "its header is \(header.kind) and not an object")
    }
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    for member in members {
      if member.name == "__metadata__" {
        metadata = try SafeTensorsHeader.metadata(member.value, path)
      } else {
        entries.append(try SafeTensorsHeader.entry(member, path))
      }
    }
    entries.sort {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var end = 0
    for entry in entries {
      guard entry.range.lowerBound == end else {
        let what = entry.range.lowerBound < end ? "overlap" : "leave a gap before"
        throw DataError(path, "the bytes of other tensors \(what) those of \(shown(entry.name))")
      }
      end = entry.range.upperBound
    }
    guard end == dataByteCount else {
      throw DataError(
        path, "its tensors take \(end) bytes, and \(dataByteCount) follow the header")
    }
    self.entries = entries
    self.metadata = metadata
  }

  private static func metadata(
    _ value: JSONValue, _ path: String
  ) throws(DataError) -> [String: String] {
    guard case .object(let members) = value else {
      throw DataError(path, "its '__metadata__' is \(value.kind) and not an object")
    }
    var result: [String: String] = [:]
    for member in members {
      guard case .string(let text) = member.value else {
        throw DataError(
          path, "the metadata \(shown(member.name)) is \(member.value.kind) and not a text")
      }
      result[member.name] = text
    }
    return result
  }

  private static func entry(
    _ member: JSONValue.Member, _ path: String
  ) throws(DataError) -> Entry {
    func complain(_ message: String) -> DataError {
      DataError(path, "the tensor \(shown(member.name)) " + message)
    }
    guard case .object(let fields) = member.value else {
      throw complain("is \(member.value.kind) and not an object")
    }
    for field in fields where !["dtype", "shape", "data_offsets"].contains(field.name) {
      throw complain("has the unknown field \(shown(field.name))")
    }
    guard case .string(let code) = member.value["dtype"] else {
      throw complain("has no text as 'dtype'")
    }
    guard let type = StoredType(rawValue: code) else {
      throw complain("has the type \(shown(code)), which is not read")
    }
    guard let sizes = integers(member.value["shape"]) else {
      throw complain("has no list of whole numbers as 'shape'")
    }
    guard let shape = Shape(checking: sizes) else {
      throw complain(
        "has a shape that is not possible: rank \(sizes.count), sizes \(sizes.prefix(9))")
    }
    guard let offsets = integers(member.value["data_offsets"]), offsets.count == 2,
      offsets[0] >= 0, offsets[0] <= offsets[1]
    else { throw complain("has no two rising whole numbers as 'data_offsets'") }
    // The shape keeps room for 16 bytes an element, so this cannot overflow.
    let needed = shape.elementCount * type.byteCount
    guard offsets[1] - offsets[0] == needed else {
      throw complain(
        "needs \(needed) bytes for its shape \(shape), and has \(offsets[1] - offsets[0])")
    }
    return Entry(name: member.name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  private static func integers(_ value: JSONValue?) -> [Int]? {
    guard case .array(let elements) = value else { return nil }
    var result: [Int] = []
    for element in elements {
      guard case .integer(let number) = element else { return nil }
      result.append(number)
    }
    return result
  }
}

/// The types of elements that safetensors files hold and that are read here.
enum StoredType: String {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case int64 = "I64"
  case int32 = "I32"
  case uint8 = "U8"

  /// The type that stores a scalar type as it is.
  init(_ type: ScalarType) {
    switch type {
    case .float32: self = .float32
    case .float64: self = .float64
    case .int32: self = .int32
    case .int64: self = .int64
    case .uint8: self = .uint8
    }
  }

  /// The bytes of one element in the file.
  var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16: 2
    case .uint8: 1
    }
  }

  /// The type in memory: halves are widened, which is exact.
  var scalarType: ScalarType {
    switch self {
    case .float64: .float64
    case .float32, .float16, .bfloat16: .float32
    case .int64: .int64
    case .int32: .int32
    case .uint8: .uint8
    }
  }
}
