public import GlissadeSystem
public import GlissadeTensor

/// A text as tokens, one for each Unicode scalar.
public struct CharacterTokens: Sendable {
  /// `int32` of shape [scalars]: indices into `vocabulary`.
  public let tokens: Tensor
  /// The scalars as texts; those of the file in rising order where none were given.
  public let vocabulary: [String]

  /// Reads a file of UTF-8, plain or gzip, as it stands: line endings and a byte order mark are tokens too.
  ///
  /// - Parameters:
  ///   - vocabulary: that of the training data; a scalar outside it is an error.
  ///   - limit: the most bytes, decompressed.
  public static func read(
    _ path: String, vocabulary: [String]? = nil, limit: Int = 1 << 30, files: any FileSystem
  ) throws(DataError) -> CharacterTokens {
    let bytes = try ByteStream.readAll(path, files: files, limit: limit)
    var scalars: [Unicode.Scalar] = []
    scalars.reserveCapacity(bytes.count)
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    decoding: while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): scalars.append(scalar)
      case .emptyInput: break decoding
      case .error:
        let (line, column) = place(after: scalars[...])
        throw DataError(path, line: line, column: column, "the text is not UTF-8 from here on")
      }
    }
    let vocabulary =
      vocabulary ?? Set(scalars).sorted().map { String(Character($0)) }
    var tokenOf: [Unicode.Scalar: Int32] = [:]
    for (index, entry) in vocabulary.enumerated() {
      guard let scalar = entry.unicodeScalars.first, entry.unicodeScalars.count == 1,
        tokenOf.updateValue(Int32(index), forKey: scalar) == nil
      else {
        throw DataError(
          path, "entry \(index) of the vocabulary, \(shown(entry)), is not one character of its own"
        )
      }
    }
    var tokens = Tensor(uninitialized: .int32, Shape(scalars.count))
    try tokens.withMutableElements(of: Int32.self) { (target) throws(DataError) in
      for (index, scalar) in scalars.enumerated() {
        guard let token = tokenOf[scalar] else {
          let (line, column) = place(after: scalars[..<index])
          throw DataError(
            path, line: line, column: column,
            "the character \(shown(String(Character(scalar)))) is not in the vocabulary")
        }
        target[index] = token
      }
    }
    return CharacterTokens(tokens: tokens, vocabulary: vocabulary)
  }

  private static func place(after scalars: ArraySlice<Unicode.Scalar>) -> (line: Int, column: Int) {
    let line = scalars.count { $0 == "\n" } + 1
    let start = scalars.lastIndex(of: "\n").map { $0 + 1 } ?? scalars.startIndex
    return (line, scalars.endIndex - start + 1)
  }
}
