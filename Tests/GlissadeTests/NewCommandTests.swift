import Foundation
import GlissadeData
import GlissadeFormat
import GlissadeGraph
import GlissadeSystem
import GlissadeTensor
import Testing

/// `glissade new`: a graph to begin with.
@Suite struct NewCommandTests {
  private let glissade: CommandLineTool

  init() throws {
    glissade = try CommandLineTool()
    try FileManager.default.copyItem(
      atPath: projectDirectory + "/Graphs/data/digits.csv",
      toPath: glissade.directory("my digits.csv"))
  }

  @Test func whatItWritesChecksAndRuns() throws {
    let made = try glissade("new", "first", "--data", "my digits.csv")
    #expect(made.code == 0, "\(made.errors)")
    #expect(made.output == "wrote first.yaml\nnext: glissade check first.yaml\n")
    let checked = try glissade("check", "first.yaml")
    #expect(checked.code == 0, "\(checked.errors)")
    #expect(!checked.output.contains("note:"))
    let run = try glissade(
      "run", "first.yaml", "--quiet", "--set", "run.until.epochs=2", "--format", "json")
    #expect(run.code == 0, "\(run.errors)")
    let metrics = try #require(try object(run.output)["metrics"] as? [String: Double])
    #expect(try #require(metrics["score.accuracy"]) > 0.8)
  }

  /// Names and files that YAML would read as something else are quoted.
  @Test(arguments: [("1", "no: really.csv", "on # off"), ("true", "~", "null"), ("a.b", "x", "y")])
  func oddNamesReadBackAsTheyAre(name: String, data: String, label: String) throws {
    let text = StartingGraph.yaml(name: name, data: data, labels: .column(label))
    let graph = try GraphReader.read(Array(text.utf8), file: "t.yaml")
    #expect(graph.name == name)
    #expect(graph.nodes[0]["source"]?.text == data)
    #expect(graph.nodes[0]["label"]?.text == label)
  }

  /// Rows in NPY have their labels beside them; columns have numbers, too.
  @Test func whatItWritesForOtherDataChecks() throws {
    let files = LocalFileSystem()
    let table = try CSVReader.read(
      [glissade.directory("my digits.csv")], CSVOptions(label: .name("label")), files: files)
    try NPY.write(glissade.directory("x.npy"), table.features, files: files)
    let codes = try #require(table.target).elements(of: Int32.self).map(Int64.init)
    try NPY.write(glissade.directory("labels.npy"), Tensor(codes), files: files)
    #expect(try glissade("new", "npy", "--data", "x.npy").code == 0)
    #expect(glissade.directory.text("npy.yaml").contains("\n    labels: labels.npy\n"))
    let checked = try glissade("check", "npy.yaml")
    #expect(checked.code == 0, "\(checked.errors)")
    #expect(try glissade("new", "other", "--data", "x.npy", "--labels", "y.npy").code == 0)
    #expect(glissade.directory.text("other.yaml").contains("labels: y.npy"))
    #expect(
      try glissade("new", "third", "--data", "a-ubyte.gz").output.contains("'labels-idx1-ubyte'"))
    #expect(try glissade("new", "numbered", "--data", "my digits.csv", "--label", "64").code == 0)
    #expect(glissade.directory.text("numbered.yaml").contains("\n    label: 64\n"))
    let numbered = try glissade("check", "numbered.yaml")
    #expect(numbered.code == 0, "\(numbered.errors)")
    #expect(try glissade("new", "wrong", "--labels", "y.npy").code == 64)
  }

  @Test func dataThatIsNotThereIsSaid() throws {
    let made = try glissade("new", "second")
    #expect(made.code == 0)
    #expect(made.output.contains("its data 'data.csv' is not there yet"))
  }

  @Test func aFileThatIsThereStaysAsItIs() throws {
    try glissade.write("mine\n", "kept.yaml")
    let outcome = try glissade("new", "kept")
    #expect(outcome.code == 73)
    #expect(outcome.errors == "error: cannot open 'kept.yaml': it exists already\n")
    #expect(glissade.directory.text("kept.yaml") == "mine\n")
  }

  @Test(arguments: ["a/b", ".hidden", "", "a b"])
  func aNameThatNamesNoGraphIsAWrongUsage(name: String) throws {
    let outcome = try glissade("new", name)
    #expect(outcome.code == 64)
    #expect(outcome.errors.contains("NAME expects"))
  }
}
