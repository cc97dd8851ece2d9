package import GlissadeTensor

/// Rows of one element as labels: codes of classes, or numbers.
extension BinaryRows {
  /// The greatest code of a class.
  package static let greatestCode = 1_000_000
  private static let chunkRows = 32_768

  /// Whether labels of this type are numbers; whole ones are codes of classes.
  package var areNumbers: Bool { parts[0].type == .float32 || parts[0].type == .float64 }

  /// The bytes of memory that reading so many labels takes besides the target.
  package func labelScratchByteCount(rows: Int) -> Int {
    min(rows, BinaryRows.chunkRows) * rowByteCount
  }

  /// The greatest of all codes, 0 where there are none.
  ///
  /// - Throws: `DataError` for a code that none can be.
  /// - Complexity: O(rows), in the memory of a chunk.
  package func findGreatestCode() throws(DataError) -> Int {
    var greatest = 0
    try readCodes(0..<rowCount) { (_, code) throws(DataError) in greatest = max(greatest, code) }
    return greatest
  }

  /// Reads the labels of some of the selected rows: Int32 codes or Float32 numbers, as `target` is.
  ///
  /// - Throws: `DataError` for a code that is not below `classCount`, and for a number that is not
  ///   finite.
  package func readLabels(
    _ rows: Range<Int>, classCount: Int, into target: Tensor
  ) throws(DataError) {
    precondition(target.count == rows.count, "\(rows.count) labels into \(target.shape)")
    guard areNumbers else {
      let codes = target.unsafeBase.assumingMemoryBound(to: Int32.self)
      try readCodes(rows) { (row, code) throws(DataError) in
        guard code < classCount else {
          throw DataError(
            path(of: row), "label \(code) is none of the \(classCount) classes of the training data"
          )
        }
        codes[row - rows.lowerBound] = Int32(code)
      }
      return
    }
    let numbers = target.unsafeBase.assumingMemoryBound(to: Float.self)
    let isDouble = parts[0].type == .float64
    try readChunks(rows) { (first, count, bytes) throws(DataError) in
      for index in 0..<count {
        let number =
          isDouble
          ? Float(bytes.load(fromByteOffset: 8 * index, as: Double.self))
          : bytes.load(fromByteOffset: 4 * index, as: Float.self)
        guard number.isFinite else {
          throw DataError(
            path(of: first + index), "the label of row \(first + index) is no finite Float32")
        }
        numbers[first + index - rows.lowerBound] = number
      }
    }
  }

  private func readCodes(
    _ rows: Range<Int>, _ body: (Int, Int) throws(DataError) -> Void
  ) throws(DataError) {
    let type = parts[0].type
    try readChunks(rows) { (first, count, bytes) throws(DataError) in
      for index in 0..<count {
        let code =
          switch type {
          case .uint8: Int(bytes[index])
          case .int32: Int(bytes.load(fromByteOffset: 4 * index, as: Int32.self))
          default: Int(bytes.load(fromByteOffset: 8 * index, as: Int64.self))
          }
        guard (0...BinaryRows.greatestCode).contains(code) else {
          throw DataError(
            path(of: first + index),
            "labels from 0 to \(BinaryRows.greatestCode) are expected, found \(code)")
        }
        try body(first + index, code)
      }
    }
  }

  private func readChunks(
    _ rows: Range<Int>,
    _ body: (Int, Int, UnsafeMutableRawBufferPointer) throws(DataError) -> Void
  ) throws(DataError) {
    var chunk = [UInt8](
      repeating: 0, count: min(rows.count, BinaryRows.chunkRows) * rowByteCount)
    var row = rows.lowerBound
    while row < rows.upperBound {
      let count = min(BinaryRows.chunkRows, rows.upperBound - row)
      try filling(&chunk) { (bytes) throws(DataError) in
        let used = UnsafeMutableRawBufferPointer(rebasing: bytes[..<(count * rowByteCount)])
        try read(row..<row + count, into: used)
        try body(row, count, used)
      }
      row += count
    }
  }
}
