import Foundation
import GlissadeSystem
import Testing

/// Graph files that want to take time or memory: each is refused at once by the built program, within 256 MiB of memory and,
/// in a release build, a second of a processor.
@Suite struct HostileInputTests {
  private let glissade: CommandLineTool

  init() throws { glissade = try CommandLineTool() }

  /// A name, and the text of the file.
  static let files: [(name: String, text: String)] = [
    (
      "alias-bomb.yaml",
      "glissade: 1\nname: bomb\nnodes:\n  a0: &a0 { op: shard, source: x }\n"
        + (1..<30).map { level in
          let aliases = [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
          return "  a\(level): &a\(level) [\(aliases)]\n"
        }.joined()
    ),
    (
      "deep.yaml",
      "glissade: 1\nname: deep\nnodes: " + String(repeating: "[", count: 10_000)
        + String(repeating: "]", count: 10_000)
    ),
    (
      "deep-lines.yaml",
      "glissade: 1\nname: deep\nnodes:\n"
        + (1..<4_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    ),
    (
      "deep.json",
      "{\"glissade\": 1, \"nodes\": " + String(repeating: "{\"a\":", count: 10_000) + "1"
        + String(repeating: "}", count: 10_000) + "}"
    ),
    ("open.json", "{\"glissade\": 1, \"nodes\": " + String(repeating: "[", count: 10_000)),
    ("long.yaml", "glissade: 1\nname: " + String(repeating: "x", count: 2_000_000)),
  ]

  @Test(arguments: files) func hostileFilesAreRefused(name: String, text: String) throws {
    try glissade.write(text, name)
    let outcome = try limited(["check", name])
    #expect(outcome.status == 65, "\(outcome.errors.prefix(500))")
    expectSeconds(1, outcome)
    #expect(outcome.errors.hasPrefix(name + ":"), "\(outcome.errors.prefix(500))")
    #expect(outcome.errors.contains("error: ") && outcome.output.isEmpty)
    #expect(outcome.errors.utf8.count < 2_000)
  }

  /// 100 MB, of which nothing is read.
  @Test(arguments: ["run", "check", "plan", "dot"]) func aHugeFileIsRefused(verb: String) throws {
    let path = glissade.directory("huge.yaml")
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.truncate(atOffset: 100_000_000)
    try file.close()
    let outcome = try limited([verb, "huge.yaml"])
    #expect(outcome.status == 65)
    expectSeconds(1, outcome)
    #expect(
      outcome.errors
        == "huge.yaml:1:1: error: the file has 95.4 MiB, and the limit of graph files is 16.0 MiB\n"
    )
  }

  /// One line of 15 MB, in which each of many nodes is wrong: what an error shows is found without looking at the line
  /// again for each. Half as many values as a file may hold take more memory than a small file.
  @Test func aLongLineOfErrorsIsShownInParts() throws {
    let text = String(repeating: "x", count: 120)
    let nodes = (0..<100_000).map {
      "\"n\($0)\":{\"op\":\"reduce\",\"of\":\"\($0)\(text)\"}"
    }.joined(separator: ",")
    try glissade.write(
      "{\"glissade\":1,\"name\":\"wide\",\"nodes\":{" + nodes + "}}", "wide.json")
    let outcome = try limited(["check", "wide.json"])
    #expect(outcome.status == 65)
    expectSeconds(4, outcome)
    #expect(outcome.errors.components(separatedBy: ": error: ").count == 21)
    #expect(outcome.errors.components(separatedBy: "\n      | ").count == 21)
    #expect(outcome.errors.hasSuffix("and 99980 more errors\n"))
    #expect(outcome.errors.utf8.count < 20_000)
  }

  /// A file may hold 4,000,000 values, and is refused at the next one.
  @Test func aFileOfTooManyValuesIsRefused() throws {
    let values = String(repeating: "1,", count: 7_500_000)
    try glissade.write("glissade: 1\nname: v\nnodes: [" + values + "1]\n", "values.yaml")
    let outcome = try glissade("check", "values.yaml")
    #expect(outcome.code == 65)
    #expect(
      outcome.errors.contains("the file holds more than 4000000 values, the limit of graph files"))
  }

  /// Hundreds of thousands of wrong references are found in time that grows with their number alone.
  @Test func manyWrongReferencesAreCounted() throws {
    let nodes = (0..<50_000).map { "  n\($0): { op: reduce, of: grad }\n" }.joined()
    try glissade.write("glissade: 1\nname: wrong\nnodes:\n" + nodes, "wrong.yaml")
    let outcome = try glissade("check", "wrong.yaml")
    #expect(outcome.code == 65)
    #expect(outcome.errors.components(separatedBy: ": error: ").count == 21)
    #expect(outcome.errors.hasSuffix("and 49980 more errors\n"))
  }

  /// Runs the program with 192 MiB for all that it writes to: the heap, stacks and what it maps besides. Together with the
  /// files that are mapped, itself and its libraries, it cannot be 256 MiB large.
  ///
  /// Not the greatest resident size that the kernel tells of a child: at its start that is the size of these tests.
  private func limited(_ arguments: [String]) throws -> ChildProcess {
    let limit = isSanitized ? "unlimited" : "\(192 << 10)"
    let path = "cd '\(glissade.directory.path)' && ulimit -d \(limit) && exec "
    return try ChildProcess(
      running: "/bin/sh", ["-c", path + "\"$0\" \"$@\"", CommandLineTool.binary] + arguments)
  }

  /// Holds the time of processors, which other processes do not take, against a limit for the program as users get it.
  private func expectSeconds(_ limit: Double, _ outcome: ChildProcess) {
    #if !DEBUG
      if !isSanitized { #expect(outcome.processorSeconds < limit) }
    #endif
  }
}
