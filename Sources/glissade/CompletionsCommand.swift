import ArgumentParser
import GlissadeSystem

/// `completions`: what a shell needs to complete the verbs and their options.
struct CompletionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completions",
    abstract: "Print a script that lets a shell complete verbs, options and files.",
    discussion: """
      The script is for the shell's start-up files, or for the directory where it keeps completions.

      Examples:
        source <(glissade completions bash)
        glissade completions zsh > ~/.zfunc/_glissade
        glissade completions fish > ~/.config/fish/completions/glissade.fish
      """)

  /// The shells that there are scripts for.
  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash
    case zsh
    case fish

    fileprivate var parsers: CompletionShell {
      switch self {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    }
  }

  @Argument(help: "The shell.")
  var shell: Shell

  func run() throws {
    Terminal.standardOutput.write(GlissadeCommand.completionScript(for: shell.parsers) + "\n")
  }
}
