import Testing

/// The style that a compiler does not check, on every file of the repository.
///
/// Each offence is `file:line: what`.
@Suite struct TidyTests {
  private let sources: [SourceText]
  private let tests: [SourceText]

  // Read and split once for all tests.
  private static let loadedSources = Result { try Repository.swift(in: "Sources") }
  private static let loadedTests = Result { try Repository.swift(in: "Tests", "Examples") }

  init() throws {
    sources = try Self.loadedSources.get()
    tests = try Self.loadedTests.get()
    try #require(sources.count > 20, "the sources are not where these tests look for them")
  }

  private func expectNone(_ offences: [Offence]) {
    let list = offences.map { "\n  \($0)" }.joined()
    #expect(offences.isEmpty, "\(offences.count) offences:\(list)")
  }

  /// The lines of every file that people write: sources, tests, graphs, tools.
  private func everyFile(in directories: String...) throws -> [(path: String, lines: [String])] {
    try directories.flatMap { Repository.files(in: $0) }
      .filter { path in
        ["swift", "c", "h", "yaml", "json", "py", "md", "modulemap"].contains {
          path.hasSuffix("." + $0)
        } || path.hasPrefix("Tools/") || path.hasPrefix(".ci/")
      }
      .map { path in
        let text = try Repository.text(path)
        return (
          path, text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        )
      }
  }

  @Test func roomsImportOnlyWhatLiesBelowThem() {
    expectNone(sources.flatMap(ImportRule.offences))
  }

  @Test func filesAndFunctionsAreShort() {
    expectNone((sources + tests).flatMap(LengthRule.offences))
  }

  @Test func onlyTheCommandLinePrints() {
    expectNone(sources.flatMap(WordRules.printOffences))
  }

  @Test func nothingIsLeftForLater() throws {
    let files = try everyFile(in: "Sources", "Tests", "Examples", "Graphs", "Tools", ".ci", "docs")
    expectNone(files.flatMap { WordRules.unfinishedOffences(path: $0.path, lines: $0.lines) })
  }

  @Test func whatTrapsSaysWhy() {
    expectNone(sources.flatMap(WordRules.trapOffences))
  }

  @Test func promisesAboutThreadsSayWhy() {
    expectNone(sources.flatMap(WordRules.promiseOffences))
  }

  @Test func theWorldIsReachedThroughOneDoor() {
    expectNone(sources.flatMap(DoorRule.offences))
  }

  /// Swift 6.3.1 miscompiles this test where it is optimized; `Tensor.isUniquelyOwned` says how, and asks it safely.
  @Test func uniquenessIsAskedInOnePlace() {
    let offences = sources.filter { $0.path != "Sources/GlissadeTensor/Tensor.swift" }.flatMap {
      WordRules.calls(["isKnownUniquelyReferenced"], in: $0) { "\($0)( outside Tensor.swift" }
    }
    expectNone(offences)
  }

  @Test func noPathIsOfOneMachine() throws {
    let files = try everyFile(in: "Sources", "Examples", "Graphs", "Tools", ".ci")
    expectNone(files.flatMap { PathRule.offences(path: $0.path, lines: $0.lines) })
  }

  @Test func testsAreSwiftTestings() {
    let offences = tests.flatMap { text in
      text.code.enumerated().compactMap { index, line -> Offence? in
        guard ImportRule.importedModule(line) == "XCTest" || line.contains("@testable") else {
          return nil
        }
        return Offence(text.path, line: index + 1, "no XCTest, no @testable: use package access")
      }
    }
    expectNone(offences)
  }

  /// A directory of `Sources` that no target names would be compiled by nobody.
  @Test func everyDirectoryIsATarget() throws {
    let manifest = try Repository.text("Package.swift").replacing(/\s+/, with: "")
    func isTarget(_ name: String) -> Bool {
      ["room(\"\(name)\"", "name:\"\(name)\"", "path:\"Sources/\(name)\""].contains {
        manifest.contains($0)
      }
    }
    for name in try Repository.names(in: "Sources") where name != "System" {
      #expect(isTarget(name), "Sources/\(name): no target of Package.swift")
    }
    for name in try Repository.names(in: "Sources/System") {
      #expect(manifest.contains("library(\"\(name)\""), "Sources/System/\(name): no target")
    }
    for name in try Repository.names(in: "Tests") {
      let room = name.hasSuffix("Tests") ? String(name.dropLast(5)) : name
      #expect(manifest.contains("tests(\"\(room)\""), "Tests/\(name): no target of Package.swift")
    }
  }
}
