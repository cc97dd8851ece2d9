import CZlib
import GlissadeSystem

/// The decompressed bytes of a gzip file of one or more members (RFC 1952), read forward.
final class Gunzip {
  /// Where the next byte of the file belongs.
  private enum Place {
    case inMember
    case betweenMembers
    case inPadding
    case atEnd
  }

  private let file: any ReadableFile
  private let path: String
  // Both at addresses that do not move: zlib's state points back at its stream.
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutablePointer<UInt8>
  private var fileOffset = 0
  private var place = Place.inMember

  init(_ file: any ReadableFile, path: String) {
    self.file = file
    self.path = path
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    input = .allocate(capacity: ByteStream.chunkByteCount)
    // 15 bits of window, and 16 for "gzip header and checksum".
    let code = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(code == Z_OK, "zlib gives no stream: \(code)")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  /// Fills `target`; gives the count of bytes, less than asked only at the end.
  func read(into target: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    var done = 0
    while done < target.count && place != .atEnd {
      if stream.pointee.avail_in == 0 {
        try refill()
      } else if place == .inMember {
        done += try inflateSome(into: UnsafeMutableRawBufferPointer(rebasing: target[done...]))
      } else {
        try passToNextMember()
      }
    }
    return done
  }

  /// The byte of the file that comes next.
  private var offset: Int { fileOffset - Int(stream.pointee.avail_in) }

  private func refill() throws(DataError) {
    let buffer = UnsafeMutableRawBufferPointer(start: input, count: ByteStream.chunkByteCount)
    let got = try reaching(path) { () throws(SystemError) in
      try file.read(into: buffer, at: fileOffset)
    }
    if got == 0 {
      guard place != .inMember else {
        throw DataError(path, "the gzip data is cut off at byte \(fileOffset)")
      }
      place = .atEnd
    }
    fileOffset += got
    stream.pointee.next_in = input
    stream.pointee.avail_in = UInt32(got)
  }

  private func inflateSome(into target: UnsafeMutableRawBufferPointer) throws(DataError) -> Int {
    let room = min(target.count, 1 << 30)
    stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(room)
    let code = inflate(stream, Z_NO_FLUSH)
    let made = room - Int(stream.pointee.avail_out)
    switch code {
    case Z_OK: break
    case Z_STREAM_END: place = .betweenMembers
    case Z_MEM_ERROR: throw DataError(path, "no memory is left to decompress it")
    // No progress with room left: zlib waits for input, and `refill` will bring it.
    case Z_BUF_ERROR where stream.pointee.avail_in == 0: break
    default:
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
      throw DataError(path, "the gzip data is damaged near byte \(offset): \(reason)")
    }
    return made
  }

  /// Another member may follow at once, or zeros up to the end, as tape drives leave them.
  private func passToNextMember() throws(DataError) {
    while stream.pointee.avail_in > 0, stream.pointee.next_in.pointee == 0 {
      place = .inPadding
      stream.pointee.next_in += 1
      stream.pointee.avail_in -= 1
    }
    guard stream.pointee.avail_in > 0 else { return }
    guard place == .betweenMembers, stream.pointee.next_in.pointee == 0x1f else {
      throw DataError(path, "something that is not gzip follows the gzip data at byte \(offset)")
    }
    inflateReset(stream)
    place = .inMember
  }
}
