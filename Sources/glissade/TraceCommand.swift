import ArgumentParser
import Glissade
import GlissadeRuntime
import GlissadeSystem

/// `trace`: a run as a picture in time.
struct TraceCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Print what a run did in time, by thread and by node, for Perfetto or Chrome.",
    discussion: """
      Reads the record that a run has left in its directory and prints it as trace events: open the file at \
      https://ui.perfetto.dev or in chrome://tracing. The newest 65,536 runs of tasks of each thread are there, or as \
      many as 'run --record' has noted.

      Examples:
        glissade trace runs/digits --out digits.trace.json
      """)

  @Argument(help: "The directory of a run.", completion: .directory)
  var runDir: String

  @Option(help: "The file that is written; standard output by default.", completion: .file())
  var out: String?

  @OptionGroup var errors: ErrorOptions

  var errorFormat: TextFormat { errors.errorFormat }

  func run() throws {
    let directory = try RunDirectory(runDir)
    let text = ChromeTrace.json(of: directory.record, plan: directory.run.plan)
    guard let out else { return Terminal.standardOutput.write(text) }
    try OutputText.write(text, to: out)
  }
}
