import ArgumentParser
import Glissade
import GlissadeFormat
import GlissadeGraph
import GlissadeRuntime

/// `evaluate`: how good a model is on data with labels.
struct EvaluateCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure a model file on data with labels.",
    discussion: """
      The label is the column that the model was trained on, unless another is named; IDX and NPY data need the \
      file of their labels.

      Examples:
        glissade evaluate runs/digits/digits.safetensors test.csv
        glissade evaluate fashion.safetensors t10k-images-idx3-ubyte.gz --labels t10k-labels-idx1-ubyte.gz \
      --metrics accuracy,top-3
      """)

  @OptionGroup var model: ModelOptions

  @Option(help: ArgumentHelp("The label column of CSV data.", valueName: "column"))
  var label: String?

  @Option(help: "The IDX or NPY file of the labels.", completion: .file())
  var labels: String?

  @Option(
    help: """
      What is measured, divided by commas; by default accuracy,loss for classes and rmse,r2 for numbers.
      """)
  var metrics: String?

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if label != nil && labels != nil {
      throw ValidationError(
        "--label is for CSV data and --labels for IDX and NPY data: give one of them")
    }
  }

  var errorFormat: TextFormat { model.errorFormat }

  func run() throws {
    let progress = output.progress()
    try model.withData { use in
      var use = use
      let habits = try ModelUse.habits(of: model.model)
      use.labels = labels
      use.label = labels == nil ? label ?? habits.label : nil
      let asked = metrics.map { $0.split(separator: ",").map(String.init) } ?? habits.metrics
      let graph = try ModelGraph(use.evaluation(metrics: asked))
      let report = RunReport(try graph.run(threads, progress), graph: graph.graph, sha256: "")
      // The node's name says nothing here.
      let found = report.metrics.map { (String($0.name.drop { $0 != "." }.dropFirst()), $0.value) }
      output.format.write(
        text: ReportText.table(found.map { ($0.0, ReportText.number($0.1)) }),
        json: [
          "model": .text(model.model), "data": .text(model.data),
          "rows": graph.rowCount(of: "rows").map { .integer($0) } ?? nil,
          "metrics": .object(found.map { JSONText.Member($0.0, .number($0.1)) }),
          "kernels": .text(report.kernels),
        ])
    }
  }
}
