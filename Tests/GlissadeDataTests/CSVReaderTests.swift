import GlissadeData
import GlissadeSystem
import GlissadeTensor
import Testing

@Suite struct CSVReaderTests {
  private func read(
    _ text: String, _ options: CSVOptions = CSVOptions(),
    _ change: (inout CSVOptions) -> Void = { _ in }
  ) throws -> Table {
    var options = options
    change(&options)
    return try CSVReader.read(["f"], options, files: MemoryFiles(["f": text]))
  }

  private func numbers(_ table: Table) -> [Float] { table.features.elements(of: Float.self) }

  @Test func theDigitsThatTheProjectShips() throws {
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let path = root + "/Graphs/data/digits.csv"
    let options = CSVOptions(label: .name("label"))
    let table = try CSVReader.read([path], options, files: LocalFileSystem())
    #expect(table.features.shape == Shape(1797, 64))
    #expect(table.columns == (0..<64).map { "p\($0)" })
    #expect(table.classes == (0..<10).map(String.init))
    #expect(table.target?.type == .int32)
    #expect(table.target?.rows(0..<4).elements(of: Int32.self) == [0, 1, 2, 3])
    #expect(table.features.rows(0..<1).doubles().reduce(0, +) == 294)
    let summary = try CSVReader.inspect([path], options, files: LocalFileSystem())
    #expect(summary.rowCount == 1797)
    #expect(summary.columns.count == 65)
    #expect(summary.features == table.columns)
    #expect(summary.classes == table.classes)
    #expect(summary.label == "label")
  }

  @Test func quotesOfPythonsWriterAreRead() throws {
    var options = CSVOptions()
    options.keep = ["a \"name\","]
    let table = try CSVReader.read(["quotes.csv"], options, files: memory("quotes.csv"))
    #expect(table.columns == ["x", "y"])
    #expect(numbers(table) == [1.5, -2, 0.25, 300, -0.0, 0.5, 7, 0.001, 16777216, 0.1])
    #expect(
      table.kept == [
        .init(
          name: "a \"name\",", values: ["plain", "a \"quoted\", cell", "two\nlines", "", "é中😀"])
      ])
  }

  @Test func aCompressedFileIsReadLikeAPlainOne() throws {
    let table = try CSVReader.read(
      ["members.csv.gz"], CSVOptions(label: .index(-1), target: .number),
      files: memory("members.csv.gz"))
    #expect(numbers(table) == (0..<300).map(Float.init))
    #expect(table.target?.elements(of: Float.self) == (0..<300).map { Float($0 * $0) })
    #expect(table.classes == nil)
  }

  @Test func lineEndingsMarksAndBlankLines() throws {
    #expect(numbers(try read("\u{feff}a,b\r\n1, 2 \r\n\r\n3,4")) == [1, 2, 3, 4])
    #expect(try read("\u{feff}a,b\n").features.shape == Shape(0, 2))
    #expect(numbers(try read("\"a\",\"b\"\n\"1\",\" 2 \"\r\n\"3\",\"4\"")) == [1, 2, 3, 4])
  }

  @Test(arguments: CSVOptions.Delimiter.allCases)
  func otherDelimitersAreRead(delimiter: CSVOptions.Delimiter) throws {
    let mark = String(Unicode.Scalar(delimiter.rawValue))
    let text = "a;b,c|d\n1;2,3|4\n".map { ";,|".contains($0) ? mark : String($0) }.joined()
    let table = try read(text) { $0.delimiter = delimiter }
    #expect(table.columns == ["a", "b", "c", "d"])
    #expect(numbers(table) == [1, 2, 3, 4])
  }

  @Test func withoutAHeaderColumnsAreNumbered() throws {
    let table = try read("1,2,x\n3,4,y\n", CSVOptions(label: .name("c2"))) { $0.header = false }
    #expect(table.columns == ["c0", "c1"])
    #expect(numbers(table) == [1, 2, 3, 4])
    #expect(table.classes == ["x", "y"])
    let first = try read("x,1\n", CSVOptions(label: .index(0))) { $0.header = false }
    #expect(first.columns == ["c1"])
  }

  @Test func columnsOfTheTrainingDataAreFoundByName() throws {
    let table = try read("x,b,extra,a\n1,2,text,4\n") { $0.columns = ["a", "b"] }
    #expect(table.columns == ["a", "b"])
    #expect(numbers(table) == [4, 2])
    #expect(
      complaint { try read("x,b\n1,2\n") { $0.columns = ["a"] } }
        == "f:1:1: the column 'a' is missing; the file has 'x', 'b'")
  }

  @Test func severalFilesAreOneTable() throws {
    let files = MemoryFiles([
      "1": "a,b\n1,2\n", "2": "b,a\n4,3\n5,6", "3": "a,b,c\n", "4": "a\n1\n",
    ])
    let table = try CSVReader.read(["1", "2"], CSVOptions(), files: files)
    #expect(numbers(table) == [1, 2, 3, 4, 6, 5])
    #expect(
      complaint { try CSVReader.read(["1", "4"], CSVOptions(), files: files) }
        == "4:1:1: the column 'b' is missing; the file has 'a'")
    #expect(complaint { try CSVReader.read([], CSVOptions(), files: files) }.contains("no files"))
  }

  @Test func keptColumnsAreNoFeatures() throws {
    let table = try read("id,a,y\nr1,1,u\nr2,2,v\n", CSVOptions(label: .name("y"))) {
      $0.keep = ["y", "id"]
    }
    #expect(table.columns == ["a"])
    #expect(
      table.kept == [
        .init(name: "y", values: ["u", "v"]), .init(name: "id", values: ["r1", "r2"]),
      ])
    let both = try read("id,a\n7,1\n") {
      $0.keep = ["id"]
      $0.columns = ["a", "id"]
    }
    #expect(numbers(both) == [1, 7])
    #expect(both.kept[0].values == ["7"])
    #expect(complaint { try read("a\n1\n") { $0.keep = ["b"] } }.contains("'b' is missing"))
    #expect(complaint { try read("a,b\n1,2\n") { $0.keep = ["b", "b"] } }.contains("twice"))
    #expect(complaint { try read("a\n1\n") { $0.keep = ["a"] } }.contains("no column is left"))
  }

  @Test(arguments: [
    (RowSelection(range: 2..<5), [2, 3, 4]),
    (RowSelection(every: 4), [0, 4, 8]),
    (RowSelection(every: 4, offset: 3), [3, 7]),
    (RowSelection(range: 1..<9, every: 3, offset: 1), [2, 5, 8]),
    (RowSelection(range: 10..<10), [Float]()),
    (RowSelection(range: 0..<10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
  ])
  func rowsAreSelected(rows: RowSelection, expected: [Float]) throws {
    let files = MemoryFiles([
      "1": "a\n" + (0..<4).map { "\($0)\n" }.joined(),
      "2": "a\n" + (4..<10).map { "\($0)\n" }.joined(),
    ])
    var options = CSVOptions()
    options.rows = rows
    #expect(numbers(try CSVReader.read(["1", "2"], options, files: files)) == expected)
    #expect(try CSVReader.inspect(["1", "2"], options, files: files).rowCount == expected.count)
  }

  @Test func selectionsThatCannotBeAreRefused() {
    func said(_ rows: RowSelection) -> String {
      complaint { try read("a\n1\n2\n") { $0.rows = rows } }
    }
    #expect(
      said(RowSelection(range: 1..<3)) == "f: the rows 1 to 3 are asked for, and the data has 2")
    #expect(said(RowSelection(range: -1..<1)).contains("-1 is asked for"))
    #expect(said(RowSelection(every: 0)).contains("no selection"))
    #expect(said(RowSelection(every: 2, offset: 2)).contains("no selection"))
  }

  @Test(arguments: [
    ("a,b\n1,abc\n", "f:2:3: expected a number in column 'b', found 'abc'"),
    ("a,b\n1,2\n3,\n", "f:3:3: expected a number in column 'b', found an empty cell"),
    ("a,b\n ,2\n", "f:2:1: expected a number in column 'a', found an empty cell"),
    ("a,b\n1\n", "f:2:1: expected 2 cells as in the first line, found 1"),
    ("a,b\n1,2,3\n", "f:2:1: expected 2 cells as in the first line, found 3"),
    ("a,b\n\"1\",2,3\n", "f:2:1: expected 2 cells as in the first line, found 3"),
    ("a,b\n1,1e39\n", "f:2:3: the number '1e39' in column 'b' is too large for float32"),
    ("a,b\n1,nan\n", "f:2:3: expected a number in column 'b', found 'nan'"),
    ("a,b\n-inf,1\n", "f:2:1: expected a number in column 'a', found '-inf'"),
    ("a,b\n1 2,1\n", "f:2:1: expected a number in column 'a', found '1 2'"),
    ("a,b\n\"1\",\"é\nx\"\n", "f:2:5: expected a number in column 'b', found 'é\\u{A}x'"),
    ("é,b\n\"1\n\",x\n", "f:2:1: expected a number in column 'é', found '1\\u{A}'"),
    ("a,b\n1,\"2\n", "f:2:3: the quote that opens here is never closed"),
    ("a,b\n1,\"2\"x\n", "f:2:6: expected the end of the cell behind its closing quote"),
    ("a,b\n1,2\"\n", "f:2:4: a quote stands inside a cell that does not begin with one"),
    ("a,a\n1,2\n", "f:1:1: two columns are named 'a'"),
    ("a,,b\n1,2,3\n", "f:1:3: column 1 from 0 has no name"),
    ("a\n1\n\n2\n", "f:3:1: expected a number in column 'a', found an empty cell"),
    ("", "f:1:1: the file is empty; expected a line with the names of the columns"),
  ])
  func whatIsWrongIsNamedAtItsPlace(text: String, message: String) {
    #expect(complaint { try read(text) } == message)
  }

  @Test func placesBehindQuotedLineFeedsAreRight() {
    let text = "t,a\n\"x\ny\",1\n\"é\n\nz\",é\n"
    #expect(
      complaint { try read(text) { $0.keep = ["t"] } }
        == "f:6:4: expected a number in column 'a', found 'é'")
  }

  @Test func longLinesAndManyColumnsAreRefused() throws {
    let long = "a\n" + String(repeating: "1", count: (1 << 20) + 1)
    #expect(
      complaint { try read(long) }
        == "f:2:1: the line has more than 1048576 bytes, which is the limit")
    #expect(complaint { try read(long + "\n") }.contains("limit"))
    let open = "a\n\"" + String(repeating: "\n", count: 1 << 21)
    #expect(complaint { try read(open) }.contains("f:2:1: the line has more than"))
    let nines = String(repeating: "9", count: 38)
    let fits = "a\n" + String(repeating: "0", count: (1 << 20) - 38) + nines + "\n"
    #expect(numbers(try read(fits)) == [1e38])
    let wide = String(repeating: ",", count: 65_536) + "\n"
    #expect(
      complaint { try read(wide) { $0.header = false } }
        == "f:1:1: the line has 65537 columns, and the limit is 65536")
    #expect(
      complaint { try read("a\n1\n2\n") { $0.maximumFeatureBytes = 4 } }.contains(
        "f:3:1: the features take"))
    #expect(complaint { try read("a\n1\n2\n") { $0.maximumFileBytes = 4 } }.contains("limit"))
  }

  /// Reading goes on behind an error, over the ends of files, and ends after twenty.
  @Test func allErrorsOfARead() throws {
    let files = MemoryFiles([
      "f": "a,b,k\n1,x,\"\"\n1\n2,2,2\n", "g": "a,k\n1,2\n", "h": "b,a,k\n,7,8\n\"1\"2,3,4\n",
    ])
    var options = CSVOptions()
    options.keep = ["k"]
    let expected = [
      "f:2:3: expected a number in column 'b', found 'x'",
      "f:3:1: expected 3 cells as in the first line, found 1",
      "g:1:1: the column 'b' is missing; the file has 'a', 'k'",
      "h:2:1: expected a number in column 'b', found an empty cell",
      "h:3:4: expected the end of the cell behind its closing quote",
    ]
    func found(_ body: () throws(DataError) -> Void) -> [String] {
      do throws(DataError) {
        try body()
        return []
      } catch { return error.all.map(\.description) }
    }
    let paths = ["f", "g", "h"]
    #expect(
      found { () throws(DataError) in _ = try CSVReader.read(paths, options, files: files) }
        == expected)
    #expect(
      found { () throws(DataError) in
        _ = try CSVReader.index(paths, options, checksCells: true, files: files)
      } == expected)
    let many = MemoryFiles(["f": "a\n" + String(repeating: "x\n", count: 30)])
    let twenty = found { () throws(DataError) in
      _ = try CSVReader.read(["f"], CSVOptions(), files: many)
    }
    #expect(twenty.count == 20)
    #expect(twenty.last == "f:21:1: expected a number in column 'a', found 'x'")
  }

  @Test func aFailureOfTheDiskInTheMiddleIsSaid() throws {
    let text = "a,b\n" + String(repeating: "1,2\n", count: 200_000)
    var files = MemoryFiles(["f": text])
    files.failsReadingAt = 600_000
    #expect(
      complaint { try CSVReader.read(["f"], CSVOptions(), files: files) }.hasPrefix(
        "cannot read 'f'"))
    do throws(DataError) {
      _ = try CSVReader.read(["none"], CSVOptions(), files: files)
      Issue.record("no error")
    } catch { #expect(error.isMissing) }
  }
}
