import ArgumentParser
import Glissade
import GlissadeFormat
import GlissadeGraph
import GlissadeRuntime
import GlissadeSystem

/// `predict`: what a model says about data.
struct PredictCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Predict with a model file on new data.",
    discussion: """
      The model file brings its columns, classes and scaling: the data needs columns of the same names, in any order. \
      Rows come out in the order in which they went in.

      Examples:
        glissade predict runs/digits/digits.safetensors new.csv --keep id --out scored.csv
        zcat new.csv.gz | glissade predict digits.safetensors - --gives class
      """)

  /// What can be asked for about a row.
  enum Gives: String, ExpressibleByArgument, CaseIterable {
    case `class`
    case probabilities
    case value
  }

  @OptionGroup var model: ModelOptions

  @Option(
    help: "The file that is written, .csv or .npy; standard output by default.",
    completion: .file())
  var out: String?

  @Option(
    help: ArgumentHelp(
      "A column that is copied beside the predictions; repeatable.", valueName: "column"))
  var keep: [String] = []

  @Option(help: "What is written: by default class and probabilities, or value; repeatable.")
  var gives: [Gives] = []

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  var errorFormat: TextFormat { model.errorFormat }

  func run() throws {
    let progress = output.progress()
    try model.withData { use in
      // A file outside the working directory is fine here: the user has named it.
      let file = out.map { $0.hasPrefix("/") ? $0 : Machine.workingDirectory + "/" + $0 }
      let graph = try ModelGraph(
        use.prediction(
          gives: gives.map(\.rawValue), keeping: keep, file: file ?? "standard-output.csv"))
      if file != nil { try graph.outputs.prepare(World(), withReport: false) }
      let result = try graph.run(threads, progress)
      guard let table = graph.outputs.predictions(graph.outputs.files[0], result) else {
        throw Failure("the predictions were not computed", code: ExitStatus.fault)
      }
      guard let out else {
        return try output.format.write(text: table.csv(), json: Self.json(table))
      }
      _ = try graph.outputs.write(result, World())
      output.format.write(
        text: "\(table.rowCount) predictions in \(escaped(out, limit: 4096))\n",
        json: ["rows": .integer(table.rowCount), "out": .text(out)])
    }
  }

  /// The table as an object: the names of its columns, and a list for each row.
  private static func json(_ table: PredictionTable) throws -> JSONText {
    var rows: [JSONText] = []
    rows.reserveCapacity(table.rowCount)
    try table.forEachRow { cells in
      rows.append(
        .list(
          cells.map { cell in
            switch cell {
            case .text(let text): .text(text)
            // By its digits, so that 0.1 does not become 0.10000000149.
            case .number(let number): Double(number.description).map { .number($0) } ?? nil
            }
          }))
    }
    return ["columns": .list(table.names.map { .text($0) }), "rows": .list(rows)]
  }
}
