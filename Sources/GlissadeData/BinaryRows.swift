package import GlissadeSystem
import GlissadeTensor

/// Rows of IDX and NPY files of one type and shape, one file after another, read range by range
/// from any number of threads.
package final class BinaryRows: Sendable {
  /// The files.
  package let parts: [BinaryFile]
  /// The rows that are selected.
  package let rowCount: Int
  private let selection: SelectedRows
  /// The first row of each file, and the count of all.
  private let starts: [Int]
  private let files: any FileSystem
  private let cursors = ForwardCursors<ByteStream>()

  /// The selected rows of files, of which there is at least one.
  package init(_ parts: [BinaryFile], _ selection: RowSelection, files: any FileSystem) {
    self.parts = parts
    self.files = files
    starts = parts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.rowCount) }
    self.selection = SelectedRows(selection, of: starts[parts.count])
    rowCount = self.selection.count
  }

  /// The bytes of one row.
  package var rowByteCount: Int { parts[0].rowByteCount }

  /// Whether rows are left out between those that are selected.
  package var skipsRows: Bool { selection.every > 1 }

  /// Whether any file is gzip.
  package var isCompressed: Bool { parts.contains(where: \.isCompressed) }

  /// Reads some of the selected rows, in the machine's byte order.
  ///
  /// Neighbouring rows of a plain file come with one request of the system, straight into `target`,
  /// which has their bytes exactly.
  /// - Throws: `DataError` where a file is not what it was when its header was read.
  package func read(
    _ rows: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws(DataError) {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= rowCount
        && target.count == rows.count * rowByteCount,
      "rows \(rows) of \(rowCount) into \(target.count) bytes")
    guard rowByteCount > 0 else { return }
    var row = rows.lowerBound
    while row < rows.upperBound {
      let file = starts.last(before: selection[row])
      let end = min(rows.upperBound, selection.firstIndex(from: starts[file + 1]))
      let bytes = UnsafeMutableRawBufferPointer(
        rebasing: target[
          (row - rows.lowerBound) * rowByteCount..<(end - rows.lowerBound)
            * rowByteCount])
      try parts[file].seen.check(files: files)
      if parts[file].isCompressed {
        try readForward(file, row..<end, into: bytes)
      } else {
        try readPlain(file, row..<end, into: bytes)
      }
      try parts[file].seen.check(files: files)
      if parts[file].format == .idx { swapBytes(of: bytes, width: parts[file].type.byteCount) }
      row = end
    }
  }

  /// The file that a selected row is in.
  func path(of row: Int) -> String {
    parts[starts.last(before: selection[row])].seen.path
  }

  private func readForward(
    _ file: Int, _ rows: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws(DataError) {
    let (part, size, every) = (parts[file], rowByteCount, selection.every)
    let first = selection[rows.lowerBound] - starts[file]
    let end = selection[rows.upperBound - 1] - starts[file] + 1
    try cursors.read(
      file: file, rows: first..<end, of: part.rowCount,
      opening: { () throws(DataError) in
        let stream = try ByteStream(part.seen.path, files: files, limit: .max)
        try stream.skip(part.start)
        return stream
      }
    ) { (stream, row) throws(DataError) in
      try stream.skip((first - row) * size)
      if every == 1 {
        try stream.fill(target)
      } else {
        for index in 0..<rows.count {
          if index > 0 { try stream.skip((every - 1) * size) }
          try stream.fill(
            UnsafeMutableRawBufferPointer(rebasing: target[index * size..<(index + 1) * size]))
        }
      }
      if end == part.rowCount { try stream.expectEnd() }
    }
  }

  private func readPlain(
    _ file: Int, _ rows: Range<Int>, into target: UnsafeMutableRawBufferPointer
  ) throws(DataError) {
    let (part, size, path) = (parts[file], rowByteCount, parts[file].seen.path)
    let opened = try reaching(path) { () throws(SystemError) in try files.openForReading(path) }
    func fill(_ bytes: UnsafeMutableRawBufferPointer, from row: Int) throws(DataError) {
      let offset = part.start + row * size
      let got = try reaching(path) { () throws(SystemError) in
        try opened.read(into: bytes, at: offset)
      }
      guard got == bytes.count else {
        throw DataError(path, "it ends at byte \(offset + got), within the rows that it had")
      }
    }
    let first = selection[rows.lowerBound] - starts[file]
    let every = selection.every
    if every == 1 { return try fill(target, from: first) }
    // Rows that lie close together are read with what is between them; those far apart one by one.
    let span = every * size
    let most = span > BinaryRows.scratchByteCount / 2 ? 1 : BinaryRows.scratchByteCount / span
    let together = min(most, rows.count)
    var scratch = [UInt8](
      repeating: 0, count: together == 1 ? 0 : ((together - 1) * every + 1) * size)
    var done = 0
    while done < rows.count {
      let count = min(together, rows.count - done)
      let place = UnsafeMutableRawBufferPointer(
        rebasing: target[done * size..<(done + count) * size])
      let row = first + done * every
      if together == 1 {
        try fill(place, from: row)
      } else {
        try filling(&scratch) { (bytes) throws(DataError) in
          let used = ((count - 1) * every + 1) * size
          try fill(UnsafeMutableRawBufferPointer(rebasing: bytes[..<used]), from: row)
          for index in 0..<count {
            UnsafeMutableRawBufferPointer(rebasing: place[(index * size)...]).copyMemory(
              from: UnsafeRawBufferPointer(
                rebasing: bytes[index * span..<index * span + size]))
          }
        }
      }
      done += count
    }
  }

  /// The most bytes of memory that a read takes besides its target.
  package static let scratchByteCount = 256 * 1024
}
