import Glibc
import GlissadeSystem

/// The records of a CSV file, one after the other, in a buffer that holds one at a time.
final class CSVRecords {
  /// The most bytes of one record.
  static let maximumByteCount = 1 << 20

  /// One record.
  ///
  /// Its bytes are valid until the next one is asked for.
  struct Record {
    /// The first byte.
    ///
    /// The byte behind the last one is a line feed or a carriage return.
    let start: UnsafePointer<UInt8>
    /// The bytes, without the line ending.
    let count: Int
    /// The line of the first byte, from 1.
    let line: Int
    /// Whether a quote stands anywhere in it.
    let hasQuotes: Bool
  }

  /// A place between two records.
  struct Place: Sendable {
    /// The byte of the text.
    let byte: Int
    /// The line, from 1.
    let line: Int
  }

  let path: String
  let delimiter: UInt8
  private let stream: ByteStream
  // A raw buffer, since the hot loop reads numbers in it without bounds checks, up to a line feed.
  // Only its first `filled` bytes and the sentinel behind them were ever written, or are read.
  private let base: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private let longest: Int
  private var cursor = 0
  private var filled = 0
  private var atEnd = false
  private var nextLine = 1

  /// Opens a file, at its start or at a place that was noted in it before.
  ///
  /// - Parameter longest: The most bytes of a record with its line ending, where that is known.
  init(
    _ path: String, delimiter: UInt8, limit: Int, files: any FileSystem, from start: Place? = nil,
    longest: Int = CSVRecords.maximumByteCount
  ) throws(DataError) {
    self.path = path
    self.delimiter = delimiter
    stream = try ByteStream(path, files: files, limit: limit, from: start?.byte ?? 0)
    nextLine = start?.line ?? 1
    self.longest = min(longest, CSVRecords.maximumByteCount)
    capacity = self.longest + ByteStream.chunkByteCount
    base = .allocate(capacity: capacity + 1)
    try refill()
    if start?.byte ?? 0 == 0, filled >= 3, base[0] == 0xef, base[1] == 0xbb, base[2] == 0xbf {
      cursor = 3
    }
  }

  deinit { base.deallocate() }

  /// The bytes of the file on the disk, which is less than the text where it is compressed.
  var fileByteCount: Int { stream.fileByteCount }

  /// Whether the file is gzip.
  var isCompressed: Bool { stream.isCompressed }

  /// Where the next record begins, or lines without a character in front of it.
  var place: Place { Place(byte: stream.position - filled + cursor, line: nextLine) }

  /// The next record, or nil at the end.
  func next() throws(DataError) -> Record? {
    var searched = 0
    while true {
      let start = base + cursor
      if let feed = memchr(start + searched, 0x0a, filled - cursor - searched) {
        let length = UnsafeRawPointer(feed) - UnsafeRawPointer(start)
        guard memchr(start, 0x22, length) != nil else { return try give(length, hasQuotes: false) }
        if let end = try quotedEnd() { return try give(end, hasQuotes: true) }
      } else if atEnd {
        let length = filled - cursor
        guard length > 0 else { return nil }
        let hasQuotes = memchr(start, 0x22, length) != nil
        if hasQuotes { _ = try quotedEnd() }
        return try give(length, hasQuotes: hasQuotes)
      }
      searched = filled - cursor
      guard searched <= longest else { throw tooLong() }
      // A line feed inside quotes must be found again once the rest is there.
      if memchr(start, 0x22, searched) != nil { searched = 0 }
      try refill()
    }
  }

  /// Where a byte of a record stands, as an error.
  ///
  /// Columns count characters, not bytes.
  func error(_ record: Record, at offset: Int, _ message: String) -> DataError {
    let before = UnsafeBufferPointer(start: record.start, count: min(offset, record.count))
    let lastLine =
      before.split(separator: 0x0a, omittingEmptySubsequences: false).last ?? before[...]
    let feeds = before.count { $0 == 0x0a }
    let characters = lastLine.count { $0 & 0xc0 != 0x80 }
    return DataError(path, line: record.line + feeds, column: characters + 1, message)
  }

  private func give(_ length: Int, hasQuotes: Bool) throws(DataError) -> Record {
    guard length <= longest else { throw tooLong() }
    let start = base + cursor
    let hasReturn = length > 0 && start[length - 1] == 0x0d
    let record = Record(
      start: start, count: hasReturn ? length - 1 : length, line: nextLine, hasQuotes: hasQuotes)
    let taken = min(length + 1, filled - cursor)
    nextLine += 1
    if hasQuotes {
      nextLine += UnsafeBufferPointer(start: start, count: length).count { $0 == 0x0a }
    }
    cursor += taken
    return record
  }

  private func tooLong() -> DataError {
    DataError(
      path, line: nextLine,
      "the line has more than \(longest) bytes, which is the limit")
  }

  private func refill() throws(DataError) {
    guard !atEnd else { return }
    if cursor > 0 {
      memmove(base, base + cursor, filled - cursor)
      filled -= cursor
      cursor = 0
    }
    let room = min(capacity - filled, ByteStream.chunkByteCount)
    let got = try stream.read(
      into: UnsafeMutableRawBufferPointer(start: base + filled, count: room))
    filled += got
    atEnd = got < room
    // The sentinel behind a last line without a line feed.
    base[filled] = 0x0a
  }

  /// The length of the record at the cursor, whose quotes may hold line feeds; nil where more bytes
  /// are needed.
  private func quotedEnd() throws(DataError) -> Int? {
    let start = base + cursor
    let available = filled - cursor
    var index = 0
    while true {
      if index < available, start[index] == 0x22 {
        let opening = index
        guard let after = closingQuote(start, from: index + 1, to: available) else {
          if !atEnd { return nil }
          let record = Record(start: start, count: available, line: nextLine, hasQuotes: true)
          throw error(record, at: opening, "the quote that opens here is never closed")
        }
        index = after
      }
      // What is left of the cell holds no quote where the file is right; `CSVCells` complains where it is not.
      while index < available, start[index] != delimiter, start[index] != 0x0a { index += 1 }
      if index >= available { return atEnd ? available : nil }
      if start[index] == 0x0a { return index }
      index += 1
    }
  }

  /// The index behind the quote that closes a cell, or nil where it is not in the buffer for
  /// certain.
  private func closingQuote(_ start: UnsafePointer<UInt8>, from: Int, to end: Int) -> Int? {
    var index = from
    while index < end {
      guard let quote = memchr(start + index, 0x22, end - index) else { return nil }
      index = UnsafeRawPointer(quote) - UnsafeRawPointer(start) + 1
      if index == end { return atEnd ? index : nil }
      if start[index] != 0x22 { return index }
      index += 1
    }
    return nil
  }
}
