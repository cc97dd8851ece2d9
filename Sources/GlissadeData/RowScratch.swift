import CZlib
package import GlissadeSystem
import GlissadeTensor

/// Rows that were decoded once, in a file without a name: read again block by block or row by row, at any place.
///
/// Each row has a checksum over its bytes and its number, which is verified whenever the row is read. A checksum a block
/// would make whoever wants one row read all of its block.
package final class RowScratch: Sendable {
  /// How the bytes of a block lie: features of all its rows, targets of all its rows, then the checksums.
  package struct Layout: Sendable, Hashable {
    /// The rows of a block.
    package let rows: Int
    /// The bytes of a row's features.
    package let featureBytes: Int
    /// The bytes of a row's target; 0 where there is none.
    package let targetBytes: Int

    /// A layout.
    package init(rows: Int, featureBytes: Int, targetBytes: Int) {
      self.rows = rows
      self.featureBytes = featureBytes
      self.targetBytes = targetBytes
    }

    /// The bytes of a row.
    package var rowBytes: Int { featureBytes + targetBytes }

    /// Where the targets begin.
    package var targetStart: Int { rows * featureBytes }

    /// Where the checksums begin.
    var checksumStart: Int { rows * (featureBytes + targetBytes) }

    /// The bytes of a block, in whole pages.
    package var byteCount: Int {
      BlockFileAlignment.roundedUp(checksumStart + rows * RowScratch.checksumBytes)
    }
  }

  /// How the bytes of a block lie.
  package let layout: Layout
  /// The directory that the file lies in.
  package let directory: String
  private static let checksumBytes = MemoryLayout<UInt32>.size
  private let file: any BlockFile
  /// The same file, through the page cache: who reads row by row comes back for the rows beside them.
  private let rows: any BlockFile

  /// Makes an empty file in a directory, which is made where it is missing.
  package init(
    in directory: String, _ layout: Layout, files: any FileSystem
  ) throws(DataError) {
    self.layout = layout
    self.directory = directory
    (file, rows) = try reaching(directory) { () throws(SystemError) in
      try files.makeDirectory(directory)
      return try RowScratch.makeFile(in: directory, files)
    }
  }

  /// A file in a private directory that are both gone again, so that nothing is left however the process ends; where it
  /// ends between, the directory has the name of a spill directory, and the next run sweeps it away.
  private static func makeFile(
    in directory: String, _ files: any FileSystem
  ) throws(SystemError) -> (file: any BlockFile, rows: any BlockFile) {
    for number in 0..<1000 {
      let path = "\(directory)/glissade-spill-\(Machine.processID)-rows-\(number)"
      do throws(SystemError) {
        let made = try files.makePrivateDirectory(path)
        made.removeAtSecondInterrupt()
        defer { try? files.removeDirectory(path) }
        let file = try made.create("rows")
        let rows = try made.open("rows", cached: true)
        try made.remove("rows")
        return (file, rows)
      } catch {
        // Missing: another run has swept the directory away before there was anything in it.
        if error.reason != .exists && error.reason != .missing { throw error }
      }
    }
    throw SystemError(
      .makeDirectory, path: directory, reason: .exists, words: "a thousand are there already")
  }

  /// Writes a block whose rows begin at row `first`; its checksums are put behind them.
  ///
  /// - Parameter bytes: Whole, aligned to a page.
  package func write(
    block: Int, rows: Range<Int>, _ bytes: UnsafeMutableRawBufferPointer
  ) throws(DataError) {
    precondition(
      bytes.count == layout.byteCount && rows.count <= layout.rows,
      "\(rows.count) rows of a block in \(bytes.count) bytes")
    for index in 0..<rows.count {
      let place = layout.checksumStart + index * RowScratch.checksumBytes
      bytes.storeBytes(
        of: checksum(
          ofRowAt: index, from: rows.lowerBound, in: UnsafeRawBufferPointer(bytes)),
        toByteOffset: place, as: UInt32.self)
    }
    try reaching(directory) { () throws(SystemError) in
      try file.write(UnsafeRawBufferPointer(bytes), at: block * layout.byteCount)
    }
  }

  /// Reads a block whose rows begin at row `first`, and verifies each row.
  ///
  /// - Parameter bytes: Room for all of it, aligned to a page.
  /// - Throws: `DataError` where it cannot be read, or is not what was written.
  package func read(
    block: Int, rows: Range<Int>, into bytes: UnsafeMutableRawBufferPointer
  ) throws(DataError) {
    precondition(
      bytes.count == layout.byteCount && rows.count <= layout.rows,
      "\(rows.count) rows of a block in \(bytes.count) bytes")
    let got = try reaching(directory) { () throws(SystemError) in
      try file.read(into: bytes, at: block * layout.byteCount)
    }
    for index in 0..<rows.count {
      let place = layout.checksumStart + index * RowScratch.checksumBytes
      guard got == bytes.count,
        bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
          == checksum(
            ofRowAt: index, from: rows.lowerBound, in: UnsafeRawBufferPointer(bytes))
      else { throw damage(rows.lowerBound + index) }
    }
  }

  /// Gives the file the length of so many blocks, for rows that are written one by one.
  package func extend(toBlocks count: Int) throws(DataError) {
    let page = [UInt8](repeating: 0, count: BlockFileAlignment.bytes)
    try reaching(directory) { () throws(SystemError) in
      let result = page.withUnsafeBytes { bytes in
        Result { () throws(SystemError) in
          try rows.write(bytes, at: count * layout.byteCount - bytes.count)
        }
      }
      try result.get()
    }
  }

  /// Brings rows that were written one by one to the disk: what it has no room for, or does not take, is said here.
  package func flush() throws(DataError) {
    try reaching(directory) { () throws(SystemError) in try rows.flush() }
  }

  /// Writes one row, which has number `row` and stands at `index` of its block, and its checksum.
  package func write(
    row: Int, at index: Int, of block: Int, features: UnsafeRawBufferPointer,
    target: UnsafeRawBufferPointer
  ) throws(DataError) {
    let start = block * layout.byteCount
    let sum = checksum(row, features, target)
    try reaching(directory) { () throws(SystemError) in
      try rows.write(features, at: start + index * layout.featureBytes)
      if target.count > 0 {
        try rows.write(target, at: start + layout.targetStart + index * layout.targetBytes)
      }
      let place = start + layout.checksumStart + index * RowScratch.checksumBytes
      let result = withUnsafeBytes(of: sum) { bytes in
        Result { () throws(SystemError) in try rows.write(bytes, at: place) }
      }
      try result.get()
    }
  }

  /// Reads neighbouring rows of a block, the first of which stands at `index` there, and verifies each.
  ///
  /// - Parameters:
  ///   - features: Room for their features, with as many bytes; `targets` for their targets.
  /// - Throws: `DataError` where they cannot be read, or are not what was written.
  package func read(
    rows numbers: Range<Int>, at index: Int, of block: Int,
    features: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
  ) throws(DataError) {
    precondition(
      features.count == numbers.count * layout.featureBytes
        && targets.count == numbers.count * layout.targetBytes,
      "rows \(numbers) into \(features.count) and \(targets.count) bytes")
    let start = block * layout.byteCount
    func read(_ bytes: UnsafeMutableRawBufferPointer, at place: Int) throws(DataError) {
      if bytes.isEmpty { return }
      let got = try reaching(directory) { () throws(SystemError) in
        try rows.read(into: bytes, at: start + place)
      }
      guard got == bytes.count else { throw damage(numbers.lowerBound) }
    }
    try read(features, at: index * layout.featureBytes)
    try read(targets, at: layout.targetStart + index * layout.targetBytes)
    let result = withUnsafeTemporaryAllocation(of: UInt32.self, capacity: numbers.count) { sums in
      Result { () throws(DataError) in
        try read(
          UnsafeMutableRawBufferPointer(sums),
          at: layout.checksumStart + index * RowScratch.checksumBytes)
        for (number, sum) in zip(numbers, sums) {
          func part(_ bytes: UnsafeMutableRawBufferPointer, _ size: Int) -> UnsafeRawBufferPointer {
            let first = (number - numbers.lowerBound) * size
            return UnsafeRawBufferPointer(rebasing: bytes[first..<first + size])
          }
          guard
            checksum(number, part(features, layout.featureBytes), part(targets, layout.targetBytes))
              == sum
          else { throw damage(number) }
        }
      }
    }
    try result.get()
  }

  /// The CRC-32 of a row's features and target, begun with its number.
  private func checksum(
    _ row: Int, _ features: UnsafeRawBufferPointer, _ target: UnsafeRawBufferPointer
  ) -> UInt32 {
    var sum = UInt(UInt32(truncatingIfNeeded: row))
    for part in [features, target] where part.count > 0 {
      sum = crc32_z(sum, part.baseAddress?.assumingMemoryBound(to: UInt8.self), part.count)
    }
    return UInt32(truncatingIfNeeded: sum)
  }

  /// The CRC-32 of the row at an index of a block that begins at row `first`.
  private func checksum(ofRowAt index: Int, from first: Int, in block: UnsafeRawBufferPointer)
    -> UInt32
  {
    func part(_ place: Int, _ count: Int) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(rebasing: block[place..<place + count])
    }
    return checksum(
      first + index, part(index * layout.featureBytes, layout.featureBytes),
      part(layout.targetStart + index * layout.targetBytes, layout.targetBytes))
  }

  private func damage(_ row: Int) -> DataError {
    DataError(
      directory,
      "row \(row) of the rows that were written there to be read again is not what was written: "
        + "the file was changed, or its disk is damaged; run again, and they are written anew")
  }
}
