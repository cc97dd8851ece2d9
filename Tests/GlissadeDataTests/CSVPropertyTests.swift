import GlissadeData
import GlissadeTensor
import Testing

@Suite struct CSVPropertyTests {
  /// The bits of the one number of a file.
  private func parse(_ texts: [String]) throws -> [UInt32] {
    var options = CSVOptions()
    options.header = false
    let files = MemoryFiles(["f": texts.joined(separator: "\n")])
    return try CSVReader.read(["f"], options, files: files).features
      .elements(of: Float.self).map(\.bitPattern)
  }

  @Test func numbersAreRoundedCorrectly() throws {
    let seed = freshSeed()
    var random = SeededGenerator(seed: seed)
    var texts: [String] = []
    for _ in 0..<20_000 {
      let digits = (0..<Int.random(in: 1...24, using: &random)).map { _ in
        String(Int.random(in: 0...9, using: &random))
      }
      let point = Int.random(in: 0...digits.count, using: &random)
      var text = digits[..<point].joined() + "." + digits[point...].joined()
      if Bool.random(using: &random) {
        text += "e\(Int.random(in: -50...13, using: &random))"
      }
      texts.append((Bool.random(using: &random) ? "-" : "") + text)
    }
    let bits = try parse(texts)
    let wrong = zip(texts, bits).filter { Float($0)?.bitPattern != $1 }.map(\.0)
    #expect(wrong.isEmpty, "GLISSADE_SEED=\(seed)")
  }

  @Test func everyFloatComesBackFromItsShortestText() throws {
    let seed = freshSeed()
    var random = SeededGenerator(seed: seed)
    let values = (0..<20_000).map { _ in
      Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &random))
    }
    .filter(\.isFinite)
    #expect(try parse(values.map { "\($0)" }) == values.map(\.bitPattern), "GLISSADE_SEED=\(seed)")
  }

  /// Exactly between two neighbours, and one digit beside it, where a detour over `Double` rounds twice.
  @Test func theMiddleBetweenTwoFloatsGoesToTheEvenOne() throws {
    let texts = [
      "16777217", "16777219", "16777217.000000001", "16777216.999999999", "33554434.000000001",
      "1.00000005960464477539062500", "1.00000005960464477539062501",
      "1.000000059604644775390624999", "1.0000000596046447754", "1.0000000596046447753",
      "340282356779733661637539395458142568447", "1e-45", "7.006492321624085e-46", "7.1e-46",
      "1.1754943e-38", "1.17549431578e-38", "0e999", "-0.0", "0.1", "9007199254740993",
    ]
    #expect(try parse(texts) == texts.compactMap { Float($0)?.bitPattern })
  }

  @Test func tablesComeBackHoweverTheyAreQuoted() throws {
    let seed = freshSeed()
    var random = SeededGenerator(seed: seed)
    for round in 0..<150 {
      let rows = Int.random(in: 0...40, using: &random)
      let values = (0..<rows).map { _ in Float.random(in: -1000...1000, using: &random) }
      let pieces = ["a", ",", "\"", "\n", "\r\n", "é", " ", ""]
      let texts = (0..<rows).map { _ in
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
          pieces.randomElement(using: &random) ?? ""
        }.joined()
      }
      let ending = Bool.random(using: &random) ? "\n" : "\r\n"
      var file = "t,x" + ending
      for (text, value) in zip(texts, values) {
        // Code points, since `\r\n` is one character.
        let needs = text.unicodeScalars.contains { ",\"\n\r".unicodeScalars.contains($0) }
        let quoted = needs || Bool.random(using: &random)
        let number = Bool.random(using: &random) ? "\"\(value)\"" : "\(value)"
        file += quoted ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
        file += "," + number + ending
      }
      var options = CSVOptions()
      options.keep = ["t"]
      let table = try CSVReader.read(["f"], options, files: MemoryFiles(["f": file]))
      #expect(table.features.elements(of: Float.self) == values, "GLISSADE_SEED=\(seed) \(round)")
      #expect(
        table.kept[0].values.map { Array($0.utf8) } == texts.map { Array($0.utf8) },
        "GLISSADE_SEED=\(seed) \(round)")
    }
  }

  /// Lines that lie across the ends of chunks, with and without quotes.
  @Test func largeFilesAreReadAcrossChunks() throws {
    let count = 60_000
    let text =
      "t,x\n" + (0..<count).map { "\($0 % 3 == 0 ? "\"a\n\($0)\"" : "b\($0)"),\($0)\n" }.joined()
    var options = CSVOptions()
    options.keep = ["t"]
    let table = try CSVReader.read(["f"], options, files: MemoryFiles(["f": text]))
    #expect(table.features.elements(of: Float.self) == (0..<count).map(Float.init))
    #expect(table.kept[0].values == (0..<count).map { $0 % 3 == 0 ? "a\n\($0)" : "b\($0)" })
    let wrong = text + "z,z\n"
    #expect(
      complaint { try CSVReader.read(["f"], options, files: MemoryFiles(["f": wrong])) }
        == "f:\(count + count / 3 + 2):3: expected a number in column 'x', found 'z'")
  }

  @Test func everyCutIsReadOrRefused() throws {
    let bytes = try fixture("quotes.csv")
    var options = CSVOptions()
    options.keep = ["a \"name\","]
    for count in bytes.indices {
      let files = MemoryFiles(["f": Array(bytes[..<count])])
      do throws(DataError) {
        #expect(try CSVReader.read(["f"], options, files: files).rowCount <= 5)
      } catch { #expect(error.path == "f") }
    }
  }

  @Test func damageNeverTraps() throws {
    let text = "x,y,t\n1,a,\"q\"\"\n\"\n-2.5e3,b,u\n+.5,a,\"\"\n\"7\",\"b\",é\r\n"
    for target in CSVOptions.Target.allCases {
      var options = CSVOptions(label: .index(1), target: target)
      options.keep = ["t"]
      try fuzz(Array(text.utf8)) { files in
        let table = Result { try CSVReader.read(["f"], options, files: files) }
        let summary = Result { try CSVReader.inspect(["f"], options, files: files) }
        if case .success(let table) = table {
          #expect(try summary.get().rowCount == table.rowCount)
          #expect(try summary.get().classes == table.classes)
        }
        _ = try table.get()
      }
    }
  }
}
