import ArgumentParser
import GlissadeSystem

/// The command line: one verb a file.
@main
struct GlissadeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "glissade",
    abstract: "Gradient descent as a task graph, on CPUs.",
    discussion: """
      A graph file says how a model is trained, as nodes that shard data, take gradients, reduce and update. Glissade \
      checks it, draws it, says what it will cost, and runs it; the same graph and seed give the same bits.

      Results go to standard output, progress and errors to standard error.
      Exit codes: 0 done; 1 a stated check failed; 64 wrong usage, or a step, place or task that there is not; 65 wrong content of a graph, data or a model, or a task that could not be \
      computed from them; 66 an input is missing; 69 a program that is needed, such as Graphviz, is missing \
      or fails; 70 a fault of Glissade's own; 73 an output cannot be created; \
      74 reading or writing failed; 75 the disk is full; 77 no permission; 130 after Ctrl-C.
      """,
    version: "glissade " + GlissadeVersion.number,
    subcommands: [
      RunCommand.self, CheckCommand.self, PlanCommand.self, DiffCommand.self, DotCommand.self,
      ShowCommand.self, ExplainCommand.self, TraceCommand.self, PredictCommand.self,
      EvaluateCommand.self, BenchCommand.self,
      OpsCommand.self, SchemaCommand.self, NewCommand.self, DoctorCommand.self,
      CompletionsCommand.self, ManCommand.self,
    ])

  /// Whether the arguments ask for errors as JSON, though they cannot be understood as a whole.
  private static var wantsErrorsAsJSON: Bool {
    let arguments = CommandLine.arguments
    return arguments.contains("--error-format=json")
      || zip(arguments, arguments.dropFirst()).contains { $0 == "--error-format" && $1 == "json" }
  }

  /// Parses the arguments, runs the verb, and turns whatever it throws into a message and an exit code.
  static func main() {
    var command: any ParsableCommand
    do { command = try parseAsRoot() } catch {
      if exitCode(for: error) == .validationFailure, wantsErrorsAsJSON {
        let failure = Failure(message(for: error), code: ExitStatus.usage)
        Terminal.standardError.write(failure.message(as: .json))
        exitProcess(failure.code)
      }
      exit(withError: error)
    }
    do { try command.run() } catch let code as ExitCode { exitProcess(code.rawValue) } catch {
      // `glissade help VERB` ends with an error of the parser's own that means well. It is not asked about ours, which it
      // would print whole.
      if !(error is Failure), exitCode(for: error) != .failure { exit(withError: error) }
      let failure = Failure(describing: error)
      let format = (command as? any ErrorReporting)?.errorFormat ?? .text
      Terminal.standardError.write(failure.message(as: format))
      exitProcess(failure.code)
    }
  }
}
