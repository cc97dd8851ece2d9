import Foundation
import GlissadeGraph
import Testing

/// Where errors point when they come from the command line or from data, and how programs read them.
@Suite struct ErrorPlaceTests {
  private let glissade: CommandLineTool

  init() throws {
    glissade = try CommandLineTool()
    try glissade.writeDigits()
  }

  /// Each of several overrides has a line of its own.
  @Test func overridesAreToldApart() throws {
    let outcome = try glissade(
      "check", "digits.yaml", "--set", "seed=8", "--set", "nodes.batch.size=none", "--set",
      "nodes.step.optimizer.rate=-1", "--set", "nodes.batch.nonsense=1")
    #expect(outcome.code == 65)
    #expect(
      outcome.errors == """
        --set:2:18: error: 'size' expects a whole number from 1 to 2147483647, found the text 'none'
            2 | nodes.batch.size=none
              |                  ^^^^
        --set:3:27: error: 'rate' expects a number greater than 0, found -1
            3 | nodes.step.optimizer.rate=-1
              |                           ^^
        --set:4:13: error: unknown attribute 'nonsense' of operation 'batch', which has of, size, per, draw, every
            4 | nodes.batch.nonsense=1
              |             ^^^^^^^^

        """)
    let paths = try glissade(
      "run", "digits.yaml", "--set", "nodes.stp.rate=1", "--set", "seed=x", "--set", "nothing")
    #expect(paths.code == 65)
    let heads = paths.errors.split(separator: "\n").filter { $0.hasPrefix("--set:") }
    #expect(heads.map { $0.prefix(9) } == ["--set:1:7", "--set:2:6", "--set:3:1"])
  }

  @Test func theFileAndItsOverridesKeepTheirOrder() throws {
    try glissade.write(
      glissade.directory.text("digits.yaml").replacing("rate: 0.1", with: "rate: no"),
      "wrong.yaml")
    let outcome = try glissade("check", "wrong.yaml", "--set", "nodes.batch.size=0")
    let heads = outcome.errors.split(separator: "\n").filter { $0.contains(": error: ") }
    #expect(heads.count == 2)
    #expect(heads[0].hasPrefix("--set:1:18: ") && heads[1].hasPrefix("wrong.yaml:"))
  }

  /// A call, and what its first finding says.
  private static let calls = [
    ("check nobody.yaml", "cannot open 'nobody.yaml': no such file or directory"),
    ("run digits.yaml --set nodes.batch.size=0", "'size' expects a whole number"),
    ("plan digits.yaml --set nodes.batch.size=0", "'size' expects a whole number"),
    ("dot digits.yaml --set nodes.batch.size=0", "'size' expects a whole number"),
    ("show digits.yaml grad --set nodes.batch.size=0", "'size' expects a whole number"),
    ("show digits.yaml grd", "no node is named 'grd'"),
    ("diff digits.yaml nobody.yaml", "cannot open 'nobody.yaml'"),
    ("predict nobody.safetensors data/digits.csv", "cannot open 'nobody.safetensors'"),
    ("predict digits.yaml data/digits.csv", "digits.yaml"),
    ("evaluate digits.yaml data/digits.csv", "digits.yaml"),
    ("run digits.yaml --run-dir digits.yaml/here", "cannot"),
    ("explain nowhere grad", "there is no 'nowhere/"),
    ("trace nowhere", "there is no 'nowhere/"),
    ("ops nothing", "unknown operation 'nothing': there are batch, combine,"),
    ("new digits", "cannot open 'digits.yaml': it exists already"),
    ("new digits --data f.npy --label y", "--label is for CSV data"),
    ("run digits.yaml --threads 0", "--threads expects a number from 1 to 1024"),
    ("doctor --frobnicate", "Unknown option '--frobnicate'"),
    ("schema --frobnicate", "Unknown option '--frobnicate'"),
    ("bench eviction nobody.yaml", "cannot open 'nobody.yaml'"),
    ("bench tasks --runs 0", "--runs must be from 1 to 1000"),
    ("run digits.yaml --quiet --set nodes.step.optimizer.rate=1e38", "node 'grad', step "),
  ]

  @Test(arguments: calls) func programsReadEveryError(call: String, said: String) throws {
    let words = call.split(separator: " ").map(String.init)
    let outcome = try glissade.start(words + ["--error-format", "json"]).wait()
    let text = try glissade.start(words).wait()
    #expect(outcome.code == text.code && outcome.code != 0)
    let list = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.errors.utf8)) as? [[String: Any]],
      "\(outcome.errors)")
    let first = try #require(list.first)
    #expect((first["message"] as? String)?.contains(said) == true, "\(outcome.errors)")
    for key in ["file", "line", "column", "length", "hint"] { #expect(first[key] != nil) }
    #expect(text.errors.contains(said))
  }

  /// Of data that a verb is given, the place is that in the data.
  @Test func dataGivenToAVerbIsPointedInto() throws {
    _ = try glissade("run", "digits.yaml", "--quiet")
    let model = "runs/digits/digits.safetensors"
    try glissade.write("p0,p0\n1,2\n", "twice.csv")
    let text = try glissade("predict", model, "twice.csv")
    #expect(text.code == 65)
    #expect(text.errors == "twice.csv:1:1: error: two columns are named 'p0'\n")
    let json = try glissade("evaluate", model, "twice.csv", "--error-format", "json")
    #expect(json.errors.contains("\"file\": \"twice.csv\""))
    #expect(json.errors.contains("\"line\": 1"))
    let row = [String](repeating: "0", count: 64).joined(separator: ",")
    let names = (0..<64).map { "p\($0)" }.joined(separator: ",")
    try glissade.write("\(names)\n\(row)\nx\(row)\nx\(row)\n", "cells.csv")
    let cells = try glissade("predict", model, "cells.csv")
    #expect(cells.code == 65)
    #expect(
      cells.errors == """
        cells.csv:3:1: error: expected a number in column 'p0', found 'x0'
        cells.csv:4:1: error: expected a number in column 'p0', found 'x0'

        """)
    let none = try glissade("predict", "digits.yaml", "twice.csv", "--error-format", "json")
    #expect(none.errors.contains("\"file\": \"./digits.yaml\""), "\(none.errors)")
    try glissade.write("\u{1B}[2J,b\n1,2\n", "control.csv")
    let control = try glissade("predict", model, "control.csv")
    #expect(control.code == 65 && !control.errors.contains("\u{1B}"))
  }
}
