import ArgumentParser
import GlissadeFormat
import GlissadeOperations
import GlissadeSystem

/// `schema`: what editors need to complete and check graph files.
struct SchemaCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of graph files, for editors.",
    discussion: """
      The schema (draft 2020-12) knows every key, word, bound and default. What only a whole graph shows, such as names \
      of nodes and axes, is for 'check' to find. An editor with the YAML language server takes it from a first line \
      such as

        # yaml-language-server: $schema=glissade.schema.json

      Examples:
        glissade schema > glissade.schema.json
      """)

  @OptionGroup var errors: ErrorOptions

  var errorFormat: TextFormat { errors.errorFormat }

  func run() throws {
    Terminal.standardOutput.write(GraphSchema.json(of: Operations().registry).written() + "\n")
  }
}
