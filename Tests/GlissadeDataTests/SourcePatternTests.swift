import GlissadeData
import GlissadeSystem
import Testing

@Suite struct SourcePatternTests {
  private let files = MemoryFiles(
    Dictionary(
      uniqueKeysWithValues: [
        "base/a.csv", "base/b2.csv", "base/b1.csv", "base/.hidden.csv", "base/x/1.csv",
        "base/y/1.csv", "base/y/2.txt", "base/[odd].csv", "other.csv", "base/empty.csv/inner.txt",
      ].map { ($0, "") }))

  @Test(arguments: [
    ("a.csv", ["base/a.csv"]),
    ("b*.csv", ["base/b1.csv", "base/b2.csv"]),
    ("b?.csv", ["base/b1.csv", "base/b2.csv"]),
    ("b[2-9].csv", ["base/b2.csv"]),
    ("b[!2].csv", ["base/b1.csv"]),
    ("b[]2].csv", ["base/b2.csv"]),
    ("[odd].csv", ["base/[odd].csv"]),
    ("?/1.csv", ["base/x/1.csv", "base/y/1.csv"]),
    ("*/*.csv", ["base/x/1.csv", "base/y/1.csv"]),
    ("y", ["base/y/1.csv", "base/y/2.txt"]),
    ("y/", ["base/y//1.csv", "base/y//2.txt"]),
    (".h*", ["base/.hidden.csv"]),
    ("*", ["base/[odd].csv", "base/a.csv", "base/b1.csv", "base/b2.csv"]),
  ])
  func sourcesStandForFiles(pattern: String, expected: [String]) throws {
    let found = try SourcePattern.expand(pattern, base: "base", files: files)
    #expect(
      found.map { $0.replacing("//", with: "/") } == expected.map { $0.replacing("//", with: "/") })
  }

  @Test func relativeSourcesStartAtTheBase() throws {
    #expect(try SourcePattern.expand("o*.csv", base: ".", files: files) == ["other.csv"])
    #expect(try SourcePattern.expand("o*.csv", base: "", files: files) == ["other.csv"])
    #expect(SourcePattern.resolve("/data/x", base: "base") == "/data/x")
    #expect(SourcePattern.resolve("../x", base: "/graphs") == "/graphs/../x")
  }

  @Test func whatMatchesNothingIsAnError() throws {
    func said(_ pattern: String) -> String {
      complaint { try SourcePattern.expand(pattern, base: "base", files: files) }
    }
    #expect(said("none.csv") == "cannot open 'base/none.csv': no such file or directory")
    #expect(said("z*") == "base/z*: no file matches this pattern")
    #expect(said("b[1.csv") == "base/b[1.csv: no file matches this pattern")
    #expect(said("") == "base: the source has no name")
    #expect(said("*.csv/none") == "base/*.csv/none: no file matches this pattern")
  }

  @Test func manyStarsDoNotTakeForever() throws {
    let name = String(repeating: "a", count: 200)
    let one = MemoryFiles([name: ""])
    let pattern = String(repeating: "a*", count: 60) + "b"
    #expect(throws: DataError.self) {
      try SourcePattern.expand(pattern, base: "", files: one)
    }
  }

  @Test func theRealFileSystemIsRead() throws {
    let home = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    let found = try SourcePattern.expand(
      "Source*Tests.swift", base: "/" + home, files: LocalFileSystem())
    #expect(found == [#filePath])
  }
}
