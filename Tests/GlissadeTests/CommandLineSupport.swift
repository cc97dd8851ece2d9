import Foundation
import GlissadeSystem
import Testing

/// The built command line, run as users run it.
struct CommandLineTool {
  /// What a call left.
  struct Outcome {
    var code: Int32
    var output: String
    var errors: String
  }

  /// A call that is under way.
  final class Running {
    let process: Process
    private let directory: String
    private let name: String

    init(_ process: Process, in directory: String, name: String) {
      self.process = process
      self.directory = directory
      self.name = name
    }

    var errors: String { text(".err") }

    /// Waits until standard error holds a text; false where the process ends, or a minute passes, before.
    func waits(for text: String) -> Bool {
      for _ in 0..<6_000 {
        if errors.contains(text) { return true }
        if !process.isRunning { return errors.contains(text) }
        usleep(10_000)
      }
      return false
    }

    func interrupt() { kill(process.processIdentifier, SIGINT) }

    func wait() -> Outcome {
      process.waitUntilExit()
      let isSignal = process.terminationReason == .uncaughtSignal
      let code = process.terminationStatus + (isSignal ? 128 : 0)
      return Outcome(code: code, output: text(".out"), errors: errors)
    }

    private func text(_ ending: String) -> String {
      textOfFile(directory + "/" + name + ending)
    }
  }

  /// The directory in which it runs, removed at the end.
  let directory: TestDirectory

  init() throws { directory = try TestDirectory() }

  /// The built program: it stands where the test's own executable stands, among the products of the build.
  static let binary: String = {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: own).deletingLastPathComponent().path + "/glissade"
  }()

  /// Starts it, or another program.
  ///
  /// Output goes to files, so that a full pipe cannot stop it.
  func start(
    _ arguments: [String], input: String = "", environment: [String: String] = [:],
    program: String = Self.binary
  ) throws -> Running {
    let name = ".call-" + UUID().uuidString
    let files = FileManager.default
    try Data(input.utf8).write(to: URL(fileURLWithPath: directory(name + ".in")))
    for ending in [".out", ".err"] {
      _ = files.createFile(atPath: directory(name + ending), contents: nil)
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory.path)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle(forReadingAtPath: directory(name + ".in"))
    process.standardOutput = FileHandle(forWritingAtPath: directory(name + ".out"))
    process.standardError = FileHandle(forWritingAtPath: directory(name + ".err"))
    try process.run()
    return Running(process, in: directory.path, name: name)
  }

  /// Runs it to its end.
  func callAsFunction(
    _ arguments: String..., input: String = "", environment: [String: String] = [:]
  ) throws -> Outcome {
    try start(arguments, input: input, environment: environment).wait()
  }

  /// Writes a file into the directory.
  func write(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: directory(name)))
  }

  /// Writes `digits.yaml`, a graph of two epochs with its model as output, and the data beside it.
  func writeDigits(
    until: String = "epochs: 2", model: String = "softmax", output: String = "digits.safetensors",
    shards: Int = 4, batch: String = "size: 64"
  ) throws {
    let files = FileManager.default
    try? files.createDirectory(atPath: directory("data"), withIntermediateDirectories: true)
    try? files.copyItem(
      atPath: projectDirectory + "/Graphs/data/digits.csv", toPath: directory("data/digits.csv"))
    let graph = digits(shards: shards, batch: batch, until: until, model: model)
    try write(graph + "\noutputs: { weights: \(output) }\n", "digits.yaml")
  }
}

/// A directory of one test, removed with all that it holds when let go.
final class TestDirectory {
  let path: String

  init() throws {
    let root = FileManager.default.temporaryDirectory
    path = root.appendingPathComponent("glissade-test-" + UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a name inside.
  func callAsFunction(_ name: String) -> String { path + "/" + name }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self(name)) }

  func text(_ name: String) -> String {
    textOfFile(self(name))
  }
}

/// The text of a file; empty where there is none.
///
/// Not by `FileManager.contents`: Foundation of Swift 6.3.1 leaks a page for each empty file, which AddressSanitizer reports.
func textOfFile(_ path: String) -> String {
  String(decoding: (try? LocalFileSystem().readAll(path, limit: 1 << 28)) ?? [], as: UTF8.self)
}

/// The object in a JSON text.
func object(_ text: String) throws -> [String: Any] {
  try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
}
