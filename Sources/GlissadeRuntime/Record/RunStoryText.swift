public import GlissadeGraph
import GlissadeTensor

extension RunStory {
  /// The story as people read it.
  public var text: String {
    var rows: [(String, String)] = []
    guard let event = moment.event else { return moment.name + "\n" }
    rows.append(("", "\(moment.name) (\(operations.joined(separator: " + ")))"))
    var ran =
      "on thread \(event.worker) for \(took(event)), from \(at(event.start)) to \(at(event.end))"
    if let average, average.runs > 1 {
      ran += "; \(duration(average.nanoseconds * 1e-9)) on average over \(average.runs) runs"
    }
    rows.append(("ran", ran))
    rows += waits
    rows.append(("why then", whyThen(event)))
    rows.append(("why here", whyHere(event)))
    for other in beside {
      guard let event = other.event else { continue }
      rows.append(("meanwhile", "thread \(event.worker) ran \(other.name)"))
    }
    let tasks = isOnce ? "the tasks before the first step" : "its step's tasks"
    rows.append(("order", "\(rank.place) of \(rank.of) in the order of \(tasks)"))
    if readBy.isEmpty { rows.append(("read by", "no task: the run itself wants it, or nobody")) }
    rows += list(readBy, as: "read by")
    if isReadToTheEnd {
      rows.append(("let go", "at the end of the run"))
    } else if let last = readBy.compactMap(\.event).max(by: { $0.end < $1.end }) {
      rows.append(("let go", "at \(at(last.end)) or later, when its last reader had ended"))
    }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, text in
      (name + String(repeating: " ", count: width - name.count + 2) + text)
    }.joined(separator: "\n").trimmingBlanks + "\n"
  }

  /// A row for each of the first moments, and how many more there are.
  private func list(_ moments: [Moment], as name: String) -> [(String, String)] {
    let shown = 8
    let rows = moments.prefix(shown).map { moment in
      (name, moment.name + (moment.event.map { ", ended at \(at($0.end))" } ?? ""))
    }
    return rows + (moments.count > shown ? [("", "and \(moments.count - shown) more")] : [])
  }

  private var waits: [(String, String)] {
    var rows: [(String, String)] = []
    let last = waitedFor.compactMap(\.event).max { $0.end < $1.end }
    for input in waitedFor {
      var text = input.name
      if let event = input.event {
        text += ", ended at \(at(event.end)) on thread \(event.worker)"
        if waitedFor.count > 1 && event == last { text += " (the last)" }
      }
      rows.append(("waited for", text))
    }
    if rows.isEmpty {
      rows.append(("waited for", "nothing: " + (isOnce ? "the run began" : "its step was opened")))
    }
    rows += list(onceInputs, as: "read")
    for (time, reason) in [
      (idle.memory, "memory: it did not fit into the budget"),
      (idle.disk, "the disk: its inputs had been put away"),
    ] where time > 0 {
      rows.append(
        ("waited for", "\(reason), and a thread was idle for \(duration(Double(time) * 1e-9))"))
    }
    return rows
  }

  private func whyThen(_ event: TaskEvent) -> String {
    guard let last = waitedFor.compactMap(\.event).max(by: { $0.end < $1.end }) else {
      return "it could begin when " + (isOnce ? "the run did" : "its step was opened")
    }
    let gap = event.start - last.end
    guard gap > 0 else { return "it began as soon as the last of them had ended" }
    return "ready when the last of them had ended, begun \(duration(Double(gap) * 1e-9)) later"
  }

  private func whyHere(_ event: TaskEvent) -> String {
    let last = waitedFor.compactMap(\.event).max { $0.end < $1.end }
    if let last, last.worker == event.worker, last == before?.event {
      return "thread \(event.worker) had run the last of them, and went straight on"
    }
    guard let before, let earlier = before.event else {
      return "thread \(event.worker) was idle and took it"
    }
    let idle = event.start - earlier.end
    let from = last.map {
      $0.worker == event.worker ? "its own queue" : "thread \($0.worker)'s queue"
    }
    let source = from.map { " from \($0)" } ?? ""
    return idle > 1_000
      ? "thread \(event.worker) had been idle for \(duration(Double(idle) * 1e-9)) and took it\(source)"
      : "thread \(event.worker) had just ended \(before.name) and took it\(source)"
  }

  private func at(_ nanoseconds: Int) -> String {
    fixed(Double(nanoseconds) * 1e-9, places: 6) + " s"
  }

  private func took(_ event: TaskEvent) -> String {
    duration(Double(event.end - event.start) * 1e-9)
  }

  /// The story as one map, for output as JSON: times in seconds from the begin of the run.
  public var fields: AttributeValue {
    func number(_ value: Double?) -> AttributeValue {
      value.map { AttributeValue(.number($0)) } ?? AttributeValue(.null)
    }
    func map(_ moment: Moment) -> AttributeValue {
      AttributeValue(
        .map([
          AttributeEntry("task", AttributeValue(.text(moment.name))),
          AttributeEntry(
            "thread", moment.event.map { .init(.integer($0.worker)) } ?? .init(.null)),
          AttributeEntry("start", number(moment.event.map { Double($0.start) * 1e-9 })),
          AttributeEntry("end", number(moment.event.map { Double($0.end) * 1e-9 })),
        ]))
    }
    func list(_ moments: [Moment]) -> AttributeValue { AttributeValue(.list(moments.map(map))) }
    return AttributeValue(
      .map([
        AttributeEntry("task", map(moment)),
        AttributeEntry(
          "operations", AttributeValue(.list(operations.map { AttributeValue(.text($0)) }))),
        AttributeEntry("average_seconds", number(average.map { $0.nanoseconds * 1e-9 })),
        AttributeEntry("runs", AttributeValue(.integer(average?.runs ?? 0))),
        AttributeEntry("waited_for", list(waitedFor)),
        AttributeEntry("once_inputs", list(onceInputs)),
        AttributeEntry("waited_for_memory", number(Double(idle.memory) * 1e-9)),
        AttributeEntry("waited_for_disk", number(Double(idle.disk) * 1e-9)),
        AttributeEntry("before", before.map(map) ?? AttributeValue(.null)),
        AttributeEntry("meanwhile", list(beside)),
        AttributeEntry("read_by", list(readBy)),
        AttributeEntry("rank", AttributeValue(.integer(rank.place))),
        AttributeEntry("tasks_of_step", AttributeValue(.integer(rank.of))),
      ]))
  }
}

extension String {
  /// Without blanks at the begin, where the first line has no name.
  fileprivate var trimmingBlanks: String { String(drop { $0 == " " }) }
}
