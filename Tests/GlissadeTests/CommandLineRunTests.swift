import Foundation
import Testing

/// `run` as users run it.
@Suite struct CommandLineRunTests {
  @Test func resultsAreOneObjectWithTheKeysOfTheContract() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    let outcome = try glissade("run", "digits.yaml", "--format", "json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    let report = try object(outcome.output)
    #expect(
      Set(report.keys) == [
        "graph", "graph_sha256", "status", "steps", "epochs", "seconds", "setup_seconds", "loss",
        "metrics", "best", "tasks", "retries", "threads", "executors", "peak_bytes",
        "budget_bytes", "spilled_bytes", "weights_sha256", "outputs", "run_dir", "kernels",
        "memory_mode", "written_bytes", "read_back_bytes", "reread_bytes", "dropped",
        "recomputed", "memory_wait_seconds", "disk_wait_seconds", "moved",
      ])
    #expect(report["graph"] as? String == "digits")
    #expect((report["graph_sha256"] as? String)?.count == 64)
    #expect((report["weights_sha256"] as? String)?.count == 64)
    #expect(report["status"] as? String == "done")
    #expect(report["steps"] as? Int == 46)
    #expect(report["epochs"] as? Int == 2)
    #expect(report["run_dir"] as? String == "runs/digits")
    let metrics = try #require(report["metrics"] as? [String: Double])
    #expect(Set(metrics.keys) == ["score.accuracy", "score.loss"])
    #expect(try #require(metrics["score.accuracy"]) > 0.8)
    let outputs = try #require(report["outputs"] as? [String: String])
    #expect(outputs == ["weights": "runs/digits/digits.safetensors"])
    #expect(glissade.directory.exists("runs/digits/digits.safetensors"))
    #expect(glissade.directory.text("runs/digits/report.json") == outcome.output)
    // Progress is one line an evaluation where nobody watches.
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.first?.hasPrefix("step 23/46 (epoch 1): score.accuracy 0.") == true)
  }

  @Test func threadsAndWindowsGiveTheSameWeights() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    var hashes: Set<String> = []
    for (threads, window) in [("1", "1"), ("2", "2"), ("4", "8")] {
      let outcome = try glissade(
        "run", "digits.yaml", "--threads", threads, "--window", window, "--run-dir", threads,
        "--format", "json", "--quiet")
      #expect(outcome.errors == "")
      hashes.insert(try #require(try object(outcome.output)["weights_sha256"] as? String))
    }
    #expect(hashes.count == 1)
    let files = FileManager.default
    #expect(
      files.contentsEqual(
        atPath: glissade.directory("1/digits.safetensors"),
        andPath: glissade.directory("4/digits.safetensors")))
  }

  @Test func textHoldsTheSameNames() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    let outcome = try glissade("run", "digits.yaml", "--quiet", "--run-dir", "here")
    #expect(outcome.code == 0)
    for name in ["graph_sha256", "score.accuracy", "weights_sha256", "outputs.weights"] {
      #expect(outcome.output.contains("\n\(name) "))
    }
    #expect(outcome.output.contains("run_dir") && outcome.output.contains("here"))
  }

  @Test func valuesCanBeSet() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    let outcome = try glissade(
      "run", "digits.yaml", "--set", "run.until={ steps: 5 }", "--set", "name=other", "--set",
      "outputs.weights=models/w.safetensors", "--quiet", "--format", "json")
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(try object(outcome.output)["steps"] as? Int == 5)
    #expect(glissade.directory.exists("runs/other/models/w.safetensors"))
  }

  @Test func verboseSaysWhatIsDone() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits()
    let outcome = try glissade("run", "digits.yaml", "--verbose", "--threads", "2")
    #expect(outcome.errors.hasPrefix("digits: 10 nodes, "))
    #expect(outcome.errors.contains("46 steps, 2 threads, window 4"))
  }

  @Test func bestVersionIsSavedWithItsStep() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits(until: "epochs: 4", output: "{ file: w.safetensors, version: best }")
    let outcome = try glissade(
      "run", "digits.yaml", "--quiet", "--format", "json", "--set",
      "run.stop={ when: score.loss, best: least, patience: 3 }")
    let report = try object(outcome.output)
    let best = try #require(report["best"] as? [String: Any])
    #expect(best["metric"] as? String == "score.loss")
    let step = try #require(best["step"] as? Int)
    #expect(
      glissade.directory.text("runs/digits/w.safetensors").contains("\"glissade.step\":\"\(step)\"")
    )
  }

  /// A terminal shows a bar in colours, unless NO_COLOR stands in the environment; `script` plays the terminal.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/script")))
  func terminalsShowABar() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits(until: "epochs: 20")
    func shown(_ environment: [String: String]) throws -> String {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/script")
      let command = "'\(CommandLineTool.binary)' run digits.yaml 2>&1 >/dev/null"
      process.arguments = ["-qec", command, glissade.directory("typescript")]
      process.currentDirectoryURL = URL(fileURLWithPath: glissade.directory.path)
      process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      process.standardOutput = FileHandle.nullDevice
      process.standardInput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      return glissade.directory.text("typescript")
    }
    let colored = try shown(["TERM": "xterm", "NO_COLOR": ""])
    #expect(colored.contains("/20  ") && colored.contains("\u{1B}[32m━"))
    let plain = try shown(["TERM": "xterm", "NO_COLOR": "1"])
    #expect(plain.contains("━━━━━") && !plain.contains("\u{1B}[32m"))
    #expect(plain.contains("\r\u{1B}[K"))
    let dumb = try shown(["TERM": "dumb"])
    #expect(dumb.contains("step 23/460 (epoch 1): score.accuracy") && !dumb.contains("━"))
  }
}
