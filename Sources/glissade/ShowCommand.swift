import ArgumentParser
import Glissade
import GlissadeFormat
import GlissadeGraph
import GlissadeRuntime
import GlissadeSystem
import GlissadeTensor

/// `show`: one node's value at a step.
struct ShowCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Compute one node's value at a step and print it: the way to look inside a graph.",
    discussion: """
      Runs the graph up to the step and no further, then prints the shape, statistics and first values of what the \
      node, or one of its ports, gives; or writes a tensor of it to a file. Parameters, gradients and states are \
      shown by the tensors of the model, such as dense.0.weight; a file gets all of them in one vector unless \
      --tensor names one.

      Examples:
        glissade show Graphs/digits.yaml mean --step 10
        glissade show Graphs/digits.yaml grad.loss --place train=2 --format json
        glissade show Graphs/digits.yaml weights --step 100 --out weights.npy
        glissade show Graphs/digits.yaml weights --tensor dense.0.bias --out bias.csv
      """)

  @OptionGroup var graph: GraphOptions

  @Argument(help: "The node, or node.port.")
  var node: String

  @Option(help: "The step, from 1; 0 for what is there before the first.")
  var step = 1

  @Option(help: "The place of a node with axes, such as train=2,block=0; the first by default.")
  var place: String?

  @Option(
    help: "The tensor that --out writes, by the name that is shown, such as dense.0.bias or loss.")
  var tensor: String?

  @Option(help: "A file for the tensor, .npy or .csv.", completion: .file())
  var out: String?

  @OptionGroup var threads: ThreadOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if tensor != nil && out == nil { throw ValidationError("--tensor has no effect without --out") }
    if let out, !out.hasSuffix(".npy"), !out.hasSuffix(".csv") {
      throw ValidationError("--out expects a name that ends in .npy or .csv, found '\(out)'")
    }
  }

  var errorFormat: TextFormat { graph.errorFormat }

  func run() throws {
    let progress = output.progress()
    defer { progress.end() }
    let view = try graph.withGraph { graph in
      try NodeView.compute(
        node, place: place, step: step, of: graph, options: threads.runOptions(progress))
    }
    progress.end()
    if Interrupts.received != nil { throw ThreadOptions.interruptedExit }
    guard let out else {
      output.format.write(text: view.text, json: JSONText(view.fields))
      return
    }
    guard let chosen = view.tensor(named: tensor) else {
      let names = view.tensors.map(\.name).joined(separator: ", ")
      throw Failure(
        "'\(escaped(node))' has no tensor '\(escaped(tensor ?? ""))'; it has \(names)",
        code: ExitStatus.usage)
    }
    try TensorFile.write(chosen.tensor, to: out)
    output.format.write(
      text: "'\(chosen.name)' \(chosen.tensor.shape) in \(escaped(out, limit: 4096))\n",
      json: [
        "tensor": .text(chosen.name),
        "shape": .list(chosen.tensor.shape.dimensions.map { .integer($0) }), "out": .text(out),
      ])
  }
}
