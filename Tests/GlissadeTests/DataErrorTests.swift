import Foundation
import GlissadeData
import GlissadeSystem
import GlissadeTensor
import Testing

/// Where errors in data point, and errors of attributes that ask for what data does not have.
@Suite struct DataErrorTests {
  private let glissade: CommandLineTool

  init() throws {
    glissade = try CommandLineTool()
    try glissade.write("a,b,c,label\n1,2,3,x\n4,oops,6,y\n7,8\n1,1,1,x\n1,1,1e400,y\n", "bad.csv")
    try glissade.write("a,b,label\n1,2,x\n3,4,y\n5,6,x\n", "good.csv")
    try glissade.write(shard("source: bad.csv, label: label"), "bad.yaml")
    try glissade.write(shard("source: good.csv, label: label"), "good.yaml")
    let files = LocalFileSystem()
    let numbers = (0..<60).map { Float($0) }
    try NPY.write(glissade.directory("f.npy"), Tensor(numbers, shape: Shape(30, 2)), files: files)
    try NPY.write(
      glissade.directory("l5.npy"), Tensor([Int64](repeating: 1, count: 5)), files: files)
    try NPY.write(
      glissade.directory("l30.npy"), Tensor([Int64](repeating: 1, count: 30)), files: files)
    try NPY.write(
      glissade.directory("less.npy"), Tensor([Int64](repeating: -1, count: 30)), files: files)
    try glissade.write(shard("source: f.npy, labels: l30.npy"), "npy.yaml")
  }

  private func shard(_ attributes: String) -> String {
    """
    glissade: 1
    name: rows
    nodes:
      rows: { op: shard, \(attributes) }
    outputs: { rows: rows.safetensors }

    """
  }

  /// The findings that a call writes as JSON.
  private func findings(_ arguments: String...) throws -> [[String: Any]] {
    let outcome = try glissade.start(arguments + ["--error-format", "json"]).wait()
    #expect(outcome.code == 65)
    return try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.errors.utf8)) as? [[String: Any]],
      "\(outcome.errors)")
  }

  @Test func checkFindsEveryBadCellAtItsPlace() throws {
    let outcome = try glissade("check", "bad.yaml")
    #expect(outcome.code == 65)
    #expect(
      outcome.errors == """
        bad.csv:3:3: error: expected a number in column 'b', found 'oops'; node 'rows' reads it
        bad.csv:4:1: error: expected 4 cells as in the first line, found 2; node 'rows' reads it
        bad.csv:6:5: error: the number '1e400' in column 'c' is too large for float32; node 'rows' reads it

        """)
  }

  @Test func programsFindThePlaceInTheData() throws {
    for verb in [["check"], ["plan"], ["run", "--quiet"], ["show", "rows"]] {
      let arguments = [verb[0], "bad.yaml"] + verb.dropFirst()
      let outcome = try glissade.start(arguments + ["--error-format", "json"]).wait()
      let list = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.errors.utf8)) as? [[String: Any]],
        "\(outcome.errors)")
      #expect(outcome.code == 65)
      #expect(list.allSatisfy { $0["file"] as? String == "bad.csv" }, "\(list)")
      #expect(list.contains { $0["line"] as? Int == 4 && $0["column"] as? Int == 1 }, "\(list)")
    }
  }

  /// What only reading finds is found by the run, each at its place.
  @Test func aRunFindsTheCellsThatItReads() throws {
    try glissade.write("a,b\n1,2\n3,x\n,4\n", "cells.csv")
    try glissade.write(shard("source: cells.csv"), "cells.yaml")
    #expect(try glissade("plan", "cells.yaml").code == 0)
    let run = try glissade("run", "cells.yaml", "--quiet")
    #expect(run.code == 65)
    #expect(
      run.errors == """
        cells.csv:3:3: error: expected a number in column 'b', found 'x'; node 'rows' reads it
        cells.csv:4:1: error: expected a number in column 'a', found an empty cell; node 'rows' reads it

        """)
    let found = try findings("run", "cells.yaml", "--quiet")
    #expect(found.map { $0["file"] as? String } == ["cells.csv", "cells.csv"])
    #expect(found.map { $0["line"] as? Int } == [3, 4])
    #expect(found.map { $0["column"] as? Int } == [3, 1])
  }

  @Test func ofManyTwentyAreShown() throws {
    try glissade.write("a\n" + String(repeating: "x\n", count: 50), "many.csv")
    try glissade.write(shard("source: many.csv"), "many.yaml")
    #expect(try findings("check", "many.yaml").count == 20)
  }

  @Test func wrongAttributesHideNoWrongData() throws {
    let outcome = try glissade("check", "bad.yaml", "--set", "nodes.other={ op: nothing }")
    #expect(outcome.code == 65)
    try glissade.write(
      shard("source: bad.csv, label: label").replacing(
        "outputs", with: "  other: { op: reduce, off: rows }\noutputs"), "both.yaml")
    let both = try glissade("check", "both.yaml")
    #expect(both.errors.contains("bad.csv:3:3: error:"), "\(both.errors)")
    #expect(both.errors.contains("unknown attribute 'off'"), "\(both.errors)")
  }

  /// A graph, what is set in it, and the start of the first finding.
  private static let overrides = [
    ("good.yaml", "nodes.rows.label=nolabel", "--set:1:18: error: good.csv:1:1: the label column"),
    ("good.yaml", "nodes.rows.keep=[zz]", "--set:1:17: error: good.csv:1:1: the column 'zz'"),
    (
      "good.yaml", "nodes.rows.select={rows: [2, 10]}",
      "--set:1:26: error: good.csv: the rows 2 to 10 are asked for, and the data has 3"
    ),
    (
      "good.yaml", "nodes.rows.select={every: 2, offset: 2}",
      "--set:1:38: error: every 2-th row from row 2 on is no selection"
    ),
    ("good.yaml", "outputs.rows=../x.safetensors", "--set:1:14: error: the output 'rows' would be"),
    (
      "good.yaml", "outputs.rows={file: a.npz}", "--set:1:21: error: the output 'rows' is"
    ),
    (
      "good.yaml", "outputs.rows={file: a.safetensors, with: [b]}",
      "--set:1:42: error: the output 'rows' has"
    ),
    ("npy.yaml", "nodes.rows.labels=l5.npy", "--set:1:19: error: ./l5.npy: it has 5 labels"),
    ("npy.yaml", "nodes.rows.labels=less.npy", "--set:1:19: error: ./less.npy: labels from 0"),
    (
      "npy.yaml", "nodes.rows.labels=f.npy", "--set:1:19: error: ./f.npy: labels with one dimension"
    ),
    (
      "npy.yaml", "nodes.rows.select={rows: [25, 99]}",
      "--set:1:26: error: the rows 25 to 99 are asked for, and the data has 30"
    ),
    ("npy.yaml", "nodes.rows.select={rows: [40, 99]}", "--set:1:26: error: the rows 40 to 99"),
    (
      "npy.yaml", "nodes.rows.select={every: 2, offset: 2}",
      "--set:1:38: error: every 2-th row from row 2 on is no selection"
    ),
    (
      "good.yaml", "nodes.rows.labels=l5.npy",
      "--set:1:19: error: 'labels' goes with IDX and NPY files, and './good.csv' is neither"
    ),
    ("npy.yaml", "nodes.rows.source=none.npy", "--set:1:19: error: cannot open './none.npy'"),
  ]

  @Test(arguments: overrides)
  func overridesAreWhatIsPointedAt(graph: String, setting: String, said: String) throws {
    let outcome = try glissade("check", graph, "--set", setting)
    #expect(outcome.code == (said.contains("cannot open") ? 66 : 65))
    let plain = outcome.errors.replacing("./", with: "").replacing(".x.sa", with: "../x.sa")
    #expect(plain.hasPrefix(said.replacing("./", with: "")), "\(outcome.errors)")
  }

  @Test func attributesOfABlockHaveTheirOwnLine() throws {
    try glissade.write(
      """
      glissade: 1
      name: rows
      nodes:
        rows:
          op: shard
          source: good.csv
          label: labl
      outputs: { rows: rows.safetensors }

      """, "block.yaml")
    let outcome = try glissade("check", "block.yaml")
    #expect(outcome.errors.hasPrefix("block.yaml:7:12: error: "), "\(outcome.errors)")
  }

  @Test func whatIsMissingIsNamedAsAFile() throws {
    let outcome = try glissade("check", "nobody.yaml", "--error-format", "json")
    #expect(outcome.code == 66)
    #expect(outcome.errors.contains("\"file\": \"nobody.yaml\""), "\(outcome.errors)")
  }
}
