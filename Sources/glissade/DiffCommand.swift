import ArgumentParser
import Glissade
import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import GlissadeSystem

/// `diff`: what two graphs differ in.
struct DiffCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Say what two graphs differ in, by meaning.",
    discussion: """
      Compares nodes by their names and values by what they mean: the order of nodes and keys, defaults that are \
      written out, and other spellings of one thing do not count. What follows from the changes, such as steps, axes and \
      shapes, is listed behind them where the data of both graphs is there. Paths are those that --set takes.
      Exit codes: 0 both mean the same; 1 they differ.

      Examples:
        glissade diff Graphs/digits.yaml mine.yaml
        glissade diff old.yaml new.yaml --format json
      """)

  @Argument(
    help: "The first graph file.", completion: .file(extensions: ["yaml", "yml", "json"]))
  var old: String

  @Argument(
    help: "The second graph file.", completion: .file(extensions: ["yaml", "yml", "json"]))
  var new: String

  @Option(help: "How the result is written.")
  var format = TextFormat.text

  @Option(help: "How errors are written.")
  var errorFormat = TextFormat.text

  func run() throws {
    let operations = Operations()
    let (first, second) = (try side(old, operations), try side(new, operations))
    let difference = GraphDifference(from: first, to: second, operations.registry)
    if difference.inferred == nil, format == .text {
      let missing = first.graph == nil ? old : new
      Terminal.standardError.write(
        "note: data of '\(escaped(missing, limit: 4096))' is missing, so what follows from its "
          + "nodes is not compared\n")
    }
    format.write(text: difference.text, json: difference.json)
    if !difference.isEmpty { throw ExitCode(ExitStatus.checkFailed) }
  }

  /// One of the graphs; that its data is not there is no reason not to compare what is written.
  private func side(_ path: String, _ operations: Operations) throws -> GraphDifference.Side {
    let file = try GraphFile(path)
    do {
      let description = try file.description()
      var graph: Graph?
      do throws(GraphError) { graph = try file.graph(operations) } catch {
        guard error.diagnostics.allSatisfy({ $0.category == .missingInput }) else {
          throw error
        }
      }
      return GraphDifference.Side(description, graph: graph, baseDirectory: file.baseDirectory)
    } catch let error as GraphError {
      throw Failure(graph: error) { file.text(of: $0) }
    }
  }
}
