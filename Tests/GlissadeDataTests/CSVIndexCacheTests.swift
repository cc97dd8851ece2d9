import Foundation
import GlissadeData
import GlissadeSystem
import GlissadeTensor
import Testing

/// Indices that are kept from process to process.
@Suite struct CSVIndexCacheTests {
  private static let paths = ["a.csv", "b.csv", "c.csv.gz"]

  /// 9,000 rows in three files, the last of which is called what it is not: gzip is known by its content.
  private static let content: [String: String] = {
    func rows(_ range: Range<Int>) -> String {
      "x,y,kind,\"long, name\"\n" + range.map { "\($0),\($0 % 97),k\($0 % 3),7.25\n" }.joined()
    }
    return [
      paths[0]: rows(0..<5000), paths[1]: rows(5000..<8990), paths[2]: rows(8990..<9000),
    ]
  }()

  private static let options: CSVOptions = {
    var options = CSVOptions(label: .name("kind"))
    options.rows = RowSelection(range: 10..<9000, every: 3, offset: 1)
    return options
  }()

  private func index(
    _ files: MemoryFiles, checksCells: Bool = false, least: Int = 0
  ) throws -> (summary: CSVSummary, index: CSVIndex) {
    try CSVIndexCache("cache", leastBytes: least, files: files).index(
      Self.paths, Self.options, checksCells: checksCells)
  }

  /// All rows, read in ranges that cross the files.
  private func numbers(_ index: CSVIndex, _ files: MemoryFiles) throws -> [Float] {
    var options = Self.options
    options.classes = ["k0", "k1", "k2"]
    let reader = CSVRangeReader(index, options, files: files)
    return try stride(from: 0, to: reader.rowCount, by: 700).reversed().flatMap { start in
      let rows = start..<min(start + 700, reader.rowCount)
      let features = Tensor(.float32, Shape(rows.count, 3))
      _ = try reader.read(rows, features: features, targets: Tensor(.int32, Shape(rows.count)))
      return features.elements(of: Float.self)
    }
  }

  private func entries(_ files: MemoryFiles) -> [String] {
    files.paths.filter { $0.hasPrefix("cache/") }
  }

  /// The files with their entries, and other bytes under the names of the data: who reads those finds nothing.
  private func without(_ data: MemoryFiles) -> MemoryFiles {
    var content: [String: [UInt8]] = [:]
    for entry in entries(data) { content[entry] = data[entry] }
    for path in Self.paths { content[path] = Array("?".utf8) }
    return MemoryFiles(content)
  }

  @Test(arguments: [false, true])
  func anEntryStandsForReadingTheFiles(checksCells: Bool) throws {
    let files = MemoryFiles(Self.content)
    let first = try index(files, checksCells: checksCells)
    #expect(entries(files).count == 1)
    let kept = try index(without(files))
    #expect(kept.summary == first.summary)
    #expect(kept.summary.rowCount == 2997)
    #expect(try numbers(kept.index, files) == numbers(first.index, files))
    // Cells that nobody has looked at are looked at when that is asked for.
    let again = Result { try index(without(files), checksCells: true) }
    #expect(checksCells == ((try? again.get()) != nil))
  }

  @Test func smallFilesAreNotWorthAnEntry() throws {
    let files = MemoryFiles(Self.content)
    _ = try index(files, least: 1 << 20)
    #expect(entries(files) == [])
  }

  /// Each of 400 changes of a byte, and each of 40 lengths: the files are read anew.
  @Test func aDamagedEntryIsNone() throws {
    let files = MemoryFiles(Self.content)
    let first = try index(files)
    let path = try #require(entries(files).first)
    let whole = try #require(files[path])
    var random = SeededGenerator(seed: freshSeed())
    for trial in 0..<440 {
      var bytes = whole
      if trial < 400 {
        bytes[Int.random(in: bytes.indices, using: &random)] ^= UInt8.random(
          in: 1...255, using: &random)
      } else {
        bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
      }
      var content = Self.content.mapValues { Array($0.utf8) }
      content[path] = bytes
      let found = try index(MemoryFiles(content))
      #expect(found.summary == first.summary)
    }
    #expect(throws: DataError.self) {
      let data = without(files)
      var content = [path: Array(whole.dropLast())]
      for path in Self.paths { content[path] = data[path] }
      return try index(MemoryFiles(content)).summary
    }
  }

  /// A row more, or another file of the same size in its place with the moment of the old one.
  @Test func anEntryOfAnotherFileIsNone() throws {
    let directory = FileManager.default.temporaryDirectory.path + "/glissade-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/a.csv"
    let cache = CSVIndexCache(directory + "/cache", leastBytes: 0, files: LocalFileSystem())
    func rows(_ text: String) throws -> [String] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: path)
      let found = try cache.index(
        [path], CSVOptions(label: .name("kind")), checksCells: false)
      return [String(found.summary.rowCount)] + (found.summary.classes ?? [])
    }
    #expect(try rows("x,kind\n1,a\n2,b\n") == ["2", "a", "b"])
    #expect(try rows("x,kind\n1,a\n2,b\n3,c\n") == ["3", "a", "b", "c"])
    #expect(try rows("x,kind\n1,a\n2,b\n3,d\n") == ["3", "a", "b", "d"])
  }
}
