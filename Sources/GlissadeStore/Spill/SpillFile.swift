import GlissadeSystem
public import GlissadeTensor

/// A tensor that was put away on the disk; the file is removed when this value is let go.
///
/// Whoever has one owns the tensor's only copy, or keeps it beside a resident one: reading it back leaves the file, so
/// that a tensor which is not changed need not be written twice.
public struct SpillFile: ~Copyable, Sendable {
  let contents: SpillContents

  /// Takes over a file that is complete.
  init(_ contents: SpillContents) { self.contents = contents }

  /// Writes a tensor on the calling thread.
  ///
  /// If this throws, nothing was lost and nothing is left on the disk: the caller still has the tensor.
  public init(
    storing tensor: Tensor, as key: SpillKey, in directory: SpillDirectory,
    using coder: inout SpillCoder
  ) throws(StoreError) {
    let write = SpillWrite(tensor, as: key, in: directory, chunkBytes: coder.chunkBytes)
    self.contents = try write.finish(write.performAll(&coder))
  }

  /// Reads the tensor on the calling thread, into `storage`, which has room for it.
  ///
  /// - Throws: `StoreError`; what `storage` then holds is undefined.
  public func restore(
    into storage: TensorStorage, using coder: inout SpillCoder
  ) throws(StoreError) -> Tensor {
    let read = SpillRead(contents, into: storage)
    return try read.finish(read.performAll(&coder))
  }

  /// What the file holds.
  public var spec: SpillSpec { contents.spec }

  /// The bytes of the tensor.
  public var tensorBytes: ByteCount { ByteCount(contents.spec.byteCount) }

  /// The bytes of the file: header, chunks as they are stored, and what fills their last blocks.
  public var fileBytes: ByteCount { ByteCount(contents.fileBytes) }

  /// Where the file is.
  public var path: String { contents.path }
}

/// A complete spill file, removed when the last one lets go: its owner, or a reader that was still at work.
final class SpillContents: Sendable {
  let directory: SpillDirectory
  let name: String
  let spec: SpillSpec
  let fileBytes: Int
  /// The checksum of the header as it was written: no other file passes for this one.
  let seal: UInt64

  init(
    _ directory: SpillDirectory, name: String, spec: SpillSpec, fileBytes: Int, seal: UInt64
  ) {
    self.directory = directory
    self.name = name
    self.spec = spec
    self.fileBytes = fileBytes
    self.seal = seal
  }

  deinit { try? directory.files.remove(name) }

  var path: String { directory.path + "/" + name }
}
