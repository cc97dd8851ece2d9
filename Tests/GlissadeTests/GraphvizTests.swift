import Foundation
import Glissade
import GlissadeSystem
import Testing

/// Pictures through Graphviz: by the real program where it is there, and by others that play it.
@Suite struct GraphvizTests {
  private let glissade: CommandLineTool

  init() throws {
    glissade = try CommandLineTool()
    try glissade.writeDigits()
  }

  /// A directory with a program `dot` that is this shell script.
  private func play(_ script: String) throws -> String {
    let directory = glissade.directory("bin")
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try glissade.write("#!/bin/sh\n" + script + "\n", "bin/dot")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: directory + "/dot")
    return directory
  }

  @Test(.enabled(if: ChildProcess.find("dot") != nil)) func realPicturesAreDrawn() throws {
    let outcome = try glissade("dot", "digits.yaml", "--svg", "d.svg", "--png", "d.png")
    #expect(outcome.code == 0 && outcome.output.isEmpty, "\(outcome.errors)")
    #expect(glissade.directory.text("d.svg").contains("<svg"))
    let png = FileManager.default.contents(atPath: glissade.directory("d.png")) ?? Data()
    #expect(png.prefix(4) == Data([0x89, 0x50, 0x4E, 0x47]))
    _ = try glissade("dot", "digits.yaml", "--svg", "again.svg")
    #expect(glissade.directory.text("again.svg") == glissade.directory.text("d.svg"))
  }

  @Test func theProgramGetsTheGraphAndItsFormat() throws {
    let path = try play("echo \"$@\"; while read -r line; do echo \"$line\"; done")
    let outcome = try glissade(
      "dot", "digits.yaml", "--svg", "d.svg", "--out", "d.dot", environment: ["PATH": path])
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(glissade.directory.text("d.svg").hasPrefix("-Tsvg\ndigraph"))
    #expect(glissade.directory.text("d.dot").hasPrefix("digraph"))
  }

  @Test func aMissingProgramIsNamedWithItsPackage() throws {
    let outcome = try glissade(
      "dot", "digits.yaml", "--png", "d.png", environment: ["PATH": "/proc/nowhere"])
    #expect(outcome.code == 69 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("apt-get install graphviz"))
    #expect(!glissade.directory.exists("d.png"))
  }

  @Test func itsComplaintIsPassedOn() throws {
    let path = try play("echo 'Error: \u{1B}[31mno layout' >&2; exit 3")
    let outcome = try glissade("dot", "digits.yaml", "--svg", "d.svg", environment: ["PATH": path])
    #expect(outcome.code == 69)
    #expect(
      outcome.errors
        == "error: Graphviz gave no svg (exit code 3): Error: \\u{1b}[31mno layout\n")
    #expect(!glissade.directory.exists("d.svg") && !glissade.directory.exists("d.svg.part"))
  }

  @Test func aPictureThatCannotBeWrittenEndsAsOutputsDo() throws {
    let path = try play("echo picture")
    let outcome = try glissade(
      "dot", "digits.yaml", "--svg", "/proc/nowhere.svg", environment: ["PATH": path])
    #expect(outcome.code == 73)
  }
}
