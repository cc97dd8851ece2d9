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

  /// Makes an empty file in a directory, which is made where it is missing.
  package init(
    in directory: String, _ layout: Layout, files: any FileSystem
  ) throws(DataError) {
    self.layout = layout
    self.directory = directory
    file = try reaching(directory) { () throws(SystemError) in
      try files.makeDirectory(directory)
      return try RowScratch.makeFile(in: directory, files)
    }
  }

  /// A file in a private directory that are both gone again, so that nothing is left however the process ends.
  private static func makeFile(
    in directory: String, _ files: any FileSystem
  ) throws(SystemError) -> any BlockFile {
    for number in 0..<1000 {
      let path = "\(directory)/glissade-rows-\(Machine.processID)-\(number)"
      let made: any PrivateDirectory
      do throws(SystemError) { made = try files.makePrivateDirectory(path) } catch {
        if error.reason == .exists || error.reason == .missing { continue }
        throw error
      }
      defer { try? files.removeDirectory(path) }
      let file = try made.create("rows")
      try made.remove("rows")
      return file
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
          rows.lowerBound + index, UnsafeRawBufferPointer(bytes), feature: index,
          target: layout.targetStart + index * layout.targetBytes),
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
            rows.lowerBound + index, UnsafeRawBufferPointer(bytes), feature: index,
            target: layout.targetStart + index * layout.targetBytes)
      else { throw damage(rows.lowerBound + index) }
    }
  }

  /// Reads one row, which has number `row` and stands at `index` of its block, and verifies it.
  ///
  /// - Throws: `DataError` where it cannot be read, or is not what was written.
  package func read(
    row: Int, at index: Int, of block: Int, features: UnsafeMutableRawBufferPointer,
    target: UnsafeMutableRawBufferPointer
  ) throws(DataError) {
    let parts = [
      (index * layout.featureBytes, layout.featureBytes),
      (layout.targetStart + index * layout.targetBytes, layout.targetBytes),
      (layout.checksumStart + index * RowScratch.checksumBytes, RowScratch.checksumBytes),
    ]
    var record: [UInt8] = []
    for (place, count) in parts where count > 0 {
      record += try bytes(at: block * layout.byteCount + place, count, row)
    }
    let sum = record.suffix(RowScratch.checksumBytes)
    record.removeLast(sum.count)
    let isSound = record.withUnsafeBytes { bytes in
      let found = checksum(row, bytes, feature: 0, target: layout.featureBytes)
      return withUnsafeBytes(of: found) { $0.elementsEqual(sum) }
    }
    guard isSound else { throw damage(row) }
    record.withUnsafeBytes { bytes in
      features.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<layout.featureBytes]))
      target.copyMemory(
        from: UnsafeRawBufferPointer(
          rebasing: bytes[layout.featureBytes..<layout.featureBytes + layout.targetBytes]))
    }
  }

  /// Some bytes of the file, read with the pages around them.
  private func bytes(at place: Int, _ count: Int, _ row: Int) throws(DataError) -> [UInt8] {
    let page = BlockFileAlignment.bytes
    let start = place / page * page
    let length = BlockFileAlignment.roundedUp(place + count - start)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: page)
    defer { memory.deallocate() }
    let got = try reaching(directory) { () throws(SystemError) in
      try file.read(into: memory, at: start)
    }
    guard got >= place + count - start else { throw damage(row) }
    return Array(memory[(place - start)..<(place - start + count)])
  }

  /// The CRC-32 of a row's features and target, begun with its number.
  private func checksum(
    _ row: Int, _ bytes: UnsafeRawBufferPointer, feature index: Int, target place: Int
  ) -> UInt32 {
    var sum = UInt(truncatingIfNeeded: UInt32(truncatingIfNeeded: row))
    let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard let base else { return 0 }
    sum = crc32_z(sum, base + index * layout.featureBytes, layout.featureBytes)
    if layout.targetBytes > 0 { sum = crc32_z(sum, base + place, layout.targetBytes) }
    return UInt32(truncatingIfNeeded: sum)
  }

  private func damage(_ row: Int) -> DataError {
    DataError(
      directory,
      "row \(row) of the rows that were written there to be read again is not what was written: "
        + "the file was changed, or its disk is damaged; run again, and they are written anew")
  }
}
