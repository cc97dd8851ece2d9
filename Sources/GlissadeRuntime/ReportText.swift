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
      ("spilled_bytes", String(spilledBytes)), ("weights_sha256", weightsSHA256 ?? "none"),
    ]
    rows += outputs.map { ("outputs." + $0.name, $0.path) }
    if let runDirectory { rows.append(("run_dir", runDirectory)) }
    rows.append(("kernels", kernels))
    return ReportText.table(rows)
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

  /// A number with about five significant digits: `0.93611`, `12.304`, `0.000012`.
  public static func number(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    if value == value.rounded(), abs(value) < 1e9 { return String(Int(value)) }
    let size = abs(value)
    let places = size >= 10_000 ? 0 : size >= 100 ? 2 : size >= 10 ? 3 : size >= 0.001 ? 5 : 8
    return size >= 1e-6 ? fixed(value, places: places) : "\(value)"
  }
}
