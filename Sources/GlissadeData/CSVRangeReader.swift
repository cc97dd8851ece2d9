package import GlissadeSystem
package import GlissadeTensor

/// Rows of CSV files that were looked at before, read range by range from any number of threads.
package final class CSVRangeReader: Sendable {
  /// The rows that are selected.
  package let rowCount: Int
  /// Where the rows are.
  package let index: CSVIndex
  private let options: CSVOptions
  private let selection: SelectedRows
  private let files: any FileSystem
  private let cursors = ForwardCursors<CSVRecords>()

  /// The bytes of memory that a read of so many rows takes besides its targets: a chunk of the file and a record, what
  /// unpacking needs, and the labels as they come.
  package func scratchByteCount(rows: Int) -> Int {
    (index.isCompressed ? 2 : 1) * ByteStream.chunkByteCount + index.longest + 16 * rows
  }

  /// - Parameter options: Those of the pass that made the index; classes are given, and what the
  ///   label is for.
  package init(_ index: CSVIndex, _ options: CSVOptions, files: any FileSystem) {
    self.index = index
    self.options = options
    self.files = files
    selection = SelectedRows(options.rows, of: index.rowCount)
    rowCount = selection.count
  }

  /// Reads some of the selected rows; gives the columns that are kept as text, unless they are not wanted.
  ///
  /// A plain file is read from at most 64 KiB and a row before the first of them, a compressed one
  /// from where the last range ended, or from its start.
  /// - Throws: `DataError` with the place of the first cell that is wrong and of up to 19 more, and where a file is not
  ///   what it was when it was looked at.
  package func read(
    _ rows: Range<Int>, features: Tensor, targets: Tensor, keepsTexts: Bool = true
  ) throws(DataError) -> [Table.Kept] {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= rowCount && features.shape[0] == rows.count,
      "rows \(rows) of \(rowCount) into \(features.shape)")
    let none = keepsTexts ? options.keep.map { Table.Kept(name: $0, values: []) } : []
    guard !rows.isEmpty else { return none }
    var read = CSVRows(
      index.files[0].columns, options: options, filling: features, keepsTexts: keepsTexts)
    try gather(rows, into: &read)
    let found = read.finish()
    if let labels = found.targets?.target {
      precondition(
        labels.type == targets.type && labels.shape == targets.shape,
        "labels \(labels.type) \(labels.shape) into \(targets.type) \(targets.shape)")
      targets.unsafeBase.copyMemory(from: labels.unsafeBase, byteCount: labels.byteCount)
    }
    return keepsTexts ? zip(options.keep, found.kept).map { Table.Kept(name: $0, values: $1) } : []
  }

  /// The columns that are kept as text of some of the selected rows, whose other cells are only looked at.
  ///
  /// - Throws: As `read`.
  package func texts(of rows: Range<Int>) throws(DataError) -> [Table.Kept] {
    var read = CSVRows(
      index.files[0].columns, options: options, readsFeatures: false, checksCells: true,
      expectedRows: 0)
    try gather(rows, into: &read)
    return zip(options.keep, read.finish().kept).map { Table.Kept(name: $0, values: $1) }
  }

  private func gather(_ rows: Range<Int>, into read: inout CSVRows) throws(DataError) {
    var errors = DataErrors()
    var row = rows.lowerBound
    while row < rows.upperBound {
      let file = index.starts.last(before: selection[row])
      let end = min(rows.upperBound, selection.firstIndex(from: index.starts[file + 1]))
      let start = index.starts[file]
      let range = selection[row] - start..<selection[end - 1] - start + 1
      try index.files[file].seen.check(files: files)
      try add(range, of: file, to: &read, noting: &errors)
      try index.files[file].seen.check(files: files)
      row = end
    }
    try errors.finish()
  }

  private func add(
    _ range: Range<Int>, of number: Int, to rows: inout CSVRows, noting errors: inout DataErrors
  ) throws(DataError) {
    let file = index.files[number]
    guard file.isCompressed else {
      let mark = file.mark(before: range.lowerBound)
      let records = try open(file, at: mark.place)
      return try add(
        range, of: number, from: records, at: mark.row, to: &rows, noting: &errors)
    }
    let total = index.starts[number + 1] - index.starts[number]
    try cursors.read(
      file: number, rows: range, of: total,
      opening: { () throws(DataError) in
        let records = try open(file, at: nil)
        if options.header { _ = try records.next() }
        return records
      },
      { (records, row) throws(DataError) in
        try add(range, of: number, from: records, at: row, to: &rows, noting: &errors)
      })
  }

  private func open(
    _ file: CSVIndex.File, at place: CSVRecords.Place?
  ) throws(DataError) -> CSVRecords {
    try CSVRecords(
      file.seen.path, delimiter: options.delimiter.rawValue, limit: options.maximumFileBytes,
      files: files, from: place, longest: index.longest)
  }

  private func add(
    _ range: Range<Int>, of number: Int, from records: CSVRecords, at first: Int,
    to rows: inout CSVRows, noting errors: inout DataErrors
  ) throws(DataError) {
    let (file, start) = (index.files[number], index.starts[number])
    var row = first
    while row < range.upperBound {
      guard let record = try records.next() else {
        throw DataError(
          file.seen.path, "it ends behind row \(row) from 0, and had more when it was looked at")
      }
      if record.count == 0 && file.columns.names.count > 1 { continue }
      if row >= range.lowerBound, options.rows.contains(start + row) {
        try rows.append(record, of: records, file.columns, noting: &errors)
      }
      row += 1
    }
  }
}
