import GlissadeTensor

extension RunReport {
  /// The report as lines of a name and a value, for people.
  public var text: String {
    var rows: [(String, String)] = [
      ("graph", graph), ("graph_sha256", graphSHA256), ("status", status.rawValue),
      ("steps", String(steps)),
    ]
    if let epochs { rows.append(("epochs", ReportText.number(epochs))) }
    rows.append(("seconds", ReportText.number(seconds)))
    rows.append(("setup_seconds", ReportText.number(setupSeconds)))
    if let loss { rows.append(("loss", ReportText.number(loss))) }
    rows += metrics.map { ($0.name, ReportText.number($0.value)) }
    if let best {
      rows.append(
        ("best", "\(best.metric) \(ReportText.number(best.value)) after \(best.step) steps"))
    }
    rows += [
      ("tasks", String(tasks)), ("retries", String(retries)), ("threads", String(threads)),
      ("executors", String(executors)), ("peak_bytes", "\(peakBytes) (\(ByteCount(peakBytes)))"),
      ("budget_bytes", budgetBytes.map(String.init) ?? "none"),
      ("spilled_bytes", ReportText.bytes(memory.total.spilledBytes)),
    ]
    if budgetBytes != nil { rows += memoryRows }
    rows.append(("weights_sha256", weightsSHA256 ?? "none"))
    rows += outputs.map { ("outputs." + $0.name, $0.path) }
    if let runDirectory { rows.append(("run_dir", runDirectory)) }
    rows.append(("kernels", kernels))
    return ReportText.table(rows)
  }
}

extension RunReport {
  /// What is said of memory where it has a budget.
  private var memoryRows: [(String, String)] {
    var rows = [
      ("memory_mode", memory.modePhrase),
      ("written_bytes", ReportText.bytes(memory.total.writtenBytes)),
      ("read_back_bytes", ReportText.bytes(memory.total.readBackBytes)),
      ("reread_bytes", ReportText.bytes(memory.total.rereadBytes)),
      ("dropped", String(memory.total.dropped)), ("recomputed", String(memory.total.recomputed)),
      ("memory_wait_seconds", ReportText.number(memory.memoryWaitSeconds)),
      ("disk_wait_seconds", ReportText.number(memory.diskWaitSeconds)),
    ]
    for node in memory.nodes {
      var parts: [String] = []
      func add(_ words: String, _ bytes: Int) {
        if bytes > 0 { parts.append("\(words) \(ByteCount(bytes))") }
      }
      add("spilled", node.spilledBytes)
      add("as", node.writtenBytes)
      add("read back", node.readBackBytes)
      add("reread", node.rereadBytes)
      if node.dropped > 0 { parts.append("dropped \(node.dropped) times") }
      func add(_ words: String, _ seconds: Double) {
        if seconds >= 0.001 { parts.append("\(words) \(ReportText.number(seconds)) s") }
      }
      if node.recomputed > 0 { parts.append("recomputed \(node.recomputed) times") }
      add("waited for memory", node.memoryWaitSeconds)
      add("waited for the disk", node.diskWaitSeconds)
      if !parts.isEmpty { rows.append(("moved.\(node.name)", parts.joined(separator: ", "))) }
    }
    return rows
  }
}

/// How reports write numbers and tables.
public enum ReportText {
  /// Lines of a name and a value, the values under each other.
  public static func table(_ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, value in
      name + String(repeating: " ", count: width - name.count + 2) + value + "\n"
    }.joined()
  }

  /// Bytes as a number, and readable behind it: `5242880 (5.00 MiB)`.
  static func bytes(_ bytes: Int) -> String {
    bytes < 1024 ? String(bytes) : "\(bytes) (\(ByteCount(bytes)))"
  }

  /// A number with about five significant digits: `0.93611`, `12.304`, `0.000012`.
  public static func number(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    if value == value.rounded(), abs(value) < 1e9 { return String(Int(value)) }
    let size = abs(value)
    let places = size >= 10_000 ? 0 : size >= 100 ? 2 : size >= 10 ? 3 : size >= 0.001 ? 5 : 8
    return size >= 1e-6 ? fixed(value, places: places) : "\(value)"
  }
}
