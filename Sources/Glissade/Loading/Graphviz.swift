import GlissadeGraph
import GlissadeRuntime
public import GlissadeSystem

/// Why Graphviz gave no picture.
public struct GraphvizError: Error, Sendable, CustomStringConvertible {
  /// As users read it.
  public let description: String
}

/// Pictures of DOT by Graphviz's program `dot`.
public enum Graphviz {
  /// What it writes.
  public enum Format: String, Sendable {
    case svg
    case png
  }

  /// Draws DOT into a file, which is there whole or not at all.
  ///
  /// - Throws: `GraphvizError` where the program is missing or refuses, `OutputError` where the file cannot be written,
  ///   `SystemError` where no program can be started.
  public static func draw(
    _ dot: String, as format: Format, to path: String, world: World = World()
  ) throws {
    guard let program = ChildProcess.find("dot") else {
      throw GraphvizError(
        description: "Graphviz draws \(format.rawValue), and its program 'dot' is not in PATH: "
          + "install it with apt-get install graphviz")
    }
    let child = try ChildProcess(running: program, ["-T" + format.rawValue], input: dot)
    guard child.status == 0, !child.output.isEmpty else {
      throw GraphvizError(
        description: "Graphviz gave no \(format.rawValue) (exit code \(child.status)): "
          + said(child.errors))
    }
    let result = child.output.withUnsafeBytes { bytes in
      Result { () throws(SystemError) in try world.files.writeAtomically(path, bytes) }
    }
    do throws(SystemError) { try result.get() } catch { throw OutputError(error) }
  }

  /// The first lines of what it said, on one line.
  private static func said(_ errors: String) -> String {
    let lines = errors.split(separator: "\n").prefix(3).map { escaped(String($0), limit: 300) }
    return lines.isEmpty ? "it did not say why" : lines.joined(separator: "; ")
  }
}
