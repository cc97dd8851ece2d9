import ArgumentParser
import GlissadeFormat
import GlissadeRuntime

/// `bench`: measurements of Glissade itself.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure Glissade itself on this machine.",
    discussion: """
      'tasks' runs graphs of tasks that do nothing through the real scheduler and the real pool, and prints the \
      nanoseconds of a task. Machines are noisy: compare medians of one call, not numbers of two days.

      Examples:
        glissade bench tasks
        glissade bench tasks --count 1000000 --runs 11 --format json
      """)

  /// What is measured.
  enum Subject: String, ExpressibleByArgument, CaseIterable {
    case tasks
  }

  @Argument(help: "What is measured.")
  var subject: Subject

  @Option(help: "Tasks of a run.")
  var count = 1_000_000

  @Option(help: "Runs of each case; the median counts.")
  var runs = 5

  @Option(help: "How the result is written.")
  var format = TextFormat.text

  func validate() throws {
    guard (1000...100_000_000).contains(count) else {
      throw ValidationError("--count must be from 1000 to 100000000, not \(count)")
    }
    guard (1...1000).contains(runs) else {
      throw ValidationError("--runs must be from 1 to 1000, not \(runs)")
    }
  }

  func run() throws {
    var text = "shape                   threads    ns a task    least   greatest\n"
    var rows: [JSONText] = []
    for shape in TaskShape.allCases {
      for threads in [1, 2] {
        let sample = try TaskBench.measure(shape, tasks: count, threads: threads, runs: runs)
        let times = sample.nanoseconds
        let median = times[times.count / 2]
        text += row(shape.name, threads, [median, times[0], times[times.count - 1]])
        rows.append([
          "name": "tasks", "case": .text(shape.name), "threads": .integer(threads),
          "value": .number(median), "unit": "ns/task", "runs": .integer(runs),
          "min": .number(times[0]), "max": .number(times[times.count - 1]),
        ])
      }
    }
    format.write(text: text, json: .list(rows))
  }

  private func row(_ name: String, _ threads: Int, _ numbers: [Double]) -> String {
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    let columns = zip(numbers, [12, 9, 11]).map { right(String(Int($0.rounded())), $1) }
    return name + right(String(threads), 31 - name.count) + columns.joined() + "\n"
  }
}
