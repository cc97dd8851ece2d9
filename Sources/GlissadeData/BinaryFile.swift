package import GlissadeSystem
package import GlissadeTensor

/// An IDX or NPY file of rows: what its header says, and where its elements begin.
package struct BinaryFile: Sendable {
  /// The format of a file.
  package enum Format: String, Sendable {
    case idx = "IDX"
    case npy = "NPY"
  }

  /// The file as it was when its header was read.
  package let seen: SeenFile
  /// What its first bytes say that it is.
  package let format: Format
  /// The type of the elements.
  package let type: ScalarType
  /// The dimensions, rows first.
  package let shape: Shape
  /// Whether it is gzip, and can be read forward only.
  package let isCompressed: Bool
  /// The bytes in front of the elements, decompressed.
  let start: Int

  /// The number of rows.
  package var rowCount: Int { shape[0] }

  /// The bytes of one row.
  package var rowByteCount: Int {
    shape.dimensions.dropFirst().reduce(type.byteCount, *)
  }

  /// Reads a header; the length of a plain file is checked against it.
  ///
  /// - Throws: `DataError` for a file of neither format, and for an NPY file whose rows do not lie
  ///   one after another.
  package init(_ path: String, files: any FileSystem) throws(DataError) {
    seen = try SeenFile(path, files: files)
    format = try BinaryFile.format(of: path, files: files) ?? .idx
    let stream: ByteStream
    switch format {
    case .idx:
      let header: IDX.Header
      (header, stream) = try IDX.begin(path, limit: IDX.defaultLimit, files: files)
      (type, shape) = (header.type, header.shape)
    case .npy:
      let header: NPYHeader
      (header, stream) = try NPY.begin(path, files: files)
      guard header.shape.rank > 0 else {
        throw DataError(path, "it holds a single number, and rows are expected")
      }
      guard !header.isFortran else {
        throw DataError(
          path, "it is in Fortran order, and rows are read from files in C order only")
      }
      (type, shape) = (header.type, header.shape)
    }
    isCompressed = stream.isCompressed
    start = stream.position
    try seen.check(files: files)
  }

  /// The format that a file's first bytes, decompressed, tell; nil for another one.
  package static func format(
    of path: String, files: any FileSystem
  ) throws(DataError) -> Format? {
    let stream = try ByteStream(path, files: files, limit: .max)
    var first = [UInt8](repeating: 0, count: NPY.magic.count)
    let got = try filling(&first) { (bytes) throws(DataError) in try stream.read(into: bytes) }
    if got == first.count, first == NPY.magic { return .npy }
    let isIDX =
      got >= 4 && first[0] == 0 && first[1] == 0 && (0x08...0x0E).contains(first[2])
      && (1...4).contains(first[3])
    return isIDX ? .idx : nil
  }
}
