import Foundation
import GlissadeSystem
import GlissadeTesting
import Testing

/// The command line with a graph whose memory is bounded: a perceptron over 6,000 compressed images.
struct BoundedTool {
  let glissade: CommandLineTool
  /// What a run without a budget says of itself.
  let free: [String: Any]
  /// The smallest budget that `plan` knows for two threads.
  let smallest: Int
  /// What all runs are given.
  static let usual = ["run", "clothes.yaml", "--threads", "2", "--format", "json"]

  init() throws {
    glissade = try CommandLineTool()
    try FileManager.default.createSymbolicLink(
      atPath: glissade.directory("data"), withDestinationPath: projectDirectory + "/Graphs/data")
    try BoundedTool.write(epochs: 1, to: glissade)
    let plan = try glissade(
      "plan", "clothes.yaml", "--threads", "2", "--usual-rates", "--format", "json")
    smallest = try #require(try object(plan.output)["smallest_memory"] as? Int)
    free = try object(try glissade.start(Self.usual).wait().output)
  }

  /// Writes the graph with so many epochs.
  static func write(epochs: Int, to glissade: CommandLineTool) throws {
    let text = MemoryTests.text
      .replacing("{ until: { epochs: 1 } }", with: "{ until: { epochs: \(epochs) } }")
    try glissade.write(text, "clothes.yaml")
  }

  /// The arguments of a run within so many bytes, its spill directory in `scratch`.
  func arguments(_ memory: Int) -> [String] {
    Self.usual + ["--memory", "\(memory)", "--spill-dir", "scratch"]
  }

  /// Starts a run in as little memory as works.
  func start() throws -> CommandLineTool.Running { try glissade.start(arguments(smallest)) }

  /// What lies in the directory of the spill directories.
  var left: [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: glissade.directory("scratch"))) ?? []
  }

  /// Waits until there are files in a spill directory, but not for longer than a minute.
  func waitsForFiles() -> Bool {
    for _ in 0..<60_000 {
      let files = left.flatMap { name in
        (try? FileManager.default.contentsOfDirectory(
          atPath: glissade.directory("scratch/" + name))) ?? []
      }
      if files.contains(where: { $0 != "lock" }) { return true }
      usleep(1_000)
    }
    return false
  }

  /// Checks that a run came to the same end as that without a budget, and kept to its own; gives its report.
  @discardableResult
  func isSame(_ outcome: CommandLineTool.Outcome, _ comment: Comment) throws -> [String: Any] {
    try #require(outcome.code == 0, "\(comment): exit \(outcome.code), \(outcome.errors)")
    let report = try object(outcome.output)
    let hash = try #require(free["weights_sha256"] as? String)
    #expect(report["weights_sha256"] as? String == hash, comment)
    let budget = try #require(report["budget_bytes"] as? Int, comment)
    #expect(try #require(report["peak_bytes"] as? Int) <= budget, comment)
    return report
  }

  /// Processes that still stand in the directory of the test, some seconds after the last one was waited for: what
  /// symbolizes for a sanitizer ends a moment later than its parent.
  var processes: [String] {
    for _ in 0..<200 where !standing.isEmpty { usleep(10_000) }
    return standing
  }

  private var standing: [String] {
    let files = FileManager.default
    let numbers = ((try? files.contentsOfDirectory(atPath: "/proc")) ?? []).filter {
      Int($0) != nil
    }
    return numbers.filter { number in
      let place = try? files.destinationOfSymbolicLink(atPath: "/proc/\(number)/cwd")
      return place?.hasPrefix(glissade.directory.path) ?? false
    }
  }
}

extension CommandLineTool.Running {
  /// Waits for the end, but not for longer than some seconds: then the process is killed, and it has no end of its own.
  func waitsForEnd(seconds: Int = 60) -> CommandLineTool.Outcome? {
    for _ in 0..<(100 * seconds) {
      guard process.isRunning else { return wait() }
      usleep(10_000)
    }
    kill(process.processIdentifier, SIGKILL)
    _ = wait()
    return nil
  }

  /// The most bytes that the process had in memory at a time, the pages of its program included, as seen every millisecond
  /// until it ended; 0 where the kernel does not say.
  func watchedPeakBytes() -> Int {
    var peak = 0
    let path = "/proc/\(process.processIdentifier)/status"
    while process.isRunning {
      let status = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
      peak = max(peak, number.flatMap { Int($0) } ?? 0)
      usleep(1_000)
    }
    return peak * 1024
  }
}
