package import GlissadeSystem

/// A file read forward, plain or gzip; which of the two, its first bytes say (`1f 8b`), not its
/// name.
///
/// One owner reads it; it is not for sharing.
package final class ByteStream {
  /// The bytes that one `next(into:)` gives at most.
  package static let chunkByteCount = 256 * 1024

  /// The file.
  package let path: String
  /// The bytes of the file on the disk.
  package let fileByteCount: Int
  /// The bytes that were given out, decompressed.
  package private(set) var position = 0

  private let file: any ReadableFile
  private let gunzip: Gunzip?
  private let limit: Int

  /// Opens a file.
  ///
  /// Giving out more than `limit` bytes will be an error, so that a small file cannot unpack to
  /// more than the caller has room for.
  /// - Parameter start: The byte of a plain file that is given out first.
  package init(
    _ path: String, files: any FileSystem, limit: Int, from start: Int = 0
  ) throws(DataError) {
    let file = try reaching(path) { () throws(SystemError) in try files.openForReading(path) }
    var magic: (UInt8, UInt8) = (0, 0)
    let got = try withUnsafeMutableBytes(of: &magic) { (bytes) throws(DataError) in
      try reaching(path) { () throws(SystemError) in try file.read(into: bytes, at: 0) }
    }
    self.path = path
    self.file = file
    self.limit = limit
    fileByteCount = file.byteCount
    gunzip = got == 2 && magic == (0x1f, 0x8b) ? Gunzip(file, path: path) : nil
    precondition(
      start == 0 || gunzip == nil, "'\(path)' is compressed and read from its start only")
    position = start
  }

  /// Whether the file is gzip.
  package var isCompressed: Bool { gunzip != nil }

  /// Fills `target`; gives the count of bytes, less than asked only at the end.
  package func read(into target: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    guard !target.isEmpty else { return 0 }
    let got: Int
    if let gunzip {
      got = try gunzip.read(into: target)
    } else {
      got = try reaching(path) { () throws(SystemError) in
        try file.read(into: target, at: position)
      }
      if got < target.count && position + got < fileByteCount {
        throw DataError(
          path,
          "it had \(fileByteCount) bytes when it was opened and ends at byte \(position + got)")
      }
    }
    position += got
    if position > limit {
      let how = isCompressed ? " once decompressed" : ""
      throw DataError(path, "it has more than \(limit) bytes\(how), which is the limit")
    }
    return got
  }

  /// Replaces `chunk` by the next at most `chunkByteCount` bytes; gives their count, 0 at the end.
  package func next(into chunk: inout [UInt8]) throws(DataError) -> Int {
    let room = ByteStream.chunkByteCount
    if chunk.count < room {
      chunk += [UInt8](repeating: 0, count: room - chunk.count)
    }
    let got = try filling(&chunk) { (bytes) throws(DataError) in
      try self.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<room]))
    }
    chunk.removeLast(chunk.count - got)
    return got
  }

  /// Fills all of `target`; a file that ends before is an error.
  func fill(_ target: UnsafeMutableRawBufferPointer) throws(DataError) {
    guard try read(into: target) == target.count else { throw endsEarly() }
  }

  /// Passes over bytes.
  func skip(_ count: Int) throws(DataError) {
    var left = count
    var chunk = [UInt8](repeating: 0, count: min(count, ByteStream.chunkByteCount))
    while left > 0 {
      let step = min(left, chunk.count)
      try filling(&chunk) { (bytes) throws(DataError) in
        try fill(UnsafeMutableRawBufferPointer(rebasing: bytes[..<step]))
      }
      left -= step
    }
  }

  /// Complains about bytes that follow; reading so far verifies the checksum of a compressed file.
  func expectEnd() throws(DataError) {
    var byte: UInt8 = 0
    let got = try withUnsafeMutableBytes(of: &byte) { (bytes) throws(DataError) in
      try read(into: bytes)
    }
    guard got == 0 else {
      throw DataError(path, "more bytes follow than its dimensions need")
    }
  }

  private func endsEarly() -> DataError {
    DataError(path, "it ends before the elements that its dimensions need")
  }

  /// The whole of a file, decompressed, refused where it passes `limit` bytes.
  package static func readAll(
    _ path: String, files: any FileSystem, limit: Int
  ) throws(DataError) -> [UInt8] {
    let stream = try ByteStream(path, files: files, limit: limit)
    if !stream.isCompressed {
      guard stream.fileByteCount <= limit else {
        throw DataError(
          path, "it has \(stream.fileByteCount) bytes, and the limit is \(limit)")
      }
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(limit, stream.fileByteCount))
    var chunk: [UInt8] = []
    while try stream.next(into: &chunk) > 0 { bytes += chunk }
    return bytes
  }
}

/// Lends an array's bytes for writing, with typed errors, which `withUnsafeMutableBytes` has not.
func filling<Result>(
  _ bytes: inout [UInt8], _ body: (UnsafeMutableRawBufferPointer) throws(DataError) -> Result
) throws(DataError) -> Result {
  let result = bytes.withUnsafeMutableBytes { buffer in
    Swift.Result { () throws(DataError) in try body(buffer) }
  }
  return try result.get()
}
