internal import CSystem
import Glibc

/// Facts about the machine and this process.
public enum Machine {
  /// The processors that this process may use.
  public static var processorCount: Int {
    let allowed = Int(glissade_processor_count())
    return allowed > 0 ? allowed : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// The memory of the machine, in bytes.
  public static var memoryBytes: Int {
    sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
  }

  /// The greatest resident size that this process had, in bytes.
  public static var peakResidentBytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }

  /// The number of this process, which no other that runs now has.
  public static var processID: Int { Int(getpid()) }

  /// The bytes that the allocator has given to this process and not got back.
  public static var heapBytes: Int { glissade_heap_bytes() }

  /// From now on blocks of `byteCount` bytes and more go back to the system as soon as they are freed, so that the process is
  /// no larger than what it holds; it takes a system call for each.
  public static func returnBlocks(from byteCount: Int) {
    glissade_return_blocks(Int32(clamping: byteCount))
  }

  /// The directory in which the process stands.
  public static var workingDirectory: String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
  }

  /// The value of an environment variable.
  public static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
