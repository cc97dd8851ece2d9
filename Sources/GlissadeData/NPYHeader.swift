import GlissadeTensor

/// The header of an NPY file: a Python dictionary with the three members `descr`, `fortran_order`
/// and `shape`.
struct NPYHeader {
  let type: ScalarType
  let shape: Shape
  /// Whether the first dimension is the fastest.
  let isFortran: Bool

  private struct Malformed: Error {
    let message: String
  }

  init(type: ScalarType, shape: Shape) {
    self.type = type
    self.shape = shape
    isFortran = false
  }

  /// Reads a header's text.
  init(_ text: ArraySlice<UInt8>, path: String) throws(DataError) {
    do throws(Malformed) {
      try self.init(text)
    } catch { throw DataError(path, "its header " + error.message) }
  }

  private init(_ text: ArraySlice<UInt8>) throws(Malformed) {
    var rest = text
    var code: String?
    var fortran: Bool?
    var sizes: [Int]?
    try NPYHeader.expect("{", &rest)
    while !NPYHeader.take("}", &rest) {
      let name = try NPYHeader.string(&rest)
      try NPYHeader.expect(":", &rest)
      switch name {
      case "descr" where code == nil:
        NPYHeader.skipSpaces(&rest)
        if rest.first == 0x5b { throw Malformed(message: "has records, which are not read") }
        code = try NPYHeader.string(&rest)
      case "fortran_order" where fortran == nil:
        fortran = NPYHeader.take("True", &rest)
        if fortran == false { try NPYHeader.expect("False", &rest) }
      case "shape" where sizes == nil: sizes = try NPYHeader.tuple(&rest)
      default: throw Malformed(message: "has the member \(shown(name)) once too often")
      }
      if !NPYHeader.take(",", &rest) {
        try NPYHeader.expect("}", &rest)
        break
      }
    }
    NPYHeader.skipSpaces(&rest)
    guard rest.isEmpty, let code, let fortran, let sizes else {
      throw Malformed(message: "needs 'descr', 'fortran_order' and 'shape' and nothing else")
    }
    guard let type = NPYHeader.type(code) else {
      throw Malformed(message: "names the type \(shown(code)), which is not read")
    }
    guard let shape = Shape(checking: sizes) else {
      throw Malformed(message: "names a shape that is not possible: \(sizes)")
    }
    self.type = type
    self.shape = shape
    isFortran = fortran
  }

  /// The code of a little-endian type.
  static func code(_ type: ScalarType) -> String {
    switch type {
    case .float32: "<f4"
    case .float64: "<f8"
    case .int32: "<i4"
    case .int64: "<i8"
    case .uint8: "|u1"
    }
  }

  private static func type(_ code: String) -> ScalarType? {
    switch code {
    case "<f4": .float32
    case "<f8": .float64
    case "<i4": .int32
    case "<i8": .int64
    case "|u1", "<u1": .uint8
    default: nil
    }
  }

  private static func skipSpaces(_ rest: inout ArraySlice<UInt8>) {
    rest = rest.drop { $0 == 0x20 || $0 == 0x0a }
  }

  private static func take(_ word: String, _ rest: inout ArraySlice<UInt8>) -> Bool {
    skipSpaces(&rest)
    guard rest.starts(with: word.utf8) else { return false }
    rest = rest.dropFirst(word.utf8.count)
    return true
  }

  private static func expect(
    _ word: String, _ rest: inout ArraySlice<UInt8>
  ) throws(Malformed) {
    guard take(word, &rest) else {
      throw Malformed(message: "has no '\(word)' at its byte \(rest.startIndex)")
    }
  }

  private static func string(_ rest: inout ArraySlice<UInt8>) throws(Malformed) -> String {
    skipSpaces(&rest)
    guard let quote = rest.first, quote == 0x27 || quote == 0x22,
      let end = rest.dropFirst().firstIndex(of: quote)
    else { throw Malformed(message: "has no text in quotes at its byte \(rest.startIndex)") }
    let text = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
    rest = rest[(end + 1)...]
    return text
  }

  private static func tuple(_ rest: inout ArraySlice<UInt8>) throws(Malformed) -> [Int] {
    try expect("(", &rest)
    var sizes: [Int] = []
    while !take(")", &rest) {
      let digits = rest.prefix { $0 &- 0x30 <= 9 }
      guard let size = Int(String(decoding: digits, as: UTF8.self)) else {
        throw Malformed(message: "has no size at its byte \(rest.startIndex)")
      }
      sizes.append(size)
      rest = rest[digits.endIndex...]
      if !take(",", &rest) {
        try expect(")", &rest)
        break
      }
    }
    return sizes
  }
}
