public import GlissadeFormat
public import GlissadeRuntime

extension RunReport {
  /// The report as one object; what there is not is null.
  ///
  /// `metrics` and `outputs` are objects too: `metrics["score.accuracy"]` is a number, `outputs.weights` a path.
  public var json: JSONText {
    [
      "graph": .text(graph),
      "graph_sha256": .text(graphSHA256),
      "status": .text(status.rawValue),
      "steps": .integer(steps),
      "epochs": epochs.map(JSONText.whole) ?? nil,
      "seconds": .number(seconds),
      "setup_seconds": .number(setupSeconds),
      "loss": loss.map { .number($0) } ?? nil,
      "metrics": .object(metrics.map { JSONText.Member($0.name, .number($0.value)) }),
      "best": best.map {
        [
          "metric": .text($0.metric), "step": .integer($0.step), "value": .number($0.value),
        ]
      } ?? nil,
      "tasks": .integer(tasks),
      "retries": .integer(retries),
      "threads": .integer(threads),
      "executors": .integer(executors),
      "peak_bytes": .integer(peakBytes),
      "budget_bytes": budgetBytes.map { .integer($0) } ?? nil,
      "memory_mode": .text(memory.mode.phrase),
      "spilled_bytes": .integer(memory.total.spilledBytes),
      "written_bytes": .integer(memory.total.writtenBytes),
      "read_back_bytes": .integer(memory.total.readBackBytes),
      "reread_bytes": .integer(memory.total.rereadBytes),
      "dropped": .integer(memory.total.dropped),
      "recomputed": .integer(memory.total.recomputed),
      "memory_wait_seconds": .number(memory.memoryWaitSeconds),
      "disk_wait_seconds": .number(memory.diskWaitSeconds),
      "moved": .list(memory.nodes.map(\.json)),
      "weights_sha256": weightsSHA256.map { .text($0) } ?? nil,
      "outputs": .object(outputs.map { JSONText.Member($0.name, .text($0.path)) }),
      "run_dir": runDirectory.map { .text($0) } ?? nil,
      "kernels": .text(kernels),
    ]
  }
}

extension MemoryReport.Node {
  /// What was moved of a node's values, as one object.
  var json: JSONText {
    [
      "node": .text(name), "spilled_bytes": .integer(spilledBytes),
      "written_bytes": .integer(writtenBytes), "read_back_bytes": .integer(readBackBytes),
      "reread_bytes": .integer(rereadBytes), "dropped": .integer(dropped),
      "recomputed": .integer(recomputed), "memory_wait_seconds": .number(memoryWaitSeconds),
      "disk_wait_seconds": .number(diskWaitSeconds),
    ]
  }
}

extension JSONText {
  /// A number, without a fraction where it has none.
  static func whole(_ value: Double) -> JSONText {
    Int(exactly: value).map { .integer($0) } ?? .number(value)
  }
}
