import Foundation
import Testing

/// What the command line says where something is wrong, and the code that it ends with.
@Suite struct CommandLineErrorTests {
  @Test func errorsPointAtTheirPlace() throws {
    let glissade = try CommandLineTool()
    try glissade.write(
      """
      glissade: 1
      name: wrong
      nodes:
        weights: { op: parameters, model: softmax, inputs: 4, classes: 3 }
        step: { op: update, optimiser: { kind: sgd, rate: 0.1 } }

      """, "wrong.yaml")
    let outcome = try glissade("run", "wrong.yaml")
    #expect(outcome.code == 65)
    #expect(outcome.output == "")
    #expect(
      outcome.errors.contains(
        """
        wrong.yaml:5:23: error: unknown attribute 'optimiser' of operation 'update'
            5 |   step: { op: update, optimiser: { kind: sgd, rate: 0.1 } }
              |                       ^^^^^^^^^ did you mean 'optimizer'?

        """))
    let json = try glissade("check", "wrong.yaml", "--error-format", "json")
    #expect(json.code == 65)
    let list = try #require(
      try JSONSerialization.jsonObject(with: Data(json.errors.utf8)) as? [[String: Any]])
    let found = try #require(list.first { $0["column"] as? Int == 23 })
    #expect(found["line"] as? Int == 5)
    #expect(found["hint"] as? String == "did you mean 'optimizer'?")
  }

  /// A code and the call that ends with it.
  private static let calls = [
    "64 run", "64 run --frobnicate digits.yaml", "64 frobnicate", "64 run digits.yaml --threads 0",
    "64 run digits.yaml --threads x", "64 run digits.yaml -q -v", "64 dot digits.yaml --steps 2",
    "64 show digits.yaml grd", "64 show digits.yaml grad --step 99",
    "64 show digits.yaml grad --place train=9", "64 show digits.yaml grad --step 0",
    "64 evaluate m d --label a --labels b",
    "65 run digits.yaml --set nodes.step.optimizer.rate=fast",
    "65 run digits.yaml --set nodes.nobody.rate=1",
    "65 run digits.yaml --set outputs.weights=../w.safetensors",
    "65 run digits.yaml --set outputs.weights=w.csv",
    "65 run digits.yaml --set outputs.weights=report.json", "65 check data",
    "65 predict digits.yaml data/digits.csv", "66 run nobody.yaml",
    "66 predict nobody.safetensors data/digits.csv",
    "73 run digits.yaml --run-dir digits.yaml/here", "73 run digits.yaml --run-dir /proc/nowhere",
    "73 dot digits.yaml --out /proc/nowhere.dot", "0 --help", "0 help run", "0 --version",
    "0 check digits.yaml", "0 dot digits.yaml --tasks", "0 plan digits.yaml",
  ]

  @Test(arguments: calls) func codesAreThoseOfTheContract(call: String) throws {
    let words = call.split(separator: " ").map(String.init)
    let code = try #require(Int32(words[0]))
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    let outcome = try glissade.start(Array(words.dropFirst())).wait()
    #expect(outcome.code == code, "\(outcome.errors)")
    #expect(outcome.errors.isEmpty == (code == 0))
    #expect(outcome.output.isEmpty == (code != 0))
    for word in ["Swift.", "GraphError", "errno", "fault of Glissade", ".part"] {
      #expect(!outcome.errors.contains(word), "\(outcome.errors)")
    }
  }

  @Test func missingDataAloneIsAMissingInput() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    try FileManager.default.removeItem(atPath: glissade.directory("data/digits.csv"))
    let outcome = try glissade("run", "digits.yaml")
    #expect(outcome.code == 66)
    #expect(outcome.errors.contains("no such file"))
    try glissade.write(
      """
      glissade: 1
      name: rows
      nodes: { rows: { op: shard, source: absent.csv } }

      """, "rows.yaml")
    #expect(try glissade("check", "rows.yaml").code == 66)
  }

  @Test func nothingIsComputedWhereOutputsCannotBe() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    try FileManager.default.createDirectory(
      atPath: glissade.directory("out/digits.safetensors"), withIntermediateDirectories: true)
    let outcome = try glissade("run", "digits.yaml", "--run-dir", "out")
    #expect(outcome.code == 73)
    #expect(outcome.errors == "error: cannot open 'out/digits.safetensors': it is a directory\n")
  }

  @Test func whatCannotRunIsNamedWithItsPlace() throws {
    let glissade = try CommandLineTool()
    let graph = projectDirectory + "/Graphs/golden/d-stale.yaml"
    let run = try glissade("run", graph)
    #expect(run.code == 65)
    #expect(run.errors.contains("d-stale.yaml:"))
    #expect(run.errors.contains("'staleness'") && run.errors.contains("'reads'"))
    #expect(!glissade.directory.exists("runs"))
    let check = try glissade("check", graph)
    #expect(check.code == 0)
    #expect(check.output.contains("note: only running it fails"))
    let custom = try glissade("check", projectDirectory + "/Graphs/golden/h-custom-reduce.yaml")
    #expect(custom.code == 65)
    #expect(custom.errors.contains("acme.soft-median"))
  }

  @Test func failedTasksSayNodeStepAndPlace() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    let outcome = try glissade(
      "run", "digits.yaml", "--quiet", "--set", "nodes.step.optimizer.rate=1e38")
    #expect(outcome.code == 65)
    #expect(outcome.errors.hasPrefix("error: node 'grad', step "))
    #expect(outcome.errors.contains(", place train="))
    #expect(!glissade.directory.exists("runs/digits/digits.safetensors"))
  }
}
