internal import CSystem
import Glibc

/// How fast a directory's disk writes and reads one long file, measured.
public struct DiskSpeed: Sendable, Hashable {
  /// The bytes that were written and read back.
  public let bytes: Int
  /// Bytes a second of writing, the last sync included.
  public let writeBytesPerSecond: Double
  /// Bytes a second of reading.
  public let readBytesPerSecond: Double
  /// Whether bytes went past the page cache (`O_DIRECT`); where the file system cannot, reading may have been answered
  /// from memory.
  public let isDirect: Bool

  /// Bytes of one write or read: 4 MiB, which direct access wants aligned.
  private static let piece = 4 << 20
  private static let alignment = 4096

  /// Measures with a file that has no name, and so is gone at the end however that comes.
  ///
  /// - Parameters:
  ///   - directory: Where.
  ///   - bytes: The size of the file; less where the disk has no four times as much to spare.
  ///   - seconds: After this time neither writing nor reading begins another piece.
  /// - Throws: `SystemError` where the directory cannot be written.
  public static func measure(
    in directory: String, bytes: Int = 256 << 20, seconds: Double = 2
  ) throws(SystemError) -> DiskSpeed {
    let file = try NamelessFile(in: directory)
    let wanted = max(piece, min(bytes, freeBytes(of: file.descriptor) / 4) / piece * piece)
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, alignment, piece) == 0, let memory else {
      throw SystemError(.allocate, path: nil, words: "no \(piece) bytes are left")
    }
    defer { free(memory) }
    // Not all zero, since some file systems keep no zeros.
    for offset in stride(from: 0, to: piece, by: 8) {
      memory.storeBytes(
        of: UInt64(offset) &* 0x9e37_79b9_7f4a_7c15, toByteOffset: offset, as: UInt64.self)
    }
    var isDirect = glissade_set_direct(file.descriptor, 1) == 0
    var written = 0
    let began = MonotonicClock.now()
    while written < wanted, written == 0 || MonotonicClock.seconds(since: began) < seconds {
      let put = pwrite(file.descriptor, memory, piece, off_t(written))
      if put < 0 && errno == EINTR { continue }
      if put < 0 && errno == EINVAL && isDirect {
        // Taken at first, refused at the first write.
        isDirect = false
        _ = glissade_set_direct(file.descriptor, 0)
        continue
      }
      guard put == piece else {
        throw SystemError(.write, path: directory, code: put < 0 ? errno : ENOSPC)
      }
      written += piece
    }
    guard fdatasync(file.descriptor) == 0 else {
      throw SystemError(.sync, path: directory, code: errno)
    }
    let writeSeconds = MonotonicClock.seconds(since: began)
    if !isDirect { posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_DONTNEED) }
    var done = 0
    let turned = MonotonicClock.now()
    while done < written, done == 0 || MonotonicClock.seconds(since: turned) < seconds {
      let got = pread(file.descriptor, memory, piece, off_t(done))
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else { throw SystemError(.read, path: directory, code: errno) }
      done += got
    }
    let readSeconds = MonotonicClock.seconds(since: turned)
    return DiskSpeed(
      bytes: written, writeBytesPerSecond: Double(written) / max(writeSeconds, 1e-9),
      readBytesPerSecond: Double(done) / max(readSeconds, 1e-9), isDirect: isDirect)
  }

  private static func freeBytes(of descriptor: Int32) -> Int {
    var status = statvfs()
    guard fstatvfs(descriptor, &status) == 0 else { return 0 }
    return Int(
      clamping: UInt64(status.f_bavail).multipliedReportingOverflow(
        by: UInt64(status.f_frsize)
      ).partialValue)
  }
}
