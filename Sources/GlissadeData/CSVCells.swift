/// The cells of one record, unquoted, for the lines that have quotes and for the header.
///
/// Each cell is followed by a line feed in `bytes`, so that numbers can be read from there like
/// from the file.
struct CSVCells {
  private(set) var bytes: [UInt8] = []
  /// Where each cell lies in `bytes`.
  private(set) var ranges: [Range<Int>] = []
  /// Where each cell begins in the record, for messages.
  private(set) var origins: [Int] = []

  /// Replaces the cells by those of a record (RFC 4180).
  mutating func split(_ record: CSVRecords.Record, of file: CSVRecords) throws(DataError) {
    bytes.removeAll(keepingCapacity: true)
    ranges.removeAll(keepingCapacity: true)
    origins.removeAll(keepingCapacity: true)
    var index = 0
    while true {
      let (first, origin) = (bytes.count, index)
      if index < record.count, record.start[index] == 0x22 {
        index = unquote(record, from: index + 1)
        guard index == record.count || record.start[index] == file.delimiter else {
          throw file.error(
            record, at: index, "expected the end of the cell behind its closing quote")
        }
      } else {
        while index < record.count, record.start[index] != file.delimiter {
          guard record.start[index] != 0x22 else {
            throw file.error(
              record, at: index, "a quote stands inside a cell that does not begin with one")
          }
          bytes.append(record.start[index])
          index += 1
        }
      }
      ranges.append(first..<bytes.count)
      origins.append(origin)
      bytes.append(0x0a)
      guard index < record.count else { return }
      index += 1
    }
  }

  /// Copies a quoted cell; gives the index behind its closing quote.
  private mutating func unquote(_ record: CSVRecords.Record, from: Int) -> Int {
    var index = from
    while index < record.count {
      if record.start[index] == 0x22 {
        guard index + 1 < record.count, record.start[index + 1] == 0x22 else { return index + 1 }
        index += 1
      }
      bytes.append(record.start[index])
      index += 1
    }
    return index
  }

  /// The cells as texts, refused where one is not UTF-8.
  func texts(
    _ record: CSVRecords.Record, of file: CSVRecords
  ) throws(DataError) -> [String] {
    var texts: [String] = []
    for (range, origin) in zip(ranges, origins) {
      guard let text = String(validating: bytes[range], as: UTF8.self) else {
        throw file.error(record, at: origin, "the cell is not UTF-8: \(shown(bytes[range]))")
      }
      texts.append(text)
    }
    return texts
  }
}
