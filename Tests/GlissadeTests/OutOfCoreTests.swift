import Foundation
import GlissadeData
import GlissadeSystem
import GlissadeTensor
import Testing

/// `Graphs/out-of-core.yaml` and `Tools/generate-rows`, which writes the data that does not come with the project.
@Suite struct OutOfCoreTests {
  private func generate(_ arguments: String..., in glissade: CommandLineTool) throws
    -> CommandLineTool.Outcome
  {
    try glissade.start(arguments, program: projectDirectory + "/Tools/generate-rows").wait()
  }

  @Test func theGraphSaysWhichFileIsMissing() throws {
    let glissade = try CommandLineTool()
    try FileManager.default.copyItem(
      atPath: projectDirectory + "/Graphs/out-of-core.yaml",
      toPath: glissade.directory("out-of-core.yaml"))
    let outcome = try glissade("check", "out-of-core.yaml")
    #expect(outcome.code == 66)
    #expect(
      outcome.errors.contains(
        "'data/out-of-core/features.npy': no such file or directory"), "\(outcome.errors)")
  }

  /// Sixteen features, so that few bytes hold rows enough to learn from; the classes are as far apart as with more.
  @Test func theGraphTrainsToWhatItsCommentSays() throws {
    let glissade = try CommandLineTool()
    try FileManager.default.copyItem(
      atPath: projectDirectory + "/Graphs/out-of-core.yaml",
      toPath: glissade.directory("out-of-core.yaml"))
    try FileManager.default.createDirectory(
      atPath: glissade.directory("data"), withIntermediateDirectories: true)
    let generated = try generate(
      "--bytes", "1MiB", "--features", "16", "data/out-of-core", in: glissade)
    #expect(generated.code == 0, "\(generated.errors)")
    var hashes: Set<String> = []
    for threads in ["1", "2"] {
      let outcome = try glissade(
        "run", "out-of-core.yaml", "--quiet", "--format", "json", "--threads", threads,
        "--run-dir", threads)
      #expect(outcome.code == 0, "\(outcome.errors)")
      let report = try object(outcome.output)
      let metrics = try #require(report["metrics"] as? [String: Double])
      #expect(abs(try #require(metrics["score.accuracy"]) - 0.787) < 0.02)
      hashes.insert(try #require(report["weights_sha256"] as? String))
    }
    #expect(hashes.count == 1)
  }

  /// Five million bytes: more than a piece of the file, and no whole number of pieces or of disk blocks.
  @Test func rowsAreTheSameForASeedAndEndAsNumPyWouldWriteThem() throws {
    let glissade = try CommandLineTool()
    let calls = [
      ("5MB", "7", "a"), ("5MB", "7", "b"), ("1MB", "7", "short"), ("5MB", "8", "other"),
    ]
    for (bytes, seed, name) in calls {
      let outcome = try generate(
        "--bytes", bytes, "--features", "50", "--classes", "30", "--seed", seed, name, in: glissade)
      #expect(outcome.code == 0, "\(outcome.errors)")
    }
    func content(_ name: String) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: glissade.directory(name)))
    }
    let features = try content("a/features.npy")
    #expect(try content("b/features.npy") == features)
    #expect(try content("b/labels.npy") == content("a/labels.npy"))
    #expect(try content("other/features.npy") != features)
    #expect(try content("short/features.npy").dropFirst(128) == features[128..<1_000_128])

    let files = LocalFileSystem()
    for (name, shape) in [("features", Shape([25_000, 50])), ("labels", Shape([25_000]))] {
      let tensor = try NPY.read(glissade.directory("a/\(name).npy"), files: files)
      #expect(tensor.shape == shape)
      try NPY.write(glissade.directory("again.npy"), tensor, files: files)
      #expect(try content("again.npy") == content("a/\(name).npy"))
    }
    let labels = try NPY.read(glissade.directory("a/labels.npy"), files: files)
    #expect(Set(labels.elements(of: Int32.self)) == Set(0..<30))
  }

  @Test(arguments: [
    ("64", ["--bytes", "many", "new"]), ("64", ["--bytes", "1MiB"]), ("64", ["new"]),
    ("64", ["--bytes", "1KiB", "new"]), ("64", ["--bytes", "1MiB", "--classes", "1", "new"]),
    ("75", ["--bytes", "16TiB", "new"]), ("73", ["--bytes", "1MiB", "/proc/nowhere"]),
  ]) func whatIsRefusedLeavesNothing(code: String, arguments: [String]) throws {
    let glissade = try CommandLineTool()
    let outcome = try glissade.start(
      arguments, program: projectDirectory + "/Tools/generate-rows"
    ).wait()
    #expect(String(outcome.code) == code, "\(outcome.errors)")
    #expect(outcome.errors.contains("error:"))
    #expect(!glissade.directory.exists("new"))
  }
}
