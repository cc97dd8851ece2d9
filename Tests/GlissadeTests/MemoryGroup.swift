import Foundation
import Testing

/// A control group of the kernel that bounds the memory of the processes in it: one that passes the bound is killed.
///
/// It is made inside the group that the tests run in, and removed when let go.
final class MemoryGroup {
  /// Its directory.
  let path: String
  private let peakFile: String

  /// Whether this user may make such groups here.
  static let isAvailable = (try? MemoryGroup(byteCount: 1 << 30)) != nil
  /// Why a test of them is left out.
  static let reason: Comment = "no control group of memory may be made here"

  /// Makes a group with a bound, and without swap where that can be said.
  init(byteCount: Int) throws {
    let (root, limit, peak, swap) = try MemoryGroup.own()
    path = root + "/glissade-test-" + UUID().uuidString
    peakFile = path + "/" + peak
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false)
    do {
      try MemoryGroup.write("\(byteCount)", path + "/" + limit)
      try? MemoryGroup.write("0", path + "/" + swap)
    } catch {
      rmdir(path)
      throw error
    }
  }

  deinit { rmdir(path) }

  /// The most bytes that its processes have taken together, what they read into the page cache included; 0 where the kernel
  /// does not say.
  var peakBytes: Int { Int(MemoryGroup.text(peakFile)) ?? 0 }

  /// Starts the command line in the group.
  func start(_ glissade: CommandLineTool, _ arguments: [String]) throws -> CommandLineTool.Running {
    let script = #"echo $$ > "$0/cgroup.procs" && exec "$@""#
    return try glissade.start(
      ["-c", script, path, CommandLineTool.binary] + arguments, program: "/bin/sh")
  }

  /// The group of this process, and the names of its files: of version 1 where that counts memory, else of version 2.
  private static func own() throws -> (root: String, limit: String, peak: String, swap: String) {
    let root = "/sys/fs/cgroup"
    let groups = text("/proc/self/cgroup").split(separator: "\n").map {
      $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
    }
    if let group = groups.first(where: { $0.count == 3 && $0[1] == "memory" }) {
      return (
        root + "/memory" + group[2], "memory.limit_in_bytes", "memory.max_usage_in_bytes",
        "memory.swappiness"
      )
    }
    guard let group = groups.first(where: { $0.count == 3 && $0[0] == "0" }) else {
      throw CocoaError(.fileNoSuchFile)
    }
    return (root + group[2], "memory.max", "memory.peak", "memory.swap.max")
  }

  private static func write(_ text: String, _ path: String) throws {
    // The files are there already: a group without this one does not count memory.
    guard let file = FileHandle(forWritingAtPath: path) else {
      throw CocoaError(.fileWriteNoPermission)
    }
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
  }

  private static func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
      .trimmingCharacters(in: .newlines)
  }
}
