import ArgumentParser
import Glissade
import GlissadeGraph
import GlissadeOperations
import GlissadeSystem

/// `ops`: the operations that graphs are made of.
struct OpsCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "ops",
    abstract: "List the operations with their ports and attributes.",
    discussion: """
      For each operation: what it does, its ports, what it does with axes, its attributes with types and defaults, and \
      an example. It is what graphs are checked against.

      Examples:
        glissade ops
        glissade ops update
        glissade ops --format json
      """)

  @Argument(help: "One operation; all of them where it is left out.")
  var name: String?

  @Option(help: "How the result is written.")
  var format = TextFormat.text

  @Flag(help: "All of it as an article for DocC, in Markdown.")
  var docc = false

  @OptionGroup var errors: ErrorOptions

  var errorFormat: TextFormat { errors.errorFormat }

  func validate() throws {
    if docc && name != nil { throw ValidationError("--docc is for all operations together") }
    if docc && format == .json { throw ValidationError("--docc is Markdown, and not JSON") }
  }

  func run() throws {
    do throws(GraphError) {
      let catalog = try OperationCatalog(Operations().registry, only: name)
      if docc { return Terminal.standardOutput.write(catalog.article) }
      format.write(text: catalog.text, json: catalog.json)
    } catch { throw Failure(graph: error, code: ExitStatus.usage) }
  }
}
