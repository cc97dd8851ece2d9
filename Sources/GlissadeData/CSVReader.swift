public import GlissadeSystem
import GlissadeTensor

/// Reads CSV files (RFC 4180) of numbers, labels and texts, plain or gzip.
///
/// Cells may be quoted, with doubled quotes and line endings inside; lines end in LF or CRLF; lines
/// without a character are passed over, except in files of one column. Numbers are decimal and
/// become the nearest `Float`; spaces around them do not count. Empty cells, `nan` and `inf` are
/// errors, as is a row with more or fewer cells than the first.
public enum CSVReader {
  /// Reads all rows of some files, one after the other, in one pass.
  ///
  /// The files need the same columns; with a header, in any order.
  /// - Throws: `DataError` with the place of the first cell that is wrong, and of up to 19 more.
  public static func read(
    _ paths: [String], _ options: CSVOptions, files: any FileSystem
  ) throws(DataError) -> Table {
    let pass = try CSVPass(paths, options, files: files, reads: .features)
    let (features, targets, kept) = pass.rows.finish()
    return Table(
      columns: pass.columns.features, features: features, target: targets?.target,
      classes: targets?.classes,
      kept: zip(options.keep, kept).map { Table.Kept(name: $0, values: $1) })
  }

  /// Counts rows and finds columns and classes, without reading the features' numbers.
  public static func inspect(
    _ paths: [String], _ options: CSVOptions, files: any FileSystem
  ) throws(DataError) -> CSVSummary {
    try index(paths, options, files: files).summary
  }

  /// What `inspect` finds, and where the rows are, so that ranges of them can be read.
  ///
  /// - Parameter checksCells: Whether each number is looked at, too, which takes longer.
  /// - Complexity: O(bytes), in memory for the distinct labels and one mark for each 64 KiB.
  package static func index(
    _ paths: [String], _ options: CSVOptions, checksCells: Bool = false, files: any FileSystem
  ) throws(DataError) -> (summary: CSVSummary, index: CSVIndex) {
    let pass = try CSVPass(paths, options, files: files, reads: checksCells ? .cells : .labels)
    let columns = pass.columns
    let summary = CSVSummary(
      columns: columns.names, features: columns.features, rowCount: pass.rows.rowCount,
      label: columns.label.map { columns.names[$0] },
      classes: pass.rows.finish().targets?.classes)
    return (summary, pass.index)
  }
}

/// One pass over the rows of all files.
private struct CSVPass {
  /// The columns of the first file.
  let columns: CSVColumns
  private(set) var rows: CSVRows
  private(set) var index = CSVIndex()
  private let options: CSVOptions
  private var rowsSeen = 0
  private var errors = DataErrors()

  /// What is looked at besides the ends of rows.
  enum Reading {
    case labels
    /// Features, too, which are not kept.
    case cells
    case features
  }

  init(
    _ paths: [String], _ options: CSVOptions, files: any FileSystem, reads: Reading
  ) throws(DataError) {
    guard let first = paths.first else { throw DataError("", "there are no files to read") }
    if let complaint = options.rows.complaint { throw DataError(first, complaint, for: .rows) }
    self.options = options
    var opened = try CSVPass.open(first, options, files: files, features: options.columns)
    columns = opened.columns
    rows = CSVRows(
      opened.columns, options: options, readsFeatures: reads == .features,
      checksCells: reads == .cells,
      expectedRows: reads == .features ? CSVPass.expectedRows(opened, options) : 0)
    for (number, path) in paths.enumerated() {
      if number > 0 {
        do throws(DataError) {
          opened = try CSVPass.open(path, options, files: files, features: columns.features)
        } catch {
          try errors.note(error)
          continue
        }
      }
      index.begin(
        opened.seen, opened.columns, isCompressed: opened.file.isCompressed,
        first: opened.file.place)
      let used =
        switch reads {
        case .labels: opened.columns.withoutFeatures()
        case .cells: opened.columns.withoutKept()
        case .features: opened.columns
        }
      let goesOn = try take(opened, used)
      index.end(at: opened.file.place)
      try opened.seen.check(files: files)
      if !goesOn { break }
    }
    try errors.finish()
    if let range = options.rows.range, rowsSeen < range.upperBound {
      throw DataError(
        first,
        "the rows \(range.lowerBound) to \(range.upperBound) are asked for, and the data has \(rowsSeen)",
        for: .rows)
    }
  }

  private typealias Opened = (
    file: CSVRecords, seen: SeenFile, columns: CSVColumns, first: CSVRecords.Record?
  )

  /// Opens a file and resolves its columns.
  ///
  /// `first` is its first row where it has no header.
  private static func open(
    _ path: String, _ options: CSVOptions, files: any FileSystem, features: [String]?
  ) throws(DataError) -> Opened {
    let seen = try SeenFile(path, files: files)
    let file = try CSVRecords(
      path, delimiter: options.delimiter.rawValue, limit: options.maximumFileBytes, files: files)
    guard let record = try file.next() else {
      let what = options.header ? "a line with the names of the columns" : "rows"
      throw DataError(path, line: 1, "the file is empty; expected \(what)")
    }
    var cells = CSVCells()
    try cells.split(record, of: file)
    let count = cells.ranges.count
    guard count <= CSVColumns.maximumCount else {
      throw DataError(
        path, line: 1, "the line has \(count) columns, and the limit is \(CSVColumns.maximumCount)")
    }
    let names =
      options.header ? try cells.texts(record, of: file) : (0..<count).map { "c\($0)" }
    if let empty = names.firstIndex(of: "") {
      throw file.error(record, at: cells.origins[empty], "column \(empty) from 0 has no name")
    }
    let columns = try CSVColumns(names: names, features: features, options: options, path: path)
    return (file, seen, columns, options.header ? nil : record)
  }

  /// A guess, so that the memory rarely has to grow: never more than the file's bytes can hold.
  private static func expectedRows(_ opened: Opened, _ options: CSVOptions) -> Int {
    let guess = opened.file.fileByteCount / max(1, 2 * opened.columns.names.count)
    return min(guess + 1, options.rows.range?.count ?? Int.max, 1 << 20)
  }

  /// Adds the selected rows of a file; false where no later row is selected.
  private mutating func take(
    _ opened: Opened, _ columns: CSVColumns
  ) throws(DataError) -> Bool {
    let file = opened.file
    let selection = options.rows
    let end = selection.range?.upperBound ?? Int.max
    let takesAll = selection == RowSelection()
    var pending = opened.first
    while rowsSeen < end {
      var record = pending
      let place = record == nil ? file.place : CSVRecords.Place(byte: 0, line: 1)
      pending = nil
      if record == nil {
        do throws(DataError) { record = try file.next() } catch {
          throw errors.followed(by: error)
        }
      }
      guard let record else { return true }
      if record.count == 0 && columns.names.count > 1 { continue }
      if takesAll || selection.contains(rowsSeen) {
        try rows.append(record, of: file, columns, noting: &errors)
      }
      index.add(at: place, to: file.place)
      rowsSeen += 1
    }
    return false
  }
}
