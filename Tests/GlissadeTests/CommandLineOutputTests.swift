import Glissade
import GlissadeData
import GlissadeGraph
import GlissadeRuntime
import GlissadeSystem
import GlissadeTensor
import Testing

/// The files that runs leave: names, contents and the hash of the weights.
@Suite struct CommandLineOutputTests {
  /// What is wrong with the outputs of the digits graph, joined.
  private func complaints(_ outputs: String, extra: String = "", model: String = "softmax") throws
    -> String
  {
    let graph = try graph(digits(extra: extra, model: model) + "\noutputs: \(outputs)\n")
    do {
      _ = try RunOutputs(graph, sha256: "", directory: "runs/x")
      return ""
    } catch { return error.diagnostics.map(\.message).joined(separator: "\n") }
  }

  @Test(arguments: [
    ("{ weights: w.safetensors }", ""), ("{ weights: a/b/w.safetensors }", ""),
    ("{ weights: /tmp/w.safetensors }", ""), ("{ weights: ../w.safetensors }", "outside the run"),
    ("{ weights: a/../../w.safetensors }", "outside the run"),
    ("{ weights: w.npy }", "'.safetensors', found 'w.npy'"), ("{ weights: w }", "found 'w'"),
    ("{ weights: \"w{model}.safetensors\" }", "has no axis 'model'"),
    ("{ weights: w.safetensors, step.state: w.safetensors }", "both written to"),
    ("{ score: report.json }", "ends in '.npy'"), ("{ score: score.npy }", ""),
    ("{ weights: { file: w.safetensors, with: [label] } }", "'with' has no effect"),
  ])
  func namesAreChecked(outputs: String, expected: String) throws {
    let found = try complaints(outputs)
    #expect(expected.isEmpty ? found.isEmpty : found.contains(expected), "\(found)")
  }

  @Test(arguments: [
    ("{ said: { file: said.csv } }", "", ""), ("{ said: said.npy }", "", ""),
    ("{ said: { file: said.csv, with: [p1] } }", "", "no column 'p1'"),
    ("{ said: { file: said.npy, with: [p1] } }", ", keep: [p1]", "only a '.csv' file"),
    ("{ said: { file: said.csv, with: [p1] } }", ", keep: [p1]", ""),
    ("{ said: said.csv }", ", shuffle: true", "its rows are shuffled"),
  ])
  func predictionsAreChecked(outputs: String, shard: String, expected: String) throws {
    let extra = """
        more: { op: shard, source: data/digits.csv, like: train, count: 3\(shard) }
        said: { op: predict, at: weights, data: more, every: { epochs: 1 } }
      """
    let found = try complaints(outputs, extra: extra)
    #expect(expected.isEmpty ? found.isEmpty : found.contains(expected), "\(found)")
  }

  /// Two models of an axis become two files; the hash holds both under their names.
  @Test func familiesBecomeAFileALabel() throws {
    let directory = try TestDirectory()
    let text = digits(until: "steps: 3", model: "{ kind: mlp, hidden: [8] }").replacing(
      "hidden: [8] } }", with: "hidden: [8] }, axes: { kind: [one, two] } }")
    let graph = try graph(text + "\noutputs: { weights: \"w-{kind}.safetensors\" }\n")
    let run = try GraphRun(graph, directory: directory.path)
    try run.prepare()
    let report = try run.run()
    #expect(report.outputs.map(\.name) == ["weights[kind=one]", "weights[kind=two]"])
    #expect(report.metrics.map(\.name).contains("score[kind=two].accuracy"))
    let files = LocalFileSystem()
    let one = try SafeTensors.read(directory("w-one.safetensors"), files: files)
    let two = try SafeTensors.read(directory("w-two.safetensors"), files: files)
    #expect(one.tensors.map(\.name) == two.tensors.map(\.name))
    let weight = try #require(one["dense.0.weight"])
    #expect(!weight.hasSameBits(as: try #require(two["dense.0.weight"])))
  }

  /// Blocks are joined: files, states and the hash are those of parameters in one piece.
  @Test func blocksDoNotShow() throws {
    var hashes: Set<String> = []
    for blocks in [1, 3] {
      let directory = try TestDirectory()
      let text = digits(until: "steps: 5", optimizer: "{ kind: adam, rate: 0.01 }").replacing(
        "model: softmax }", with: "model: softmax, axes: { block: \(blocks) } }")
      let graph = try graph(
        text + "\noutputs: { weights: w.safetensors, step.state: s.safetensors }\n")
      let run = try GraphRun(graph, directory: directory.path)
      try run.prepare()
      hashes.insert(try #require(try run.run().weightsSHA256))
      let state = try SafeTensors.read(directory("s.safetensors"), files: LocalFileSystem())
      #expect(
        state.tensors.map(\.name) == [
          "count", "m.dense.0.bias", "m.dense.0.weight", "v.dense.0.bias", "v.dense.0.weight",
        ])
      #expect(state["count"]?.doubles() == [5])
      #expect(state["m.dense.0.weight"]?.shape == Shape(10, 64))
      let model = try SafeTensors.read(directory("w.safetensors"), files: LocalFileSystem())
      #expect(model["scale.multiplier"]?.doubles() == [0.0625])
      #expect(model.metadata["glissade.step"] == "5")
      #expect(model.metadata["glissade.seed"] == "7")
    }
    #expect(hashes.count == 1)
  }

  /// Kept cells are quoted as RFC 4180 says, and rows of several places come in their order.
  @Test func predictionsAreQuotedAndInOrder() throws {
    let directory = try TestDirectory()
    let files = LocalFileSystem()
    let notes = ["plain", "a,b", "say \"so\"", "two\nlines", "last"]
    var data = "x,note,y\n"
    for (row, note) in notes.enumerated() {
      data += "\(row),\"\(note.replacing("\"", with: "\"\""))\",\(2 * row)\n"
    }
    try files.writeAtomically(directory("data.csv"), data)
    let text = """
      glissade: 1
      name: line
      nodes:
        rows: { op: shard, source: \(directory("data.csv")), label: y, target: number, keep: [note], count: 2 }
        batch: { op: batch, of: rows, size: 5 }
        line: { op: parameters, model: linear }
        grad: { op: gradient, at: line, data: batch }
        mean: { op: reduce, of: grad, over: rows, by: mean }
        step: { op: update, of: line, with: mean, optimizer: { kind: sgd, rate: 0.05 } }
        said: { op: predict, at: line, data: rows, every: { epochs: 500 } }
      run: { until: { epochs: 500 } }
      outputs: { said: { file: deep/said.csv, with: [note] }, line: line.safetensors }

      """
    let run = try GraphRun(try graph(text), directory: directory("run"))
    try run.prepare()
    _ = try run.run()
    let table = try CSVReader.read(
      [directory("run/deep/said.csv")],
      {
        var options = CSVOptions(); options.keep = ["note"]; return options
      }(), files: files)
    #expect(table.kept.first?.values == notes)
    #expect(table.columns == ["value"])
    for (row, value) in table.features.doubles().enumerated() {
      #expect(abs(value - 2 * Double(row)) < 0.1)
    }
  }

  /// A disk that refuses ends with an error that says so, and leaves no part of a file.
  @Test func refusalsAreSaid() throws {
    let graph = try graph(digits(until: "steps: 2") + "\noutputs: { weights: w.safetensors }\n")
    let run = try GraphRun(graph, directory: "/proc/nowhere")
    #expect(throws: OutputError.self) { try run.prepare() }
    do { try run.prepare() } catch {
      #expect(error.isBeforeWriting && !error.isFull)
      #expect(error.description.contains("/proc/nowhere"))
    }
  }
}
