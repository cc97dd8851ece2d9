import GlissadeData
import GlissadeTensor
import Testing

@Suite struct CSVLabelTests {
  private func read(
    _ labels: [String], _ target: CSVOptions.Target = .automatic, classes: [String]? = nil
  ) throws -> Table {
    var options = CSVOptions(label: .name("y"), target: target)
    options.classes = classes
    let text = "x,y\n" + labels.map { "1,\($0)\n" }.joined()
    let files = MemoryFiles(["f": text])
    let table = try CSVReader.read(["f"], options, files: files)
    #expect(try CSVReader.inspect(["f"], options, files: files).classes == table.classes)
    return table
  }

  private func codes(_ table: Table) -> [Int32]? { table.target?.elements(of: Int32.self) }

  @Test func wholeNumbersAreClassesInTheirOrder() throws {
    let table = try read(["10", "9", "-1", "9.0", "+10", "1e1"])
    #expect(table.classes == ["-1", "9", "10"])
    #expect(codes(table) == [2, 1, 0, 1, 2, 2])
  }

  @Test func textsAreClassesInTheOrderOfTheirBytes() throws {
    let table = try read([
      "b", "é", "B", "10", "9", "a label of many bytes", "b", "a label of many bytes",
    ])
    #expect(table.classes == ["10", "9", "B", "a label of many bytes", "b", "é"])
    #expect(codes(table) == [4, 5, 2, 0, 1, 3, 4, 3])
  }

  @Test func textsThatUnicodeCallsEquivalentAreDifferent() throws {
    let (one, two) = ("caf\u{e9}", "cafe\u{301}")
    #expect(codes(try read([one, two])) == [1, 0])
    #expect(codes(try read(["some " + one, "some " + two])) == [1, 0])
  }

  @Test func otherNumbersAreNumbers() throws {
    let table = try read(["1", "2.5", "1"])
    #expect(table.classes == nil)
    #expect(table.target?.elements(of: Float.self) == [1, 2.5, 1])
    let many = try read((0...1000).map(String.init) + ["3"])
    #expect(many.target?.elements(of: Float.self) == (0...1000).map(Float.init) + [3])
    #expect(try read((0..<1000).map(String.init)).classes?.count == 1000)
  }

  @Test func theTargetCanBeSaid() throws {
    #expect(try read(["1", "2"], .number).target?.type == .float32)
    let halves = try read(["2.50", "0.5", "2.5"], .classes)
    #expect(halves.classes == ["0.5", "2.5"])
    #expect(codes(halves) == [1, 0, 1])
    #expect(try read((0...1000).map(String.init), .classes).classes?.count == 1001)
  }

  @Test func labelsThatCannotBeAreNamed() {
    #expect(
      complaint { try read(["1", "x"], .number) }
        == "f:3:3: the label in column 'y' should be a number, and is 'x'")
    #expect(complaint { try read(["1", ""]) } == "f:3:3: the label in column 'y' is empty")
    #expect(
      complaint { try read((0...1000).map { "t\($0)" }) }
        == "f:1002:3: the label in column 'y' is the 1001th distinct text, and more than 1000 are "
        + "classes only where the target says 'classes'")
    #expect(
      complaint { try read((0...1000).map(String.init) + ["x"]) }
        == "f:1003:3: the label in column 'y' should be a number, and is 'x'")
    #expect(
      complaint { try read((0...65536).map(String.init), .classes) }
        .contains("is the 65537th class, and the limit is 65536"))
  }

  @Test func theClassesOfTheTrainingDataAreKept() throws {
    let table = try read(["b", "a", "b"], classes: ["b", "c", "a"])
    #expect(table.classes == ["b", "c", "a"])
    #expect(codes(table) == [0, 2, 0])
    #expect(codes(try read(["1.0", "02", " 1"], classes: ["1", "2"])) == [0, 1, 0])
    #expect(codes(try read([], classes: ["1", "2"])) == [])
    #expect(
      complaint { try read(["1", "3"], classes: ["1", "2"]) }
        == "f:3:3: the label in column 'y' is '3', which is none of the classes '1', '2'")
  }

  @Test func theLabelColumnMustBeThere() {
    let files = MemoryFiles(["f": "a,b\n1,2\n"])
    func said(_ label: CSVOptions.Column) -> String {
      complaint { try CSVReader.read(["f"], CSVOptions(label: label), files: files) }
    }
    #expect(said(.name("y")) == "f:1:1: the label column 'y' is missing; the file has 'a', 'b'")
    #expect(said(.index(2)) == "f:1:1: the label is column 2 from 0, and the file has 2 columns")
    #expect(said(.index(-3)) == "f:1:1: the label is column -3 from 0, and the file has 2 columns")
  }

  @Test func noRowsAreNoClasses() throws {
    let table = try read([])
    #expect(table.rowCount == 0)
    #expect(table.target?.count == 0)
    #expect(table.classes == [])
  }
}
