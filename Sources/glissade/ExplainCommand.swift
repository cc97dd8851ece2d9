import ArgumentParser
import Glissade
import GlissadeFormat
import GlissadeRuntime

/// `explain`: a task's story.
struct ExplainCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Tell a task's story: why it ran here, why then, and what it waited for.",
    discussion: """
      Reads the record that a run has left in its directory. Tasks have the names that 'dot --tasks' shows; a task that \
      was fused with others answers to each of their names.

      Examples:
        glissade explain runs/digits 'grad[train=2]' --step 17
        glissade explain runs/digits step --format json
      """)

  @Argument(help: "The directory of a run.", completion: .directory)
  var runDir: String

  @Argument(help: "The task, such as grad[train=2] or mean#0.")
  var task: String

  @Option(help: "The step, from 1; the first that the record holds by default.")
  var step: Int?

  @Option(help: "How the result is written.")
  var format = TextFormat.text

  @OptionGroup var errors: ErrorOptions

  var errorFormat: TextFormat { errors.errorFormat }

  func run() throws {
    let directory = try RunDirectory(runDir)
    let story = try RunStory(
      of: task, step: step, plan: directory.run.plan, record: directory.record)
    format.write(text: story.text, json: JSONText(story.fields))
  }
}
