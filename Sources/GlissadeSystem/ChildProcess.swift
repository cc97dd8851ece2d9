internal import CSystem
import Glibc

/// Another program, run to its end: no shell reads its arguments, and its streams are files without names, so that neither
/// side waits for a full pipe.
public struct ChildProcess: Sendable {
  /// The exit code; 128 + n where signal n ended it.
  public let status: Int32
  /// The seconds that processors worked for it.
  public let processorSeconds: Double
  /// What it wrote to standard output.
  public let output: [UInt8]
  /// The start of what it wrote to standard error.
  public let errors: String

  /// The most bytes of output that are taken: 1 GiB.
  private static let outputLimit = 1 << 30
  /// The most bytes of standard error that are taken.
  private static let errorLimit = 1 << 16

  /// The first executable file of a name in the directories of `PATH`; nil where there is none.
  ///
  /// Empty and relative directories do not count: nothing is run because it lies where the user stands.
  public static func find(_ name: String) -> String? {
    let directories = (Machine.environment("PATH") ?? "").split(separator: ":")
    return directories.lazy.filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }.first { path in
      var status = stat()
      return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        && access(path, X_OK) == 0
    }
  }

  /// Runs a program and waits for its end.
  ///
  /// - Parameters:
  ///   - path: The executable file.
  ///   - arguments: What follows the program's name.
  ///   - input: What it reads from standard input.
  /// - Throws: `SystemError` where it cannot be started, or its streams have no room.
  public init(running path: String, _ arguments: [String], input: String = "") throws(SystemError) {
    let (standardInput, output) = (try NamelessFile(), try NamelessFile())
    let errors = try NamelessFile()
    let bytes = Array(input.utf8)
    try bytes.withUnsafeBytes { buffer in
      Result { () throws(SystemError) in try standardInput.write(buffer) }
    }.get()
    standardInput.rewind()
    var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    let child = glissade_spawn(
      path, words, standardInput.descriptor, output.descriptor, errors.descriptor)
    guard child > 0 else { throw SystemError(.startProgram, path: path, code: -child) }
    var state: Int32 = 0
    var usage = rusage()
    while wait4(child, &state, 0, &usage) < 0 {
      guard errno == EINTR else { throw SystemError(.startProgram, path: path, code: errno) }
    }
    // As the macros of <sys/wait.h> take it apart, which Swift does not see.
    status = state & 0x7F == 0 ? (state >> 8) & 0xFF : 128 + (state & 0x7F)
    processorSeconds = [usage.ru_utime, usage.ru_stime].reduce(0) {
      $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6
    }
    self.output = try output.contents(limit: Self.outputLimit)
    self.errors = String(decoding: try errors.contents(limit: Self.errorLimit), as: UTF8.self)
  }
}
