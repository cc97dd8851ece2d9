import ArgumentParser
import GlissadeFormat
import GlissadeGraph
import GlissadeSystem

/// `new`: a graph to begin with.
struct NewCommand: ParsableCommand, ErrorReporting {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Write a commented graph to begin with.",
    discussion: """
      Writes NAME.yaml into the working directory: a classifier of the rows of a CSV file, or of an IDX or NPY file \
      whose labels are in a file of their own. A file that is there already is left as it is, and the exit code is 73.

      Examples:
        glissade new flowers
        glissade new flowers --data data/iris.csv --label species
        glissade new images --data images.npy --labels labels.npy
      """)

  @Argument(help: "The name of the graph.")
  var name: String

  @Option(
    help: ArgumentHelp("The CSV, IDX or NPY file to learn from.", valueName: "file"),
    completion: .file(extensions: ["csv", "gz", "npy"]))
  var data = "data.csv"

  @Option(
    help: ArgumentHelp(
      "The column of a CSV file to predict, by its name or its number from 0; 'label' by default.",
      valueName: "column"))
  var label: String?

  @Option(
    help: ArgumentHelp(
      "The file of the labels of an IDX or NPY file; 'labels.npy' or 'labels-idx1-ubyte' by default.",
      valueName: "file"), completion: .file())
  var labels: String?

  @OptionGroup var errors: ErrorOptions

  var errorFormat: TextFormat { errors.errorFormat }

  func validate() throws {
    guard StartingGraph.isGraphName(name) else {
      throw ValidationError(
        "NAME expects 1 to 128 letters, digits, '-', '_' and dots, and no dot in front, found "
          + "'\(escaped(name))'")
    }
    if [data, label, labels].contains("") {
      throw ValidationError("--data, --label and --labels expect a text that is not empty")
    }
    if label != nil && isBinary {
      throw ValidationError("--label is for CSV data: name the file of the labels with --labels")
    }
    if labels != nil && !isBinary {
      throw ValidationError("--labels is for IDX and NPY data: name the column with --label")
    }
  }

  /// Whether the data is in IDX or NPY, by its name as these formats are named everywhere.
  private var isBinary: Bool {
    isNPY || plainData.hasSuffix("-ubyte") || plainData.hasSuffix(".idx")
  }
  private var isNPY: Bool { plainData.hasSuffix(".npy") }
  private var plainData: String { data.hasSuffix(".gz") ? String(data.dropLast(3)) : data }

  /// Where the labels are.
  private var target: StartingGraph.Labels {
    if isBinary { return .file(labels ?? (isNPY ? "labels.npy" : "labels-idx1-ubyte")) }
    let label = label ?? "label"
    return Int(label).flatMap { $0 >= 0 ? .numbered($0) : nil } ?? .column(label)
  }

  func run() throws {
    let (path, files) = (name + ".yaml", World().files)
    let text = StartingGraph.yaml(name: name, data: data, labels: target)
    do throws(SystemError) { try create(path, text, files) } catch {
      throw Failure(
        escaped(error.description, limit: 4096),
        code: error.reason == .full ? ExitStatus.temporary : ExitStatus.cannotCreate)
    }
    var needed = [data]
    if case .file(let path) = target { needed.append(path) }
    let missing = needed.filter { !files.exists($0) }
      .map { "; its data '\(escaped($0))' is not there yet" }.joined()
    Terminal.standardOutput.write("wrote \(path)\(missing)\nnext: glissade check \(path)\n")
  }

  /// Writes a file that must not be there yet; what cannot be written whole is removed.
  private func create(_ path: String, _ text: String, _ files: any FileSystem) throws(SystemError) {
    let file = try files.openForWriting(path, exclusive: true)
    do throws(SystemError) {
      let bytes = Array(text.utf8)
      let result = bytes.withUnsafeBytes { bytes in
        Result { () throws(SystemError) in
          try file.write(bytes)
          try file.sync()
        }
      }
      try result.get()
    } catch {
      try? files.remove(path)
      throw error
    }
  }
}
