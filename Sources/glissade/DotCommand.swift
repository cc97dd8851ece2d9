import ArgumentParser
import Glissade
import GlissadeGraph
import GlissadeRuntime
import GlissadeSystem

/// `dot`: pictures for Graphviz.
struct DotCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "dot",
    abstract: "Draw a graph, or its tasks, for Graphviz.",
    discussion: """
      Prints DOT: the nodes of the graph with their axes and shapes; with --optimized what will run of it (what nothing \
      needs is left out, chains are joined, trees spread out); with --tasks the tasks of its plan. The same graph gives \
      the same text. With --svg or --png Graphviz draws it, which must be installed.

      Examples:
        glissade dot Graphs/digits.yaml --svg digits.svg
        glissade dot Graphs/digits.yaml --optimized --svg optimized.svg
        glissade dot Graphs/digits.yaml --tasks --steps 2 --out tasks.dot
        glissade dot Graphs/digits.yaml --heat runs/digits --svg heat.svg
      """)

  @OptionGroup var graph: GraphOptions

  @Flag(help: "The tasks of the plan in the place of the nodes.")
  var tasks = false

  @Flag(help: "What will run, after optimization, in the place of what is written.")
  var optimized = false

  @Option(help: "With --tasks, how many steps are drawn; 1 by default.")
  var steps: Int?

  @Option(help: "With --tasks or --optimized, the most boxes before some become one; 2000.")
  var limit: Int?

  @Option(
    help: ArgumentHelp("Colours boxes by what they took in a run.", valueName: "run-dir"),
    completion: .directory)
  var heat: String?

  @Option(help: "With --heat, what counts: time or bytes; time by default.")
  var by: HeatUnit?

  /// What a box is coloured by.
  enum HeatUnit: String, ExpressibleByArgument, CaseIterable {
    case time
    case bytes
  }

  @Option(help: "The file that is written; standard output by default.", completion: .file())
  var out: String?

  @Option(
    help: ArgumentHelp("A picture that Graphviz draws, as SVG.", valueName: "file"),
    completion: .file(extensions: ["svg"]))
  var svg: String?

  @Option(
    help: ArgumentHelp("A picture that Graphviz draws, as PNG.", valueName: "file"),
    completion: .file(extensions: ["png"]))
  var png: String?

  func validate() throws {
    if tasks && optimized { throw ValidationError("--tasks and --optimized are two pictures") }
    if limit != nil && !tasks && !optimized {
      throw ValidationError("--limit has no effect without --tasks or --optimized")
    }
    if by != nil && heat == nil { throw ValidationError("--by has no effect without --heat") }
    if steps != nil && !tasks { throw ValidationError("--steps has no effect without --tasks") }
    for (name, value) in [("--steps", steps), ("--limit", limit)] {
      guard let value else { continue }
      guard (1...1_000_000).contains(value) else {
        throw ValidationError("\(name) expects a number from 1 to 1000000, found \(value)")
      }
    }
  }

  var errorFormat: TextFormat { graph.errorFormat }

  func run() throws {
    let text = try graph.withGraph(picture)
    if let out { try OutputText.write(text, to: out) }
    for (path, format) in [(svg, Graphviz.Format.svg), (png, .png)] {
      guard let path else { continue }
      do { try Graphviz.draw(text, as: format, to: path) } catch let error as GraphvizError {
        throw Failure(error.description, code: ExitStatus.unavailable)
      }
    }
    if out == nil && svg == nil && png == nil { Terminal.standardOutput.write(text) }
  }

  private func picture(of graph: Graph) throws -> String {
    let limit = limit ?? 2_000
    guard let heat else {
      if optimized { return DOT.optimized(try Plan(expanding: graph), limit: limit) }
      guard tasks else { return DOT.graph(graph) }
      return DOT.tasks(try Plan(expanding: graph), steps: steps ?? 1, limit: limit)
    }
    let done = try RunDirectory(heat, of: graph)
    let (plan, record) = (done.run.plan, done.record)
    let colors = by == .bytes ? record.bytesHeat(of: plan) : record.timeHeat()
    if optimized { return DOT.optimized(plan, limit: limit, heat: colors) }
    guard tasks else { return DOT.graph(of: plan, heat: colors) }
    return DOT.tasks(plan, steps: steps ?? 1, limit: limit, heat: colors)
  }
}
