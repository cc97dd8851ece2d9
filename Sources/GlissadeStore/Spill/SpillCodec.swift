import GlissadeSystem
public import GlissadeTensor

/// A tensor as the bytes of a spill file and back, without any file: what tests, fuzzers and other carriers use.
///
/// The files themselves are written and read by chunks, on several threads, through the same `SpillCoder`.
public enum SpillCodec {
  /// The bytes of the file that holds `tensor`.
  public static func encode(
    _ tensor: Tensor, as spec: SpillSpec, using coder: inout SpillCoder
  ) -> [UInt8] {
    precondition(
      tensor.type == spec.type && tensor.shape == spec.shape && coder.chunkBytes == spec.chunkBytes,
      "a \(tensor.type) tensor of \(tensor.shape) is put away as \(spec.type) of \(spec.shape)")
    var bytes = [UInt8](repeating: 0, count: spec.headerBytes)
    var table: [SpillHeader.Entry] = []
    for index in 0..<spec.chunkCount {
      tensor.withBytes { content in
        var (entry, coded) = coder.encode(
          UnsafeRawBufferPointer(rebasing: content[spec.range(ofChunk: index)]), index: index,
          of: spec)
        entry.offset = bytes.count
        bytes.append(contentsOf: coded)
        table.append(entry)
      }
    }
    _ = bytes.withUnsafeMutableBytes { file in
      SpillHeader.write(
        spec, table, into: UnsafeMutableRawBufferPointer(rebasing: file[..<spec.headerBytes]))
    }
    return bytes
  }

  /// Fills `target`, which has the size that `spec` says, from the bytes of a file that holds just what `spec` says.
  ///
  /// No size in `bytes` is trusted, none of them decides how much is written or allocated. After an error the content of
  /// `target` is undefined.
  ///
  /// - Throws: `StoreError.foreign`, `.stale`, `.short` or `.damaged`, whatever `bytes` are.
  public static func decode(
    _ bytes: UnsafeRawBufferPointer, expecting spec: SpillSpec,
    into target: UnsafeMutableRawBufferPointer, using coder: inout SpillCoder
  ) throws(StoreError) {
    precondition(
      target.count == spec.byteCount && coder.chunkBytes == spec.chunkBytes,
      "\(target.count) bytes for \(spec.type) of \(spec.shape)")
    let path = "in memory"
    guard bytes.count >= spec.headerBytes else {
      throw .short(
        path: path, expected: ByteCount(spec.headerBytes), found: ByteCount(bytes.count))
    }
    let table = try SpillHeader.table(
      in: UnsafeRawBufferPointer(rebasing: bytes[..<spec.headerBytes]), expecting: spec, seal: nil,
      fileBytes: bytes.count, path: path)
    for (index, entry) in table.enumerated() {
      let isSound = coder.decode(
        UnsafeRawBufferPointer(rebasing: bytes[entry.offset..<entry.offset + entry.slot]), entry,
        index: index, of: spec,
        into: UnsafeMutableRawBufferPointer(rebasing: target[spec.range(ofChunk: index)]))
      guard isSound else { throw .damaged(path: path, part: "chunk \(index)") }
    }
  }

  /// How each chunk of a sound file is stored.
  package static func codings(
    in bytes: UnsafeRawBufferPointer, expecting spec: SpillSpec
  ) throws(StoreError) -> [SpillCoding] {
    try SpillHeader.table(
      in: UnsafeRawBufferPointer(rebasing: bytes[..<spec.headerBytes]), expecting: spec, seal: nil,
      fileBytes: bytes.count, path: "in memory"
    ).map(\.coding)
  }

  /// The tensor that `bytes` hold, if they hold just what `spec` says: one call for fuzzers.
  public static func decode(
    _ bytes: UnsafeRawBufferPointer, expecting spec: SpillSpec
  ) throws(StoreError) -> Tensor {
    var coder = SpillCoder(chunkBytes: spec.chunkBytes)
    var tensor = Tensor(uninitialized: spec.type, spec.shape)
    try tensor.withMutableBytes { target throws(StoreError) in
      try decode(bytes, expecting: spec, into: target, using: &coder)
    }
    return tensor
  }
}
