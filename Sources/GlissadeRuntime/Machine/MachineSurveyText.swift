package import GlissadeGraph
import GlissadeSystem
import GlissadeTensor

extension MachineSurvey {
  /// The survey as lines of a name and a value, then what is missing.
  package func text(version: String) -> String {
    var rows: [(String, String)] = [
      ("glissade", version), ("system", system),
      ("processor", (processor ?? "unknown") + ", \(counted(processorCount, "processor"))"),
      ("instructions", level + " (of " + levels.joined(separator: ", ") + ")"),
      ("OpenBLAS", configuration.map(Self.withoutName) ?? "missing"),
      ("kernels", fingerprint ?? "none"),
      ("memory", memory),
    ]
    for (name, value) in speeds { rows.append((name, value)) }
    rows.append(("open files", "at most \(openFileLimit)"))
    for requirement in requirements.dropFirst() {
      rows.append(
        (
          requirement.name,
          requirement.found
            ?? "missing; it \(requirement.purpose): apt-get install \(requirement.package)"
        ))
    }
    let end =
      faults.isEmpty
      ? "everything that is needed is there\n"
      : faults.map { "fault: " + $0 + "\n" }.joined()
    return escapedLines(ReportText.table(rows)) + "\n" + escapedLines(end)
  }

  /// OpenBLAS's account of itself begins with its name.
  private static func withoutName(_ configuration: String) -> String {
    String(configuration.drop { $0 != " " }.drop { $0 == " " })
  }

  private var memory: String {
    var text = "\(ByteCount(memoryBytes))"
    if let availableMemoryBytes { text += ", \(ByteCount(availableMemoryBytes)) available" }
    return text + (memoryLimitBytes.map { ", limited to \(ByteCount($0)) here" } ?? "")
  }

  /// Rates by their threads, and the disk.
  private var speeds: [(String, String)] {
    func together(_ rate: (MachineRates) -> Double?, _ unit: String) -> String? {
      let parts = rates.compactMap { rates in
        rate(rates).map {
          "\(fixed($0 / 1e9, places: 1)) \(unit) with \(counted(rates.threads, "thread"))"
        }
      }
      return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
    var rows: [(String, String)] = []
    if let text = together(\.multiplyPerSecond, "GFLOP/s") { rows.append(("matrix product", text)) }
    if let text = together({ $0.readBytesPerSecond }, "GB/s") { rows.append(("memory read", text)) }
    if let disk {
      let way = disk.isDirect ? "past the page cache" : "through the page cache"
      rows.append(
        (
          "disk",
          "\(fixed(disk.writeBytesPerSecond / 1e9, places: 2)) GB/s written, "
            + "\(fixed(disk.readBytesPerSecond / 1e9, places: 2)) GB/s read in '\(directory)' "
            + "(\(ByteCount(disk.bytes)) \(way))"
        ))
    }
    return rows
  }

  /// What the system says of itself may hold anything; lines stay lines.
  private func escapedLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { escaped(String($0), limit: 1024) }.joined(separator: "\n")
  }

  /// The survey as one map, for output as JSON: sizes in bytes, rates a second.
  package var fields: AttributeValue {
    func text(_ text: String?) -> AttributeValue { text.map { .init(.text($0)) } ?? .init(.null) }
    func integer(_ number: Int?) -> AttributeValue {
      number.map { .init(.integer($0)) } ?? .init(.null)
    }
    func number(_ number: Double?) -> AttributeValue {
      number.map { .init(.number($0)) } ?? .init(.null)
    }
    func map(_ entries: KeyValuePairs<String, AttributeValue>) -> AttributeValue {
      AttributeValue(.map(entries.map { AttributeEntry($0.key, $0.value) }))
    }
    let disk = self.disk.map { disk in
      map([
        "directory": text(directory), "bytes": integer(disk.bytes),
        "write_bytes_per_second": number(disk.writeBytesPerSecond),
        "read_bytes_per_second": number(disk.readBytesPerSecond),
        "direct": .init(.boolean(disk.isDirect)),
      ])
    }
    return map([
      "system": text(system), "processor": text(processor), "processors": integer(processorCount),
      "levels": .init(.list(levels.map { text($0) })), "level": text(level),
      "openblas": text(configuration), "kernels": text(fingerprint),
      "memory_bytes": integer(memoryBytes),
      "available_memory_bytes": integer(availableMemoryBytes),
      "memory_limit_bytes": integer(memoryLimitBytes), "open_files": integer(openFileLimit),
      "rates": .init(
        .list(
          rates.map { rates in
            map([
              "threads": integer(rates.threads),
              "multiply_flops_per_second": number(rates.multiplyPerSecond),
              "read_bytes_per_second": number(rates.readBytesPerSecond),
            ])
          })),
      "disk": disk ?? .init(.null),
      "requirements": .init(
        .list(
          requirements.map { requirement in
            map([
              "name": text(requirement.name), "needed": .init(.boolean(requirement.isNeeded)),
              "found": text(requirement.found), "package": text(requirement.package),
              "purpose": text(requirement.purpose),
            ])
          })),
      "faults": .init(.list(faults.map { text($0) })),
    ])
  }
}
