import Foundation
import GlissadeSystem
import GlissadeTesting
import Testing

/// Spill directories on disks that are too small, or just large enough: real ones, of memory.
@Suite struct SpillDiskTests {
  /// Mounts a disk of `$1` bytes that nobody else sees on the directory `$0`, runs the rest there, and notes what is left.
  private static let script = #"""
    mount -t tmpfs -o size="$1" tmpfs "$0" || exit 99
    directory=$0
    shift
    "$@"
    code=$?
    ls -A "$directory" > left.txt
    exit $code
    """#

  /// A namespace of mounts, as the superuser or as one who is taken for it.
  private static let unshare = geteuid() == 0 ? ["-m"] : ["-rm"]

  private static func start(
    _ glissade: CommandLineTool, size: Int, _ command: [String]
  ) throws -> CommandLineTool.Running {
    try? FileManager.default.createDirectory(
      atPath: glissade.directory("scratch"), withIntermediateDirectories: true)
    return try glissade.start(
      unshare + ["sh", "-c", script, "scratch", "\(size)"] + command, program: "/usr/bin/unshare")
  }

  /// Whether this user may mount a disk for a process of its own.
  private static let canMount: Bool = {
    guard let glissade = try? CommandLineTool(),
      let running = try? start(glissade, size: 1 << 20, ["true"])
    else { return false }
    return running.wait().code == 0
  }()

  /// 6 sizes, and 50 with `GLISSADE_ALL=1`.
  @Test(
    .enabled(if: canMount, "no disk of memory may be mounted here"), .timeLimit(.minutes(10)))
  func everyDiskIsLargeEnoughOrSaidToBeTooSmall() throws {
    let tool = try BoundedTool()
    let command = [CommandLineTool.binary] + tool.arguments(tool.smallest)
    let ample = try Self.start(tool.glissade, size: 1 << 30, command).wait()
    let written = try #require(try tool.isSame(ample, "1 GiB")["written_bytes"] as? Int)
    try #require(written > 0)
    // The rows of the batches, unpacked, lie there as well: 6,000 of 784 bytes, a label and a checksum.
    let need = written + 6_000 * 800 + (1 << 20)
    let count = runsEverything ? 50 : 6
    var ends: [Int32: Int] = [:]
    for number in 0..<count {
      // A size of 0 would be none: the least is a page.
      let size = max(4096, need * number / (count - 1))
      let comment: Comment = "\(size) of \(need) bytes"
      let outcome = try #require(
        try Self.start(tool.glissade, size: size, command)
          .waitsForEnd(seconds: isSanitized ? 60 : 10), comment)
      ends[outcome.code, default: 0] += 1
      if outcome.code == 0 {
        try tool.isSame(outcome, comment)
      } else {
        #expect(outcome.code == 75, "\(comment): exit \(outcome.code), \(outcome.errors)")
        #expect(outcome.errors.contains("no space is left on the disk for 'scratch"))
        #expect(outcome.errors.contains(/up to .* are needed/), "\(comment): \(outcome.errors)")
      }
      #expect(tool.glissade.directory.text("left.txt") == "", comment)
    }
    #expect(ends[0, default: 0] > 0 && ends[75, default: 0] > 0, "\(ends)")
  }
}
