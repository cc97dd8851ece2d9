import GlissadeData
import GlissadeGraph
import GlissadeSystem

extension DataError {
  /// The error at its place in the file, or about the file where it has none.
  var finding: Diagnostic {
    guard let line else {
      return Diagnostic(
        description, at: nil, category: isMissing ? .missingInput : .content, file: path)
    }
    return Diagnostic(
      message, at: SourcePosition(file: path, line: line, column: column ?? 1))
  }
}

extension KernelError {
  /// What is wrong with a file; what the system refused may go better the next time.
  init(_ error: DataError) {
    let isFull = error.system?.reason == .full
    self.init(
      error.description, isTransient: error.system != nil && !error.isMissing && !isFull,
      reason: error.system == nil ? .content : isFull ? .noRoom : .unreadable,
      findings: error.system == nil ? error.all.map(\.finding) : [])
  }
}
