/// Clock, files, sockets, threads, randomness and the process itself are reached through GlissadeSystem alone, so that
/// tests can put another world in their place and no result can depend on this one.
enum DoorRule {
  /// Functions of Glibc that reach outside the process: looked for in files that import it, since elsewhere the words
  /// are free.
  static let functions: Set = [
    "open", "fopen", "read", "pread", "write", "pwrite", "unlink", "mkdir", "opendir", "stat",
    "mmap", "socket", "connect", "getenv", "setenv", "exit", "_exit", "abort", "system", "time",
    "clock",
    "clock_gettime", "gettimeofday", "nanosleep", "usleep", "sleep", "pthread_create",
    "pthread_mutex_lock", "posix_spawn", "fork", "popen", "rand", "random", "drand48", "arc4random",
  ]

  /// Types and members of the standard library whose answers differ from run to run.
  static let words: Set = [
    "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", "hashValue",
    "randomElement", "FileManager", "ProcessInfo", "CommandLine",
  ]

  /// Members that draw from the system's generator where no other is named.
  static let draws = [".random(in:", ".shuffled()", ".shuffle()", ".randomElement()"]

  static func offences(in text: SourceText) -> [Offence] {
    guard !text.path.hasPrefix("Sources/GlissadeSystem/") else { return [] }
    let importsGlibc = text.code.contains { ImportRule.importedModule($0) == "Glibc" }
    // A `Hasher` of one's own is seeded anew in each process; `hash(into:)` is given one and may use it.
    let names = (importsGlibc ? functions : []).union(["Hasher"])
    var offences = WordRules.calls(names, in: text) { "\($0)( reaches around GlissadeSystem" }
    for (index, line) in text.code.enumerated() {
      for word in WordRules.words(in: line).map(\.text) where words.contains(word) {
        if word == "CommandLine", text.path.hasPrefix("Sources/glissade") { continue }
        offences.append(
          Offence(text.path, line: index + 1, "\(word) reaches around GlissadeSystem"))
      }
      for draw in draws where line.contains(draw) && !line.contains("using:") {
        offences.append(
          Offence(text.path, line: index + 1, "\(draw) draws without a seed; use RandomKey"))
      }
    }
    return offences
  }
}
