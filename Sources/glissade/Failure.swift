import Glissade
import GlissadeFormat
import GlissadeGraph
import GlissadeRuntime
import GlissadeStore
import GlissadeSystem

/// The exit codes of the command line, most of them those of sysexits.h.
enum ExitStatus {
  /// A stated check failed: two graphs differ, or something is missing.
  static let checkFailed: Int32 = 1
  /// The command is not said as it must be.
  static let usage: Int32 = 64
  /// A graph, or data, or a model says what cannot be; or a task could not be computed from it.
  static let content: Int32 = 65
  /// An input is not there.
  static let missingInput: Int32 = 66
  /// Another program that the verb needs is not installed, or does not do its work.
  static let unavailable: Int32 = 69
  /// A fault of this program.
  static let fault: Int32 = 70
  /// An output cannot be created.
  static let cannotCreate: Int32 = 73
  /// Reading or writing failed on the way.
  static let readOrWrite: Int32 = 74
  /// The disk is full, or memory or threads are short: the same command may succeed later.
  static let temporary: Int32 = 75
  /// This user may not read it.
  static let permission: Int32 = 77
}

/// A verb that is asked how errors are to be written.
protocol ErrorReporting {
  /// How errors are written.
  var errorFormat: TextFormat { get }
}

/// What ends a verb before its time: what standard error shows, and the exit code.
struct Failure: Error {
  private var error: GraphError
  private let source: @Sendable (String) -> String?
  /// The exit code.
  let code: Int32

  /// One sentence without a place.
  ///
  /// - Parameter file: The file that it is about, if any.
  init(_ sentence: String, code: Int32, file: String? = nil) {
    error = GraphError(Diagnostic(sentence, at: nil, file: file))
    source = { _ in nil }
    self.code = code
  }

  /// What is wrong in a graph; `source` gives the texts that places point into.
  init(
    graph error: GraphError, code: Int32? = nil,
    source: @escaping @Sendable (String) -> String? = { _ in nil }
  ) {
    self.error = error
    self.source = source
    let isMissing = error.diagnostics.allSatisfy { $0.category == .missingInput }
    self.code = code ?? (isMissing ? ExitStatus.missingInput : ExitStatus.content)
  }

  /// What standard error shows, whole lines.
  func message(as format: TextFormat) -> String {
    format == .json
      ? DiagnosticPrinter.json(error) + "\n" : DiagnosticPrinter.text(error, source: source)
  }

  /// What any room of the house threw.
  init(describing error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as GraphError: self.init(graph: error)
    case let error as Diagnostic: self.init(graph: GraphError(error))
    case let error as RunError:
      let code =
        switch error.reason {
        case .content: ExitStatus.content
        case .request: ExitStatus.usage
        case .unreadable: ExitStatus.readOrWrite
        case .noRoom: ExitStatus.temporary
        }
      if !error.findings.isEmpty {
        self.init(graph: GraphError(error.findings), code: code)
        return
      }
      self.init(escaped(error.description, limit: 4096), code: code)
    case let error as RunDirectoryError:
      self.init(
        error.description, code: error.isMissing ? ExitStatus.missingInput : ExitStatus.content)
    case let error as OutputError:
      let creation = error.isBeforeWriting ? ExitStatus.cannotCreate : ExitStatus.readOrWrite
      self.init(error.description, code: error.isFull ? ExitStatus.temporary : creation)
    case let error as StoreError: self.init(store: error)
    case let error as SystemError: self.init(input: error)
    default:
      self.init(
        "\(error) (this is a fault of Glissade's own; please report it)", code: ExitStatus.fault)
    }
  }

  /// What kept the store from spilling.
  private init(store error: StoreError) {
    let code =
      switch error {
      case .diskFull, .busy, .closed: ExitStatus.temporary
      case .directory: ExitStatus.cannotCreate
      case .damaged, .short, .missing, .foreign, .stale, .system: ExitStatus.readOrWrite
      }
    self.init(escaped(error.description, limit: 4096), code: code)
  }

  /// What the system refused while an input was read.
  private init(input error: SystemError) {
    let code =
      switch error.reason {
      case .missing, .notDirectory: ExitStatus.missingInput
      case .notPermitted: ExitStatus.permission
      case .isDirectory: ExitStatus.content
      case .full: ExitStatus.temporary
      default:
        [.startThread, .allocate].contains(error.action)
          ? ExitStatus.temporary : ExitStatus.readOrWrite
      }
    self.init(escaped(error.description, limit: 4096), code: code, file: error.path)
  }

  /// The same, with a word in the place of a path that the user has not given.
  func naming(_ path: String, _ word: String) -> Failure {
    var failure = self
    failure.error = GraphError(
      error.diagnostics.map { diagnostic in
        let position = diagnostic.position.map { place in
          SourcePosition(
            file: place.file == path ? word : place.file, line: place.line, column: place.column,
            length: place.length)
        }
        return Diagnostic(
          diagnostic.message.replacing(path, with: word), at: position,
          hint: diagnostic.hint, category: diagnostic.category,
          file: diagnostic.file == path ? word : diagnostic.file)
      })
    return failure
  }
}
