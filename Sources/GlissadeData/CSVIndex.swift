/// Where the rows of CSV files are, found in the pass that looks at them.
package struct CSVIndex: Sendable {
  /// A place to begin reading at.
  struct Mark: Sendable {
    /// The row of the file, from 0, that begins there.
    let row: Int
    let place: CSVRecords.Place
  }

  /// One file.
  struct File: Sendable {
    let seen: SeenFile
    let columns: CSVColumns
    let isCompressed: Bool
    /// Ascending; none for a compressed file, which is read forward only.
    var marks: [Mark] = []

    /// The last mark that is not behind a row.
    ///
    /// O(log marks).
    func mark(before row: Int) -> Mark {
      var (low, high) = (0, marks.count)
      while high - low > 1 {
        let middle = (low + high) / 2
        if marks[middle].row <= row { low = middle } else { high = middle }
      }
      return marks[low]
    }
  }

  /// How many bytes lie between two marks, at least.
  private static let distance = 64 * 1024

  private(set) var files: [File] = []
  /// The first row of each file, and the count of all.
  private(set) var starts = [0]
  /// The most bytes of a record, with its line ending and empty lines before it.
  private(set) var longest = 1
  /// The bytes of text of all rows, decompressed.
  package private(set) var byteCount = 0

  /// Whether any file is gzip.
  package var isCompressed: Bool { files.contains(where: \.isCompressed) }

  /// The rows that were seen.
  var rowCount: Int { starts[starts.count - 1] }

  /// The bytes of the files as they lie on the disk.
  var fileBytes: Int { files.reduce(0) { $0 + $1.seen.byteCount } }

  /// An index of nothing yet.
  init() {}

  /// An index that was kept.
  init(files: [File], starts: [Int], longest: Int, byteCount: Int) {
    self.files = files
    self.starts = starts
    self.longest = longest
    self.byteCount = byteCount
  }

  /// Begins with a file whose first record ends at a place.
  mutating func begin(
    _ seen: SeenFile, _ columns: CSVColumns, isCompressed: Bool, first end: CSVRecords.Place
  ) {
    longest = max(longest, end.byte)
    // Files of the same columns share the memory that describes them.
    let same = files.last.map { $0.columns.names == columns.names } ?? false
    files.append(
      File(
        seen: seen, columns: same ? files[files.count - 1].columns : columns,
        isCompressed: isCompressed))
    starts.append(rowCount)
  }

  /// Notes the next row of the file that was begun last, and the place behind it.
  mutating func add(at place: CSVRecords.Place, to end: CSVRecords.Place) {
    longest = max(longest, end.byte - place.byte)
    let file = files.count - 1
    let row = rowCount - starts[file]
    starts[file + 1] += 1
    guard !files[file].isCompressed else { return }
    if let last = files[file].marks.last, place.byte < last.place.byte + CSVIndex.distance {
      return
    }
    files[file].marks.append(Mark(row: row, place: place))
  }

  mutating func end(at place: CSVRecords.Place) { byteCount += place.byte }
}
