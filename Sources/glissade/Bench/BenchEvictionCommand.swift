import ArgumentParser
import Glissade
import GlissadeFormat
import GlissadeGraph
import GlissadeRuntime
import GlissadeTensor

/// `bench eviction`: what is moved between memory and disk, by rule.
struct BenchEvictionCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "eviction",
    abstract: "Bytes that a budget moves to the disk and back, beside other rules.",
    discussion: """
      Plays the first steps of graphs with parts of the memory that they would take, on one worker and a disk \
      that answers at once, and counts the bytes written and read: by the rule of 'run' (what is needed furthest ahead goes), by \
      least-recently-used, and by a bound that no rule can pass, which knows the future.

      Examples:
        glissade bench eviction Graphs/fashion-softmax.yaml
        glissade bench eviction Graphs/out-of-core.yaml --steps 10 --format json
      """)

  @Argument(help: "The graph files.", completion: .file(extensions: ["yaml", "yml", "json"]))
  var graphs: [String]

  @Option(help: "How many steps are played.")
  var steps = 30

  @Option(help: ArgumentHelp("Parts of the memory that a graph would take.", valueName: "x,x…"))
  var parts = "0.9,0.75,0.6,0.5,0.4,0.3,0.25,0.2,0.17"

  @Option(help: "How the result is written.")
  var format = TextFormat.text

  @OptionGroup var errors: ErrorOptions

  var errorFormat: TextFormat { errors.errorFormat }

  func validate() throws {
    guard (1...1_000_000).contains(steps) else {
      throw ValidationError("--steps must be from 1 to 1000000, not \(steps)")
    }
    guard fractions.allSatisfy({ $0.map { $0 > 0 && $0 <= 1 } ?? false }) else {
      throw ValidationError("--parts takes numbers above 0 and at most 1, not '\(parts)'")
    }
  }

  private var fractions: [Double?] {
    parts.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
  }

  func run() throws {
    var rows: [(graph: String, row: EvictionBench.Row)] = []
    var skipped: [String] = []
    for path in graphs {
      var options = GraphOptions()
      options.graph = path
      options.overrides = []
      options.errorFormat = errorFormat
      try options.withGraph { graph in
        let bound = MemoryPlan(try GraphRun.plan(of: graph), threads: 1, windowDepth: 1).bound
        guard let bound else { return }
        for part in fractions.compactMap({ $0 }) {
          let budget = ByteCount(Int(Double(bound.bytes) * part))
          // As 'run' does it: where they do not fit, the rows of batches stay on the disk.
          var asRun = RunOptions(threads: 1, windowDepth: 1)
          asRun.memory = budget
          let plan = try GraphRun.plan(of: asRun.fitted(graph))
          let name = graph.description.name
          if let row = EvictionBench(plan, steps: steps).row(budget: budget) {
            rows.append((name, row))
          } else {
            skipped.append("\(name), \(budget): whole steps fit, or it is too little to run")
          }
        }
      }
    }
    format.write(text: text(rows, skipped), json: .list(rows.map { json($0.graph, $0.row) }))
  }

  private func text(_ rows: [(graph: String, row: EvictionBench.Row)], _ skipped: [String])
    -> String
  {
    let head = ["graph", "memory", "furthest", "LRU", "bound", "to LRU", "to bound"]
    let cells =
      [head]
      + rows.map { name, row in
        let all = row.furthest.written + row.furthest.read
        let other = row.leastRecent.written + row.leastRecent.read
        let least = row.bound.written + row.bound.read
        return [
          name, "\(row.budget)", "\(ByteCount(all))", "\(ByteCount(other))", "\(ByteCount(least))",
          ratio(all, other), ratio(all, least),
        ]
      }
    let widths = head.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    let lines = cells.map { row in
      row.enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + blanks : blanks + cell
      }.joined(separator: "  ")
    }
    return (lines + skipped).joined(separator: "\n") + "\n"
  }

  private func ratio(_ left: Int, _ right: Int) -> String {
    right == 0 ? (left == 0 ? "1.00" : "–") : fixed(Double(left) / Double(right), places: 2)
  }

  private func json(_ name: String, _ row: EvictionBench.Row) -> JSONText {
    func pair(_ moves: (written: Int, read: Int)) -> JSONText {
      ["written_bytes": .integer(moves.written), "read_bytes": .integer(moves.read)]
    }
    return [
      "name": .text("eviction"), "case": .text(name), "budget_bytes": .integer(row.budget.bytes),
      "furthest": pair(row.furthest), "least_recent": pair(row.leastRecent),
      "bound": pair(row.bound),
    ]
  }
}
