public import GlissadeGraph

/// A record in the trace event format that Perfetto and Chrome's `about:tracing` read: once by thread, once by node.
///
/// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU (Trace Event Format)
public struct ChromeTrace {
  private var text = "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
  private var isFirst = true

  /// The trace of a run.
  ///
  /// By node there are as many lanes as tasks of it ran at once.
  ///
  /// - Complexity: O(events · lanes).
  public static func json(of record: RunRecord, plan: Plan) -> String {
    var trace = ChromeTrace()
    trace.name("process_name", process: 1, "threads")
    for worker in 0..<record.threads {
      trace.name("thread_name", process: 1, thread: worker, "thread \(worker)")
    }
    trace.name("process_name", process: 2, "nodes")
    var events: [(name: String, node: Int, step: Int, event: TaskEvent)] = []
    for (table, tasks, isOnce) in [
      (record.once, plan.prologue, true), (record.steps, plan.step, false),
    ] {
      let names = (0..<tasks.table.taskCount).map { plan.name(of: $0, in: tasks) }
      events += table.events.map { event in
        let members = tasks.members(of: event.task)
        let node = Int(members[members.startIndex].node)
        return (names[event.task], node, isOnce ? 0 : event.step + 1, event)
      }
    }
    // By node, when each of its lanes is free.
    var lanes: [[Int]] = plan.graph.nodes.map { _ in [] }
    for entry in events {
      trace.run(entry.name, entry.step, entry.event, process: 1, thread: entry.event.worker)
      let lane =
        lanes[entry.node].firstIndex { $0 <= entry.event.start } ?? lanes[entry.node].count
      if lane == lanes[entry.node].count { lanes[entry.node].append(0) }
      lanes[entry.node][lane] = entry.event.end
      // Nodes have 1,024 numbers each; a run has no more threads.
      let thread = entry.node * 1024 + lane
      trace.run(entry.name, entry.step, entry.event, process: 2, thread: thread)
    }
    for (node, used) in lanes.enumerated() {
      for lane in used.indices {
        let name = plan.graph.nodes[node].name
        trace.name(
          "thread_name", process: 2, thread: node * 1024 + lane,
          lane == 0 ? name : "\(name) (\(lane + 1))")
      }
    }
    return trace.text + "\n]}\n"
  }

  private mutating func add(_ object: String) {
    text += isFirst ? object : ",\n" + object
    isFirst = false
  }

  private mutating func name(_ kind: String, process: Int, thread: Int = 0, _ name: String) {
    add(
      "{\"ph\":\"M\",\"name\":\"\(kind)\",\"pid\":\(process),\"tid\":\(thread),"
        + "\"args\":{\"name\":\(quoted(name))}}")
  }

  private mutating func run(
    _ name: String, _ step: Int, _ event: TaskEvent, process: Int, thread: Int
  ) {
    add(
      "{\"ph\":\"X\",\"name\":\(quoted(name)),\"pid\":\(process),\"tid\":\(thread),"
        + "\"ts\":\(microseconds(event.start)),\"dur\":\(microseconds(event.end - event.start)),"
        + "\"args\":{\"step\":\(step)}}")
  }

  /// Names of nodes are letters, digits and signs; labels of places may be any text.
  private func quoted(_ name: String) -> String {
    var result = "\""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// With three decimal places: a whole number of nanoseconds.
  private func microseconds(_ nanoseconds: Int) -> String {
    let rest = String(nanoseconds % 1000)
    return "\(nanoseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }
}
