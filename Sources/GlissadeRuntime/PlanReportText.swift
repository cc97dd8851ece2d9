public import GlissadeGraph
import GlissadeTensor

extension PlanReport {
  /// The report as people read it, in lines of at most about 100 columns.
  public var text: String {
    var lines = [headline, "", table, ""]
    lines.append("tasks          \(tasksOnce) once, \(tasksPerStep) a step, \(tasksOfRun) in all")
    if steps > 0 {
      lines.append("bytes a step   \(bytesMade) made, \(bytesRead) read")
    }
    lines.append("kept           \(bytesKept) that are computed once")
    lines.append(
      "peak           "
        + (peak.map { "at most \($0)" } ?? "more bytes than can be counted")
        + " with \(counted(threads, "thread")) and a window of \(counted(windowDepth, "step"))")
    lines += memory.lines
    if !rowsOnDisk.isEmpty {
      let names = rowsOnDisk.map { "'\($0)'" }.joined(separator: ", ")
      let first = diskBytes.bytes > 0 ? "; \(diskBytes) are written there first" : ""
      lines.append("rows           those of \(names) stay on the disk\(first)")
    }
    if steps > 0 {
      let chain = criticalPath.joined(separator: " → ")
      lines.append("critical path  \(duration(criticalSeconds)) of a full step: \(chain)")
      lines.append(
        "parallelism    at most \(counted(widest.places, "place")) (\(widest.axes)); "
          + "\(counted(usefulThreads, "thread")) can be kept busy within a step")
    }
    for entry in balance { lines.append(entry.text) }
    lines.append(
      "time           about \(duration(seconds)) (an estimate from "
        + "\(fixed(rates.flopsPerSecond / 1e9, places: 0)) GFLOP/s and "
        + "\(fixed(rates.bytesPerSecond / 1e9, places: 1)) GB/s a core)"
        + (realSeconds.map { "; the run took \(duration($0))" } ?? ""))
    if !notBuilt.isEmpty {
      lines += ["", "run refuses this graph:"] + notBuilt.map { "  " + $0 }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var headline: String {
    guard steps > 0 else { return "\(name): no steps, everything is computed once" }
    guard let epochSteps else { return "\(name): \(counted(steps, "step"))" }
    let epochs = fixed(Double(steps) / Double(epochSteps), places: 2)
    let whole = steps % epochSteps == 0 ? "\(steps / epochSteps)" : epochs
    return "\(name): \(counted(steps, "step")), \(epochSteps) an epoch, \(whole) epochs"
  }

  /// The report as one map, for output as JSON: sizes in bytes, times in seconds.
  public var fields: AttributeValue {
    var entries: [AttributeEntry] = [
      AttributeEntry("graph", .init(.text(name))),
      AttributeEntry("steps", .init(.integer(steps))),
      AttributeEntry("epoch_steps", epochSteps.map { .init(.integer($0)) } ?? .init(.null)),
      AttributeEntry(
        "epochs",
        epochSteps.map { .init(.number(Double(steps) / Double($0))) } ?? .init(.null)),
      AttributeEntry("tasks_once", .init(.integer(tasksOnce))),
      AttributeEntry("tasks_per_step", .init(.integer(tasksPerStep))),
      AttributeEntry("tasks", .init(.integer(tasksOfRun))),
      AttributeEntry("bytes_made_per_step", .init(.integer(bytesMade.bytes))),
      AttributeEntry("bytes_read_per_step", .init(.integer(bytesRead.bytes))),
      AttributeEntry("bytes_kept", .init(.integer(bytesKept.bytes))),
      AttributeEntry("peak_bytes", peak.map { .init(.integer($0.bytes)) } ?? .init(.null)),
      AttributeEntry(
        "budget_bytes", memory.budget.map { .init(.integer($0.bytes)) } ?? .init(.null)),
      AttributeEntry("memory_mode", .init(.text(memory.mode.phrase))),
      AttributeEntry("smallest_memory", .init(.integer(memory.smallest.bytes))),
      AttributeEntry("rows_on_disk", .init(.list(rowsOnDisk.map { .init(.text($0)) }))),
      AttributeEntry("disk_bytes", .init(.integer(diskBytes.bytes))),
      AttributeEntry("threads", .init(.integer(threads))),
      AttributeEntry("window_depth", .init(.integer(windowDepth))),
      AttributeEntry("seconds_per_step", .init(.number(secondsPerStep))),
      AttributeEntry("critical_seconds", .init(.number(criticalSeconds))),
      AttributeEntry(
        "critical_path", .init(.list(criticalPath.map { .init(.text($0)) }))),
      AttributeEntry("useful_threads", .init(.integer(usefulThreads))),
      AttributeEntry("most_places", .init(.integer(widest.places))),
      AttributeEntry("estimated_seconds", .init(.number(seconds))),
      AttributeEntry("real_seconds", realSeconds.map { .init(.number($0)) } ?? .init(.null)),
      AttributeEntry("flops_per_second", .init(.number(rates.flopsPerSecond))),
      AttributeEntry("memory_bytes_per_second", .init(.number(rates.bytesPerSecond))),
    ]
    entries.append(AttributeEntry("nodes", .init(.list(nodes.map(\.fields)))))
    entries.append(AttributeEntry("balance", .init(.list(balance.map(\.fields)))))
    entries.append(
      AttributeEntry("not_built", .init(.list(notBuilt.map { .init(.text($0)) }))))
    return AttributeValue(.map(entries))
  }
}

extension PlanReport.Node {
  /// Nodes as a table with columns of even width.
  static func table(of nodes: [PlanReport.Node], hasRun: Bool) -> String {
    let head =
      ["node", "operation", "axes", "runs", "tasks", "bytes", "time"]
      + (hasRun ? ["took", "ratio"] : [])
    // One cell after another: an array for each of many rows would cost more than what is in it.
    var cells = head
    cells.reserveCapacity((nodes.count + 1) * head.count)
    for node in nodes { node.addCells(to: &cells, hasRun: hasRun) }
    let rows = stride(from: 0, to: cells.count, by: head.count)
    let widths = head.indices.map { column in
      rows.reduce(0) { max($0, scalarCount(of: cells[$1 + column])) }
    }
    var text: [UInt8] = []
    text.reserveCapacity((nodes.count + 1) * (widths.reduce(0, +) + 2 * head.count))
    for row in rows {
      if row > 0 { text.append(UInt8(ascii: "\n")) }
      for column in head.indices {
        if column > 0 { text.append(contentsOf: "  ".utf8) }
        let cell = cells[row + column]
        let blanks = repeatElement(UInt8(ascii: " "), count: widths[column] - scalarCount(of: cell))
        if column >= 4 { text.append(contentsOf: blanks) }
        text.append(contentsOf: cell.utf8)
        if column < 4 { text.append(contentsOf: blanks) }
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// What takes a column each.
  private static func scalarCount(of cell: String) -> Int {
    cell.utf8.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
  }

  private func addCells(to cells: inout [String], hasRun: Bool) {
    cells.append(name)
    cells.append(operation)
    cells.append(axes)
    cells.append(isCulled ? "never: not needed" : clock)
    cells.append(tasks == 0 && !isCulled ? "fused" : "\(tasks)")
    cells.append("\(bytes)")
    cells.append(duration(seconds))
    if hasRun { cells += comparison }
  }

  /// What its tasks took in a run, and that by the estimate.
  fileprivate var comparison: [String] {
    guard let realSeconds, realSeconds > 0 else { return ["–", "–"] }
    return [duration(realSeconds), fixed(realSeconds / max(seconds, 1e-12), places: 2)]
  }

  fileprivate var fields: AttributeValue {
    AttributeValue(
      .map([
        AttributeEntry("name", .init(.text(name))),
        AttributeEntry("operation", .init(.text(operation))),
        AttributeEntry("axes", .init(.text(axes))),
        AttributeEntry("clock", .init(.text(clock))),
        AttributeEntry("tasks", .init(.integer(tasks))),
        AttributeEntry("bytes", .init(.integer(bytes.bytes))),
        AttributeEntry("seconds", .init(.number(seconds))),
        AttributeEntry("real_seconds", realSeconds.map { .init(.number($0)) } ?? .init(.null)),
        AttributeEntry("culled", .init(.boolean(isCulled))),
      ]))
  }
}

extension PlanReport.Balance {
  fileprivate var fields: AttributeValue {
    AttributeValue(
      .map([
        AttributeEntry("node", .init(.text(node))),
        AttributeEntry(
          "rows", .init(.list(rows.map { .init(.number($0)) }))),
        AttributeEntry("fullest", .init(.number(fullest))),
        AttributeEntry("loss", .init(.number(loss))),
      ]))
  }

  /// One line: the rows of a place, from the emptiest to the fullest, and what that costs.
  fileprivate var text: String {
    let least = rows.min() ?? 0
    let most = rows.max() ?? 0
    let range =
      most - least < 0.05
      ? fixed(most, places: 1)
      : "\(fixed(least, places: 1)) to \(fixed(most, places: 1))"
    return
      "rows a place   \(range) of '\(node)' a step; the fullest of a step has about "
      + "\(fixed(fullest, places: 1)), so \(fixed(loss * 100, places: 0)) % of the places' time is spent waiting"
  }
}

/// A count with its word in the right number: `1 step`, `2 steps`.
func counted(_ count: Int, _ word: String) -> String {
  count == 1 ? "1 \(word)" : "\(count) \(word)s"
}

/// A time with a fitting unit: `12.5 µs`, `3.20 ms`, `1.50 s`, `12 min`.
func duration(_ seconds: Double) -> String {
  switch seconds {
  case ..<1e-3: "\(fixed(seconds * 1e6, places: 1)) µs"
  case ..<1: "\(fixed(seconds * 1e3, places: 2)) ms"
  case ..<120: "\(fixed(seconds, places: 2)) s"
  case ..<7_200: "\(fixed(seconds / 60, places: 1)) min"
  default: "\(fixed(seconds / 3_600, places: 1)) h"
  }
}

extension MemoryPlan {
  /// What `plan` says of a budget, as lines.
  fileprivate var lines: [String] {
    let least = "the smallest that works is \(smallest.bytes) bytes (\(smallest))"
    guard let budget else { return ["memory         no budget; \(least)"] }
    return ["memory         \(budget): \(mode.phrase); \(least)"]
  }
}
