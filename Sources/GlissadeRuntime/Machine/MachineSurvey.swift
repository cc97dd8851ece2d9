import GlissadeKernels
package import GlissadeSystem

/// What this machine is, what it can do, and what is missing on it: the facts behind `doctor`.
package struct MachineSurvey: Sendable {
  /// Something outside Glissade that some verb or graph uses.
  package struct Requirement: Sendable, Hashable {
    /// What it is: `OpenBLAS`.
    package let name: String
    /// What it is for, as the end of a sentence that begins with its name.
    package let purpose: String
    /// The Debian package that brings it.
    package let package: String
    /// Whether nothing runs without it.
    package let isNeeded: Bool
    /// Where it is, or which version; nil where it is missing.
    package let found: String?
    /// Why it cannot be used, where more is known than that it is missing.
    package let failure: String?
  }

  /// The kernel and the architecture.
  package let system: String
  /// The name of the processor; nil where the kernel does not say.
  package let processor: String?
  /// The processors that this process may use.
  package let processorCount: Int
  /// The sets of machine code that this processor has, the best last.
  package let levels: [String]
  /// The set in use.
  package let level: String
  /// What decides the bits of products; nil without OpenBLAS.
  package let fingerprint: String?
  /// How OpenBLAS was built; nil without it.
  package let configuration: String?
  /// The memory of the machine, in bytes.
  package let memoryBytes: Int
  /// What programs could still get of it.
  package let availableMemoryBytes: Int?
  /// What control groups allow this process.
  package let memoryLimitBytes: Int?
  /// The files that this process may have open at once.
  package let openFileLimit: Int
  /// The directory whose disk was measured.
  package let directory: String
  /// Why that directory cannot be written, where it cannot.
  package let directoryFailure: String?
  /// How fast its disk is; nil where it was not measured.
  package let disk: DiskSpeed?
  /// With one thread, and with as many as there are processors; empty where nothing was measured.
  package let rates: [MachineRates]
  /// What is used from outside.
  package let requirements: [Requirement]

  /// The files below which a run with many outputs and shards may fail.
  package static let leastOpenFiles = 256
  private static let fashionDirectory = "/usr/share/datasets/fashion-mnist"

  /// Looks around.
  ///
  /// - Parameters:
  ///   - directory: The directory whose disk is measured.
  ///   - measuring: Whether speeds are measured; that takes up to five seconds.
  package init(
    directory: String, measuring: Bool, files: any FileSystem = LocalFileSystem()
  ) {
    system = Machine.system
    processor = Machine.processorName
    processorCount = Machine.processorCount
    levels = KernelLevel.allCases.filter { $0.rawValue <= KernelLevel.highest.rawValue }
      .map(\.word)
    level = KernelLevel.current.word
    let failure = KernelFingerprint.failure
    fingerprint = failure == nil ? KernelFingerprint.current : nil
    configuration = failure == nil ? KernelFingerprint.configuration : nil
    memoryBytes = Machine.memoryBytes
    availableMemoryBytes = Machine.availableMemoryBytes
    memoryLimitBytes = Machine.memoryLimitBytes
    openFileLimit = Machine.openFileLimit
    self.directory = directory
    do throws(SystemError) {
      let bytes = measuring ? 256 << 20 : 1
      let speed = try DiskSpeed.measure(in: directory, bytes: bytes, seconds: 1)
      disk = measuring ? speed : nil
      directoryFailure = nil
    } catch {
      disk = nil
      directoryFailure = error.description
    }
    var rates: [MachineRates] = []
    if measuring {
      for threads in processorCount > 1 ? [1, processorCount] : [1] {
        // Without threads nothing runs at all, which every other verb will say.
        if let measured = try? MachineRates.measure(threads: threads, seconds: 0.2) {
          rates.append(measured)
        }
      }
    }
    self.rates = rates
    requirements = [
      Requirement(
        name: "OpenBLAS", purpose: "multiplies matrices", package: "libopenblas0", isNeeded: true,
        found: fingerprint, failure: failure),
      Requirement(
        name: "Graphviz", purpose: "draws the pictures of 'dot --svg' and '--png'",
        package: "graphviz", isNeeded: false, found: ChildProcess.find("dot"), failure: nil),
      Requirement(
        name: "Fashion-MNIST", purpose: "is the data of the fashion graphs",
        package: "dataset-fashion-mnist", isNeeded: false,
        found: files.exists(Self.fashionDirectory) ? Self.fashionDirectory : nil, failure: nil),
    ]
  }

  /// What keeps runs from working here, as sentences; empty where all is fine.
  package var faults: [String] {
    var faults = requirements.filter { $0.isNeeded && $0.found == nil }.map { requirement in
      (requirement.failure ?? "\(requirement.name) is missing") + "; it \(requirement.purpose): "
        + "apt-get install \(requirement.package)"
    }
    if let directoryFailure {
      faults.append("\(directoryFailure); runs write below the directory in which they start")
    }
    if openFileLimit < Self.leastOpenFiles {
      faults.append(
        "only \(openFileLimit) files may be open at once, and \(Self.leastOpenFiles) may be needed: "
          + "raise it with ulimit -n")
    }
    return faults
  }
}
