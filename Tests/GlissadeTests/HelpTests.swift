import Foundation
import GlissadeSystem
import Testing

/// What helps at the command line: help, completions, the manual page.
@Suite struct HelpTests {
  private let glissade: CommandLineTool

  init() throws { glissade = try CommandLineTool() }

  /// The verbs that `--help` lists.
  private func verbs() throws -> [String] {
    let help = try glissade("--help").output
    let list = try #require(help.components(separatedBy: "SUBCOMMANDS:\n").last)
    let verbs = list.split(separator: "\n").filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
      .compactMap { $0.split(separator: " ").first.map(String.init) }.filter { $0 != "See" }
    #expect(verbs.contains("run") && verbs.count >= 14)
    return verbs
  }

  @Test func everyVerbHasHelpWithExamples() throws {
    for verb in try verbs() {
      let outcome = try glissade("help", verb)
      #expect(outcome.code == 0)
      #expect(outcome.output.hasPrefix("OVERVIEW: "), "\(verb)")
      #expect(outcome.output.contains("glissade " + verb), "\(verb)")
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func shellsCompleteEveryVerb(shell: String) throws {
    let outcome = try glissade("completions", shell)
    #expect(outcome.code == 0 && outcome.errors.isEmpty)
    for verb in try verbs() { #expect(outcome.output.contains(verb), "\(verb)") }
    #expect(outcome.output.contains("error-format"))
    // Where the shell is there, it must take the script.
    guard let program = ChildProcess.find(shell) else { return }
    let check = try ChildProcess(running: program, ["-n"], input: outcome.output)
    #expect(check.status == 0, "\(check.errors)")
  }

  @Test func theManualPageKnowsEveryVerbAndIsSound() throws {
    let page = try glissade("man")
    #expect(page.code == 0)
    #expect(page.output.hasPrefix(".TH GLISSADE 1 "))
    for verb in try verbs() { #expect(page.output.contains(".SS \"glissade \(verb)"), "\(verb)") }
    #expect(page.output.contains(".SS \"glissade bench tasks"))
    for option in ["\\-\\-set", "\\-\\-run\\-dir", "\\-\\-svg", "\\-\\-error\\-format"] {
      #expect(page.output.contains("\\fB\(option)\\fR"), "\(option)")
    }
    // roff takes other characters by their number only, whatever encoding it expects.
    #expect(page.output.unicodeScalars.allSatisfy { $0.isASCII })
    #expect(page.output.contains("\\[u2026]"))
    guard let groff = ChildProcess.find("groff") else { return }
    let check = try ChildProcess(
      running: groff, ["-ww", "-man", "-Tutf8", "-z"], input: page.output)
    #expect(check.status == 0 && check.errors.isEmpty, "\(check.errors)")
  }

  @Test func versionAndUnknownVerbs() throws {
    #expect(try glissade("--version").output == "glissade 0.1.0\n")
    #expect(try glissade("completions", "tcsh").code == 64)
  }
}
