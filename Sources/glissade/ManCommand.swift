import ArgumentParser
import GlissadeFormat
import GlissadeGraph
import GlissadeSystem

/// `man`: the manual page.
struct ManCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "man",
    abstract: "Print the manual page, for man and groff.",
    discussion: """
      The page is made from what the verbs say of themselves, so it is that of this version.

      Examples:
        glissade man | man -l -
        glissade man > ~/.local/share/man/man1/glissade.1
      """)

  func run() throws {
    let tree = try GraphReader.json(GlissadeCommand._dumpHelp())
    guard let command = tree["command"] else {
      throw Failure("the commands do not describe themselves", code: ExitStatus.fault)
    }
    Terminal.standardOutput.write(ManualPage(of: command, version: GlissadeVersion.number).text)
  }
}
