import GlissadeTensor

/// What is gathered from the rows of CSV files: features, labels and kept texts.
struct CSVRows {
  let columnsReadAsText: [String]
  private(set) var rowCount = 0
  /// Whether features or classes have passed their limit: no further row can be right.
  private(set) var isFull = false
  private var features: FeatureBuffer
  private var labels: LabelCollector?
  private var kept: [[String]]
  /// Whether texts are kept; if not, they are only looked at.
  private var keepsTexts = true
  private let maximumFeatureBytes: Int
  private var cells = CSVCells()

  /// What a pass over all rows gathers: with their features, or without.
  ///
  /// - Parameter checksCells: Whether the numbers of features that are not gathered are looked at.
  init(
    _ columns: CSVColumns, options: CSVOptions, readsFeatures: Bool, checksCells: Bool,
    expectedRows: Int
  ) {
    columnsReadAsText = options.keep
    kept = Array(repeating: [], count: options.keep.count)
    maximumFeatureBytes = options.maximumFeatureBytes
    labels = columns.label.map { _ in
      LabelCollector(options.target, classes: options.classes, keepsTargets: readsFeatures)
    }
    features =
      checksCells
      ? FeatureBuffer(rowOf: columns.features.count)
      : FeatureBuffer(
        columnCount: readsFeatures ? columns.features.count : 0, expecting: expectedRows,
        maximumByteCount: options.maximumFeatureBytes)
  }

  /// Rows that fill a tensor, which has room for them exactly.
  init(
    _ columns: CSVColumns, options: CSVOptions, filling features: Tensor, keepsTexts: Bool
  ) {
    self.keepsTexts = keepsTexts
    columnsReadAsText = options.keep
    kept = Array(repeating: [], count: options.keep.count)
    maximumFeatureBytes = features.byteCount
    labels = columns.label.map { _ in LabelCollector(options.target, classes: options.classes) }
    self.features = FeatureBuffer(filling: features)
  }

  /// The features, the targets and the kept texts of all rows.
  func finish() -> (features: Tensor, targets: LabelCollector.Targets?, kept: [[String]]) {
    (features.tensor(), labels?.finish(), kept)
  }

  /// Adds a row, or notes what is wrong with it; where no further row can be right, that ends the read.
  mutating func append(
    _ record: CSVRecords.Record, of file: CSVRecords, _ columns: CSVColumns,
    noting errors: inout DataErrors
  ) throws(DataError) {
    do throws(DataError) { try append(record, of: file, columns) } catch {
      if isFull || labels?.isFull ?? false { throw errors.followed(by: error) }
      try errors.note(error)
    }
  }

  private mutating func append(
    _ record: CSVRecords.Record, of file: CSVRecords, _ columns: CSVColumns
  ) throws(DataError) {
    guard let row = features.addRow() else {
      isFull = true
      throw file.error(
        record, at: 0,
        "the features take more than \(maximumFeatureBytes) bytes, which is the limit")
    }
    rowCount += 1
    if record.hasQuotes {
      try appendQuoted(record, of: file, columns, row)
    } else {
      try appendPlain(record, of: file, columns, row)
    }
  }

  /// The hot loop: numbers are read where they stand, in one pass over the bytes.
  private mutating func appendPlain(
    _ record: CSVRecords.Record, of file: CSVRecords, _ columns: CSVColumns,
    _ row: UnsafeMutablePointer<Float>
  ) throws(DataError) {
    let (delimiter, end) = (file.delimiter, record.start + record.count)
    var p = record.start
    let count = columns.roles.count
    var column = 0
    while true {
      let start = p
      let role = columns.roles[column]
      if role >= 0 {
        var value: Float = 0
        let length = CSVRows.scanShort(start, delimiter, &value)
        if length > 0 {
          p += length
        } else {
          value = DecimalNumber.scan(&p)
          // Not a finite number, or something behind it: infinity less itself is NaN, as NaN is.
          if !(value - value == 0) || (p != end && p.pointee != delimiter) {
            throw notNumber(record, of: file, columns, column, start, end)
          }
        }
        row[Int(role)] = value
      } else {
        while p != end, p.pointee != delimiter { p += 1 }
        if role == CSVColumns.mixed {
          let cell = UnsafeBufferPointer(start: start, count: p - start)
          try append(cell, column, row, columns, at: start - record.start, record, of: file)
        }
      }
      column += 1
      if column == count || p == end { break }
      p += 1
    }
    if column != count || p != end { throw ragged(record, of: file, columns) }
  }

  /// A number of one digit or two with a delimiter behind it, as pixels and counts mostly are;
  /// gives its length or 0.
  ///
  /// A line ending stands behind the record, so no byte behind that is read.
  @inline(__always)
  private static func scanShort(
    _ start: UnsafePointer<UInt8>, _ delimiter: UInt8, _ value: inout Float
  ) -> Int {
    let first = Int32(start[0] &- 0x30)
    guard first <= 9 else { return 0 }
    if start[1] == delimiter {
      value = Float(first)
      return 1
    }
    let second = Int32(start[1] &- 0x30)
    guard second <= 9, start[2] == delimiter else { return 0 }
    value = Float(first * 10 + second)
    return 2
  }

  private mutating func appendQuoted(
    _ record: CSVRecords.Record, of file: CSVRecords, _ columns: CSVColumns,
    _ row: UnsafeMutablePointer<Float>
  ) throws(DataError) {
    var cells = CSVCells()
    swap(&cells, &self.cells)
    defer { swap(&cells, &self.cells) }
    try cells.split(record, of: file)
    guard cells.ranges.count == columns.names.count else {
      throw wrongCount(cells.ranges.count, record, of: file, columns)
    }
    try cells.bytes.withUnsafeBufferPointer { (bytes) throws(DataError) in
      for column in columns.names.indices where columns.roles[column] != CSVColumns.skipped {
        let cell = UnsafeBufferPointer(rebasing: bytes[cells.ranges[column]])
        try append(cell, column, row, columns, at: cells.origins[column], record, of: file)
      }
    }
  }

  /// Takes one cell for all that its column is for.
  ///
  /// Some byte that is part of no number stands behind the cell.
  private mutating func append(
    _ cell: UnsafeBufferPointer<UInt8>, _ column: Int, _ row: UnsafeMutablePointer<Float>,
    _ columns: CSVColumns, at offset: Int, _ record: CSVRecords.Record, of file: CSVRecords
  ) throws(DataError) {
    func complain(_ what: String) -> DataError {
      file.error(record, at: offset, what)
    }
    let place = columns.featurePlaces[column]
    if place >= 0 {
      var value = Float.nan
      if var cursor = cell.baseAddress {
        let end = cursor + cell.count
        value = DecimalNumber.scan(&cursor)
        if cursor != end { value = .nan }
      }
      guard value.isFinite else {
        throw complain(numberComplaint(cell, value, columns.names[column]))
      }
      row[place] = value
    }
    if column == columns.label, let complaint = labels?.append(cell) {
      throw complain("the label in column \(shown(columns.names[column])) " + complaint)
    }
    let keptPlace = columns.keptPlaces[column]
    if keptPlace >= 0 {
      guard let text = String(validating: cell, as: UTF8.self) else {
        throw complain("the cell is not UTF-8: \(shown(cell))")
      }
      if keepsTexts { kept[keptPlace].append(text) }
    }
  }
}

// MARK: - What can be wrong with a row

extension CSVRows {
  private func notNumber(
    _ record: CSVRecords.Record, of file: CSVRecords, _ columns: CSVColumns, _ column: Int,
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) -> DataError {
    var stop = start
    while stop != end, stop.pointee != file.delimiter { stop += 1 }
    let cell = UnsafeBufferPointer(start: start, count: stop - start)
    var cursor = start
    let value = DecimalNumber.scan(&cursor)
    return file.error(
      record, at: start - record.start,
      numberComplaint(cell, cursor == stop ? value : .nan, columns.names[column]))
  }

  private func numberComplaint(
    _ cell: UnsafeBufferPointer<UInt8>, _ value: Float, _ column: String
  ) -> String {
    if cell.allSatisfy({ $0 == 0x20 }) {
      return "expected a number in column \(shown(column)), found an empty cell"
    }
    if value.isInfinite {
      return "the number \(shown(cell)) in column \(shown(column)) is too large for float32"
    }
    return "expected a number in column \(shown(column)), found \(shown(cell))"
  }

  private func ragged(
    _ record: CSVRecords.Record, of file: CSVRecords, _ columns: CSVColumns
  ) -> DataError {
    let bytes = UnsafeBufferPointer(start: record.start, count: record.count)
    return wrongCount(bytes.count { $0 == file.delimiter } + 1, record, of: file, columns)
  }

  private func wrongCount(
    _ count: Int, _ record: CSVRecords.Record, of file: CSVRecords, _ columns: CSVColumns
  ) -> DataError {
    file.error(
      record, at: 0, "expected \(columns.names.count) cells as in the first line, found \(count)")
  }
}
