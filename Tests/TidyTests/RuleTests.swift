import Testing

/// A rule that finds nothing proves nothing: each is shown what it must find, and what it must leave alone.
@Suite struct RuleTests {
  private func text(_ source: String, path: String = "Sources/GlissadeGraph/A.swift") -> SourceText
  {
    SourceText(path: path, swift: source)
  }

  @Test func codeAndCommentsAreToldApart() {
    let text = text(
      ##"""
      let a = "print( // \(f("}", #"{"#) + "x") {" // real: "b"
      /* one /* two */ { */ let b = 1
      let c = """
        { // text \" "quoted" \(g { 1 }) print(
        """; let d = #"\n \#(h) { " "#
      """##)
    #expect(text.code[0].contains(#"\(f("#))
    #expect(!text.code[0].contains("print"))
    #expect(text.comments[0].contains(#"// real: "b""#))
    #expect(!text.comments[0].contains("print"))
    #expect(text.code[1].drop { $0 == " " } == "let b = 1")
    #expect(text.code[3].drop { $0 == " " }.hasPrefix(#"\(g { 1 })"#))
    #expect(!text.code[3].contains("print"))
    #expect(text.comments[3].allSatisfy { $0 == " " })
    #expect(text.code[4].contains(#"""; let d = #""#))
    #expect(text.code[4].contains("(h)"))
    #expect(text.lines.map(\.utf8.count) == text.code.map(\.utf8.count))
    let braces = text.code.joined().filter { "{}".contains($0) }
    #expect(braces == "{}")
  }

  @Test(arguments: [
    ("import Glibc", "Glibc"), ("public import GlissadeTensor", "GlissadeTensor"),
    ("@preconcurrency import Foundation", "Foundation"), ("import func Glibc.exp", "Glibc"),
    ("  internal import struct A.B", "A"),
  ])
  func importsAreRead(line: String, module: String) {
    #expect(ImportRule.importedModule(line) == module)
  }

  @Test(arguments: ["let import = 1", "reimport Glibc", "", "func import() {}"])
  func whatIsNoImportIsNone(line: String) {
    #expect(ImportRule.importedModule(line) == nil)
  }

  @Test func anArrowThatPointsUpIsFound() {
    let source =
      "import GlissadeTensor\n// import Foundation\npackage import GlissadeData\nimport Foundation"
    #expect(
      ImportRule.offences(in: text(source)).map(\.description) == [
        "Sources/GlissadeGraph/A.swift:3: GlissadeGraph may not import GlissadeData",
        "Sources/GlissadeGraph/A.swift:4: GlissadeGraph may not import Foundation",
      ])
    #expect(ImportRule.offences(in: text("", path: "Sources/Attic/A.swift")).count == 1)
  }

  @Test func longFilesAndFunctionsAreFound() {
    func function(_ head: String, lines: Int) -> String {
      head + " {\n" + String(repeating: "  f { }\n", count: lines - 2) + "}\n"
    }
    func count(_ source: String) -> Int { LengthRule.offences(in: text(source)).count }
    #expect(count(function("func a()", lines: 120)) == 0)
    #expect(count(function("func a()", lines: 121)) == 1)
    #expect(
      count(function("  @inlinable public mutating func a<T>(\n  _ b: T\n)", lines: 119)) == 1)
    #expect(count(function("package init(a: Int)", lines: 121)) == 1)
    #expect(count(function("struct A", lines: 300)) == 0)
    #expect(
      count("protocol P {\n  func a()\n  init(b: Int)\n}\n" + function("struct A", lines: 300)) == 0
    )
    #expect(count("struct A {\n" + function("  func a()", lines: 121) + "}\n") == 1)
    #expect(count(String(repeating: "\n", count: 600)) == 0)
    #expect(count(String(repeating: "\n", count: 601)) == 1)
  }

  @Test func wordsAreFoundWhereTheyAreCode() {
    #expect(WordRules.printOffences(in: text("  print(1)")).count == 1)
    #expect(WordRules.printOffences(in: text("x.print(1); sprint(2) // print(3)")).isEmpty)
    #expect(WordRules.printOffences(in: text("func print(_ a: Int) {}")).isEmpty)
    #expect(WordRules.printOffences(in: text("print(1)", path: "Sources/glissade/A.swift")).isEmpty)
    for word in WordRules.unfinished.sorted() {
      #expect(
        WordRules.unfinishedOffences(path: "a", lines: ["", "// \(word): b"]).first?.line == 2)
      #expect(WordRules.unfinishedOffences(path: "a", lines: ["A\(word)B"]).isEmpty)
    }
  }

  @Test func reasonsAreAskedFor() {
    #expect(WordRules.trapOffences(in: text("let a = try! b()")).count == 1)
    #expect(WordRules.trapOffences(in: text("let a = b as! C  // made as C above")).isEmpty)
    #expect(WordRules.trapOffences(in: text("let a = \"try! b()\"")).isEmpty)
    let promise = "final class A: @unchecked Sendable {}"
    #expect(WordRules.promiseOffences(in: text(promise)).count == 1)
    #expect(
      WordRules.promiseOffences(in: text("/// `@unchecked Sendable`: why.\n" + promise)).isEmpty)
    let far = "/// `@unchecked Sendable`: why." + String(repeating: "\n", count: 9)
    #expect(WordRules.promiseOffences(in: text(far + promise)).count == 1)
  }

  @Test func waysAroundTheDoorAreFound() {
    func count(_ source: String) -> Int { DoorRule.offences(in: text(source)).count }
    #expect(count("import Glibc\nlet a = getenv(\"A\")") == 1)
    #expect(count("read(entry, into: &description)") == 0)
    #expect(count("let a = ContinuousClock.now") == 1)
    #expect(count("let a = Int.random(in: 0..<3)") == 1)
    #expect(count("let a = b.shuffled()") == 1)
    #expect(count("let a = Int.random(in: 0..<3, using: &generator)") == 0)
    #expect(count("var a = Hasher()") == 1)
    #expect(count("func hash(into hasher: inout Hasher) {}") == 0)
    #expect(count("file.read(into: buffer); try world.files.open(path)") == 0)
    #expect(DoorRule.offences(in: text("open(a)", path: "Sources/GlissadeSystem/A.swift")).isEmpty)
  }

  @Test(arguments: [
    "let a = \"/home/someone/data.csv\"", "source: /mnt/shared/x", "cd /opt/swift", "A=/tmp/x",
    "(/Users/me/a)",
  ])
  func pathsOfOneMachineAreFound(line: String) {
    #expect(PathRule.absolutePath(in: line) != nil)
  }

  @Test(arguments: [
    "source: /usr/share/datasets/fashion-mnist/train.gz", "cat /proc/self/status >/dev/null",
    "#!/usr/bin/env bash", "a/home/b", "https://example.org/home/a", "$root/work/a", "x / data / y",
    "../tmp/a", "/data", "a // b",
  ])
  func otherSlashesAreLeftAlone(line: String) {
    #expect(PathRule.absolutePath(in: line) == nil)
  }
}
