import GlissadeFormat
import GlissadeTensor

/// One case of a subject of `bench`: a row of its table, an object of its JSON.
struct BenchMeasurement {
  /// What hardware or a raw library reached in the same process.
  struct Limit {
    /// Whose it is.
    let name: String
    /// In the unit of the measurement.
    let value: Double
  }

  /// The subject.
  let name: String
  /// The case within it.
  let `case`: String
  /// The threads at work.
  let threads: Int
  /// The unit of the values: nanoseconds a task, gigabytes per second.
  let unit: String
  /// The values of all runs, sorted.
  let values: [Double]
  /// What it is held against, where there is something.
  let limit: Limit?

  /// A measurement with at least one value, in any order.
  init(
    name: String, case: String, threads: Int, unit: String, values: [Double], limit: Limit? = nil
  ) {
    precondition(!values.isEmpty, "\(name) \(`case`): nothing was measured")
    self.name = name
    self.case = `case`
    self.threads = threads
    self.unit = unit
    self.values = values.sorted()
    self.limit = limit
  }

  /// The middle value, the greater of two.
  var median: Double { values[values.count / 2] }

  /// An object with the keys of every bench.
  var json: JSONText {
    var members: [JSONText.Member] = [
      .init("name", .text(name)), .init("case", .text(`case`)),
      .init("threads", .integer(threads)), .init("value", .number(median)),
      .init("unit", .text(unit)), .init("runs", .integer(values.count)),
      .init("min", .number(values[0])), .init("max", .number(values[values.count - 1])),
    ]
    if let limit {
      members.append(.init("limit", .number(limit.value)))
      members.append(.init("limit_name", .text(limit.name)))
    }
    return .object(members)
  }

  /// The measurements as lines, the limit and the part of it that was reached where there is one.
  static func table(_ measurements: [BenchMeasurement]) -> String {
    let first = max(22, measurements.map { $0.case.count + 2 }.max() ?? 0)
    let unit = measurements.first?.unit ?? ""
    let hasLimits = measurements.contains { $0.limit != nil }
    var text = "case".padded(to: first) + "threads".rightAligned(in: 9)
    for title in [unit, "least", "greatest"] { text += title.rightAligned(in: 12) }
    text += (hasLimits ? "limit".rightAligned(in: 10) + "   reached" : "") + "\n"
    for measurement in measurements {
      let values = measurement.values
      text += measurement.case.padded(to: first)
      text += String(measurement.threads).rightAligned(in: 9)
      for value in [measurement.median, values[0], values[values.count - 1]] {
        text += number(value).rightAligned(in: 12)
      }
      if let limit = measurement.limit {
        text += number(limit.value).rightAligned(in: 10)
        text += fixed(measurement.median / limit.value, places: 2).rightAligned(in: 10)
        text += "  of " + limit.name
      }
      text += "\n"
    }
    return text
  }

  /// Two decimal places below 100, none above.
  private static func number(_ value: Double) -> String {
    fixed(value, places: abs(value) < 100 ? 2 : 0)
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }

  fileprivate func rightAligned(in width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
