import ArgumentParser
import GlissadeFormat
import GlissadeGraph
import GlissadeSystem

/// `new`: a graph to begin with.
struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Write a commented graph to begin with.",
    discussion: """
      Writes NAME.yaml into the working directory: a classifier of the rows of a CSV file. A file that is there already \
      is left as it is, and the exit code is 73.

      Examples:
        glissade new flowers
        glissade new flowers --data data/iris.csv --label species
      """)

  @Argument(help: "The name of the graph.")
  var name: String

  @Option(
    help: ArgumentHelp("The CSV file to learn from.", valueName: "file"),
    completion: .file(extensions: ["csv", "gz"]))
  var data = "data.csv"

  @Option(help: ArgumentHelp("The column to predict.", valueName: "column"))
  var label = "label"

  func validate() throws {
    guard StartingGraph.isGraphName(name) else {
      throw ValidationError(
        "NAME expects 1 to 128 letters, digits, '-', '_' and dots, and no dot in front, found "
          + "'\(escaped(name))'")
    }
    if data.isEmpty || label.isEmpty {
      throw ValidationError("--data and --label expect a text that is not empty")
    }
  }

  func run() throws {
    let (path, files) = (name + ".yaml", World().files)
    let text = StartingGraph.yaml(name: name, data: data, label: label)
    do throws(SystemError) { try create(path, text, files) } catch {
      throw Failure(
        escaped(error.description, limit: 4096),
        code: error.reason == .full ? ExitStatus.temporary : ExitStatus.cannotCreate)
    }
    let missing = files.exists(data) ? "" : "; its data '\(escaped(data))' is not there yet"
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
