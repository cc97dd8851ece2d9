import Foundation
import Testing

/// Ctrl-C: once ends well, twice ends at once.
@Suite struct CommandLineInterruptTests {
  @Test func onceSavesWhatThereIs() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits(until: "epochs: 1000000")
    let running = try glissade.start(["run", "digits.yaml", "--format", "json"])
    #expect(running.waits(for: "step 23/"))
    running.interrupt()
    let outcome = running.wait()
    #expect(outcome.code == 130)
    let report = try object(outcome.output)
    #expect(report["status"] as? String == "interrupted")
    let steps = try #require(report["steps"] as? Int)
    #expect(steps >= 23)
    #expect(
      outcome.errors.contains(
        "interrupted: saved after \(steps) steps: weights to runs/digits/digits.safetensors"))
    #expect(
      glissade.directory.text("runs/digits/digits.safetensors")
        .contains("\"glissade.step\":\"\(steps)\""))
    #expect(glissade.directory.exists("runs/digits/report.json"))
  }

  /// One step that takes seconds, so that the second signal comes while the first is still waited for.
  @Test func twiceEndsAtOnce() throws {
    let glissade = try CommandLineTool()
    try glissade.writeDigits(
      until: "steps: 50", model: "{ kind: mlp, hidden: [1500, 1500] }", shards: 1,
      batch: "size: 1437")
    let running = try glissade.start(["run", "digits.yaml", "--verbose", "--threads", "1"])
    #expect(running.waits(for: "10 nodes"))
    usleep(300_000)
    running.interrupt()
    #expect(running.waits(for: "Ctrl-C again ends at once"))
    running.interrupt()
    let outcome = running.wait()
    #expect(outcome.code == 130)
    #expect(outcome.output == "")
    #expect(!glissade.directory.exists("runs/digits/digits.safetensors"))
  }
}
