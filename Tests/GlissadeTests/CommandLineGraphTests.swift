import Foundation
import Testing

/// The graphs that come for users, each run as its comment says.
@Suite struct CommandLineGraphTests {
  private func run(_ name: String, _ arguments: String...) throws -> (
    accuracy: Double, report: [String: Any]
  ) {
    let glissade = try CommandLineTool()
    let path = projectDirectory + "/Graphs/" + name
    let outcome = try glissade.start(
      ["run", path, "--quiet", "--format", "json"] + arguments
    ).wait()
    #expect(outcome.code == 0, "\(outcome.errors)")
    let report = try object(outcome.output)
    let metrics = try #require(report["metrics"] as? [String: Double])
    return (try #require(metrics["score.accuracy"]), report)
  }

  @Test func digitsComeOutAsTheirCommentSays() throws {
    #expect(abs(try run("digits.yaml").accuracy - 0.911) < 0.01)
  }

  /// One epoch; all of them where everything is run.
  @Test(.enabled(if: hasFashion)) func fashionSoftmax() throws {
    if runsEverything {
      #expect(abs(try run("fashion-softmax.yaml").accuracy - 0.844) < 0.01)
    } else {
      #expect(try run("fashion-softmax.yaml", "--set", "run.until.epochs=1").accuracy > 0.75)
    }
  }

  @Test(.enabled(if: hasFashion)) func fashionPerceptron() throws {
    if runsEverything {
      #expect(try run("fashion-mnist.yaml").accuracy >= 0.87)
      return
    }
    var hashes: Set<String> = []
    for threads in ["1", "2"] {
      let (accuracy, report) = try run(
        "fashion-mnist.yaml", "--set", "run.until.epochs=1", "--threads", threads, "--window",
        threads)
      #expect(accuracy > 0.8)
      hashes.insert(try #require(report["weights_sha256"] as? String))
    }
    #expect(hashes.count == 1)
  }
}
