import ArgumentParser
import Glissade
import GlissadeFormat
import GlissadeGraph
import GlissadeRuntime

/// `check`: everything that is wrong in a graph, without running it.
struct CheckCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Find what is wrong in a graph, with line and column.",
    discussion: """
      Parses the graph, resolves its references, looks at its data (of CSV files at each cell), and infers axes and \
      shapes. What is wrong in a data file stands at its place there. What is right, but cannot be run by this version, \
      is noted.

      Examples:
        glissade check Graphs/digits.yaml
        glissade check Graphs/digits.yaml --set nodes.batch.size=128 --error-format json
      """)

  @OptionGroup var graph: GraphOptions

  @Option(help: "How the result is written.")
  var format = TextFormat.text

  var errorFormat: TextFormat { graph.errorFormat }

  func run() throws {
    guard format == .text else {
      let run = try graph.withGraph(checkingCells: true) { try GraphRun($0, directory: "") }
      return format.write(text: "", json: json(run))
    }
    // Without what only files of a run name: the hash of a large graph takes long.
    let (found, plan) = try graph.withGraph(checkingCells: true) { ($0, try GraphRun.plan(of: $0)) }
    format.write(text: text(found, plan.steps), json: .null)
  }

  private func text(_ graph: Graph, _ steps: Int) -> String {
    var text =
      "\(self.graph.graph): '\(graph.description.name)' is right: \(graph.nodes.count) nodes"
    if steps > 0 { text += ", \(steps) steps" }
    if steps > 0, let epoch = graph.run.epochSteps, epoch > 0 {
      text += " (\(ReportText.number(Double(steps) / Double(epoch))) epochs)"
    }
    text = escaped(text, limit: 4096) + "\n"
    for note in graph.notBuilt {
      let place = note.position.map { "\($0.file):\($0.line):\($0.column): " } ?? ""
      text += escaped(place + "note: only running it fails: " + note.message, limit: 4096) + "\n"
    }
    return text
  }

  private func json(_ run: GraphRun) -> JSONText {
    [
      "graph": .text(run.graph.description.name), "graph_sha256": .text(run.sha256),
      "nodes": .integer(run.graph.nodes.count), "steps": .integer(run.plan.steps),
      "epoch_steps": run.graph.run.epochSteps.map { .integer($0) } ?? nil,
      "tasks_once": .integer(run.plan.prologue.table.taskCount),
      "tasks_per_step": .integer(run.plan.step.table.taskCount),
      "outputs": .list(run.outputs.files.map { .text($0.path) }),
      "not_built": DiagnosticPrinter.jsonText(GraphError(run.graph.notBuilt)),
    ]
  }
}
