import Foundation
import Testing

/// A model file put to use: `predict`, `evaluate`, and Python.
@Suite struct CommandLineModelTests {
  private static let model = "runs/digits/digits.safetensors"

  private func trained() throws -> (CommandLineTool, report: [String: Any]) {
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    let outcome = try glissade("run", "digits.yaml", "--quiet", "--format", "json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    return (glissade, try object(outcome.output))
  }

  /// The first lines of the data.
  private func rows(_ count: Int, of glissade: CommandLineTool) -> String {
    let lines = glissade.directory.text("data/digits.csv").split(separator: "\n")
    return lines.prefix(count + 1).joined(separator: "\n") + "\n"
  }

  @Test func modelsBringTheirScalingAndClasses() throws {
    let (glissade, report) = try trained()
    let lines = glissade.directory.text("data/digits.csv").split(separator: "\n")
    try glissade.write(
      ([lines[0]] + lines[1438...]).joined(separator: "\n") + "\n", "test.csv")
    let outcome = try glissade("evaluate", Self.model, "test.csv", "--format", "json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let result = try object(outcome.output)
    #expect(result["rows"] as? Int == 360)
    let metrics = try #require(result["metrics"] as? [String: Double])
    let trained = try #require(report["metrics"] as? [String: Double])
    #expect(metrics["accuracy"] == trained["score.accuracy"])
    let (loss, same) = (try #require(metrics["loss"]), try #require(trained["score.loss"]))
    #expect(abs(loss - same) < 1e-6)
  }

  @Test func predictionsComeInTheOrderOfTheRows() throws {
    let (glissade, _) = try trained()
    let outcome = try glissade(
      "predict", Self.model, "data/digits.csv", "--keep", "label", "--out", "said.csv")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.output == "1797 predictions in said.csv\n")
    let lines = glissade.directory.text("said.csv").split(separator: "\n").map {
      $0.split(separator: ",").map(String.init)
    }
    #expect(lines[0] == ["label", "class"] + (0..<10).map { "probability_\($0)" })
    let labels = glissade.directory.text("data/digits.csv").split(separator: "\n").dropFirst()
      .map { String($0.split(separator: ",").last ?? "") }
    #expect(lines.dropFirst().map { $0[0] } == labels)
    #expect(lines.dropFirst().filter { $0[0] == $0[1] }.count > 1500)
    for line in lines.dropFirst().prefix(20) {
      let probabilities = line.dropFirst(2).compactMap(Float.init)
      #expect(abs(probabilities.reduce(0, +) - 1) < 1e-4)
      let best = try #require(probabilities.max())
      #expect(probabilities.firstIndex(of: best).map(String.init) == line[1])
    }
  }

  @Test func standardInputIsDataToo() throws {
    let (glissade, _) = try trained()
    let few = rows(3, of: glissade)
    let text = try glissade("predict", Self.model, "-", "--gives", "class", input: few)
    #expect(text.output == "class\n0\n1\n2\n" || text.output.split(separator: "\n").count == 4)
    let json = try object(
      try glissade("predict", Self.model, "-", "--format", "json", input: few).output)
    #expect((json["columns"] as? [String])?.count == 11)
    #expect((json["rows"] as? [[Any]])?.count == 3)
    let measured = try glissade("evaluate", Self.model, "-", "--metrics", "top-3", input: few)
    #expect(measured.output.hasPrefix("top-3  "))
    let wrong = try glissade("predict", Self.model, "-", input: "a,b\n1,2\n")
    #expect(wrong.code == 65)
    #expect(wrong.errors.hasPrefix("standard input:1:1: error: the column 'p0' is missing"))
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let (glissade, _) = try trained()
    let value = try glissade("predict", Self.model, "data/digits.csv", "--gives", "value")
    #expect(value.code == 65)
    #expect(value.errors.contains("asks for 'value', and the model predicts classes"))
    let metric = try glissade("evaluate", Self.model, "data/digits.csv", "--metrics", "rmse")
    #expect(metric.code == 65)
    #expect(metric.errors.contains("'rmse' compares numbers"))
    let ending = try glissade("predict", Self.model, "data/digits.csv", "--out", "said.txt")
    #expect(ending.code == 65)
    #expect(ending.errors.contains("'.csv' or '.npy'"))
  }

  @Test func valuesCanBeLookedAt() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    let shown = try glissade(
      "show", "digits.yaml", "grad", "--step", "3", "--place", "train=2", "--format", "json",
      "--quiet")
    #expect(shown.code == 0, "\(shown.errors)")
    #expect(try object(shown.output)["step"] as? Int == 3)
    let saved = try glissade("show", "digits.yaml", "grad.loss", "--out", "loss.csv", "--quiet")
    #expect(saved.code == 0, "\(saved.errors)")
    #expect(glissade.directory.text("loss.csv").split(separator: "\n").count == 2)
    for (tensor, lines) in [([], 650), (["--tensor", "dense.0.weight"], 10)] as [([String], Int)] {
      let arguments = ["show", "digits.yaml", "weights", "--out", "w.csv", "--quiet"] + tensor
      #expect(try glissade.start(arguments).wait().code == 0)
      #expect(glissade.directory.text("w.csv").split(separator: "\n").count == lines)
    }
    let wrong = try glissade(
      "show", "digits.yaml", "weights", "--out", "w.csv", "--tensor", "dense.1.weight", "--quiet")
    #expect(wrong.code == 64)
    #expect(wrong.errors.contains("has no tensor 'dense.1.weight'; it has dense.0.weight, "))
  }

  private static let hasPython: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", "import numpy, safetensors.numpy"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  /// Python reads the file, and comes to the hash of the report by the rule that its docstring states.
  @Test(.enabled(if: hasPython)) func pythonReadsModelsAndComesToTheSameHash() throws {
    let (glissade, report) = try trained()
    try glissade.write(
      """
      import hashlib, sys
      import safetensors, safetensors.numpy
      tensors = safetensors.numpy.load_file(sys.argv[1])
      with safetensors.safe_open(sys.argv[1], "np") as file: data = file.metadata()
      assert data["format"] == "pt" and data["glissade.model"] == "softmax", data
      assert tensors["scale.multiplier"].tolist() == [0.0625], tensors
      assert tensors["dense.0.weight"].shape == (10, 64)
      hash = hashlib.sha256()
      for name in sorted(n for n in tensors if not n.startswith("scale.")):
          t = tensors[name]
          hash.update(f"weights/{name}\\n{list(t.shape)}\\n".encode() + t.tobytes())
      print(hash.hexdigest(), end="")
      """, "check.py")
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", glissade.directory("check.py"), glissade.directory(Self.model),
    ]
    process.standardOutput = pipe
    try process.run()
    let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(said == report["weights_sha256"] as? String)
  }
}
