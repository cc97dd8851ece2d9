import ArgumentParser
import GlissadeFormat
import GlissadeGraph
import GlissadeRuntime
import GlissadeSystem

/// `doctor`: what this machine is, how fast it is, and what is missing on it.
struct DoctorCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what this machine can do, and what is missing on it.",
    discussion: """
      Prints versions, instruction sets, memory and limits, and measures matrix products, memory and the disk, which \
      takes some seconds. What only some verbs or graphs use may be missing; of what is needed the Debian package is named.
      Exit codes: 0 everything that is needed is there; 1 something is not.

      Examples:
        glissade doctor
        glissade doctor --quick --format json
      """)

  @Flag(help: "Measures nothing.")
  var quick = false

  @Option(help: "The directory whose disk is measured.", completion: .directory)
  var directory = "."

  @Option(help: "How the result is written.")
  var format = TextFormat.text

  @OptionGroup var errors: ErrorOptions

  var errorFormat: TextFormat { errors.errorFormat }

  func run() throws {
    let version = "\(GlissadeVersion.number), built with \(GlissadeVersion.compiler)"
    let survey = MachineSurvey(directory: directory, measuring: !quick)
    format.write(text: survey.text(version: version), json: json(survey))
    if !survey.faults.isEmpty { throw ExitCode(ExitStatus.checkFailed) }
  }

  private func json(_ survey: MachineSurvey) -> JSONText {
    guard case .object(let members) = JSONText(survey.fields) else { return nil }
    return .object(
      [
        .init("version", .text(GlissadeVersion.number)),
        .init("compiler", .text(GlissadeVersion.compiler)),
      ] + members)
  }
}
