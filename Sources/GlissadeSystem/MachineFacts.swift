import Glibc

extension Machine {
  /// The memory that programs could still get without swapping, in bytes; nil where the kernel does not say.
  public static var availableMemoryBytes: Int? {
    guard let line = lines(of: "/proc/meminfo").first(where: { $0.hasPrefix("MemAvailable:") })
    else { return nil }
    return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
  }

  /// The least limit that control groups set to the memory of this process, in bytes; nil where none does.
  public static var memoryLimitBytes: Int? {
    for line in lines(of: "/proc/self/cgroup") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      if parts[1].isEmpty {
        return leastLimit(root: "/sys/fs/cgroup", group: parts[2], file: "memory.max")
      }
      if parts[1].split(separator: ",").contains("memory") {
        return leastLimit(
          root: "/sys/fs/cgroup/memory", group: parts[2], file: "memory.limit_in_bytes")
      }
    }
    return nil
  }

  /// A group is bound by all those above it; what stands above a container's own root cannot be seen.
  private static func leastLimit(root: String, group: Substring, file: String) -> Int? {
    var path = root
    var least: Int?
    for part in ["" as Substring] + group.split(separator: "/") {
      if !part.isEmpty { path += "/" + part }
      guard let text = lines(of: path + "/" + file).first, let limit = Int(text),
        limit < memoryBytes
      else { continue }
      least = min(least ?? limit, limit)
    }
    return least
  }

  /// The files that this process may have open at once.
  public static var openFileLimit: Int {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return Int(clamping: limit.rlim_cur)
  }

  /// The name of the processor, as it gives it; nil where the kernel does not say.
  public static var processorName: String? {
    let line = lines(of: "/proc/cpuinfo").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":", maxSplits: 1).last.map {
      String($0.drop { $0 == " " })
    }
  }

  /// The kernel and the architecture: `Linux 6.1.0 x86_64`.
  public static var system: String {
    var name = utsname()
    uname(&name)
    func text<Bytes>(_ bytes: Bytes) -> String {
      withUnsafeBytes(of: bytes) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return [text(name.sysname), text(name.release), text(name.machine)].joined(separator: " ")
  }

  /// The lines of one of the kernel's files; none where it cannot be read.
  ///
  /// Their sizes are given as 0, so the size decides nothing; 64 KiB are enough of all that is read here.
  private static func lines(of path: String) -> [Substring] {
    guard let file = try? LocalFileSystem().openForReading(path) else { return [] }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = bytes.withUnsafeMutableBytes { (try? file.read(into: $0, at: 0)) ?? 0 }
    return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
  }
}
