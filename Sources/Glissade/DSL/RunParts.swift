import GlissadeGraph

/// How long the graph runs.
public struct Until: GraphPart {
  /// What it is made of.
  public let parts: GraphParts

  /// Runs for so many steps or epochs.
  public init(_ duration: GraphDuration, file: String = #fileID, line: Int = #line) {
    parts = GraphParts(items: [
      GraphItem(.run, "until", duration.setting, file: file, line: line)
    ])
  }
}

/// When the run stops before its end.
public struct Stop: GraphPart {
  /// What it is made of.
  public let parts: GraphParts

  /// Stops once a metric is not better than the best for `patience` evaluations, or once it `reaches` a value.
  public init(
    when metric: any PortName, best: Best? = nil, patience: Int? = nil,
    minimumChange: Double? = nil, reaches: Double? = nil, file: String = #fileID, line: Int = #line
  ) {
    let setting = Setting.map([
      "when": metric, "best": best, "patience": patience, "minimum-change": minimumChange,
      "reaches": reaches,
    ])
    parts = GraphParts(items: [GraphItem(.run, "stop", setting, file: file, line: line)])
  }

  /// Which way is better.
  public enum Best: String, SettingConvertible {
    /// More.
    case greatest
    /// Less.
    case least
  }
}

/// What is saved on the way; it has no part in the hash of a graph.
public struct Checkpoint: GraphPart {
  /// What it is made of.
  public let parts: GraphParts

  /// Saves the run every so often and keeps the last ones.
  public init(
    every period: GraphDuration, keep: Int? = nil, file: String = #fileID, line: Int = #line
  ) {
    let setting = Setting.map(["every": period, "keep": keep])
    parts = GraphParts(items: [GraphItem(.run, "checkpoint", setting, file: file, line: line)])
  }
}

/// A registered operation or reduction that the graph needs, with its version.
public struct Needs: GraphPart {
  /// What it is made of.
  public let parts: GraphParts

  /// Needs a version of what a program registered.
  public init(_ name: String, version: Int, file: String = #fileID, line: Int = #line) {
    parts = GraphParts(items: [
      GraphItem(.needs, name, version.setting, file: file, line: line)
    ])
  }
}

/// What is written at the end.
public struct Output: GraphPart {
  /// What it is made of.
  public let parts: GraphParts

  /// Writes a value to a file in the run directory, where the command line runs the graph.
  ///
  /// - Parameters:
  ///   - value: The node or port.
  ///   - path: The file; `{axis}` stands for a place's label.
  ///   - version: Which version of a state, the last one where it is left out.
  ///   - columns: Columns that are written beside predictions.
  ///   - order: The order of the rows.
  ///   - file: Where errors say that the output stands.
  ///   - line: The line there.
  public init(
    _ value: any PortName, file path: String, version: Version? = nil,
    with columns: [String]? = nil, order: Order? = nil, in file: String = #fileID,
    line: Int = #line
  ) {
    let rest = Setting.map(["version": version, "with": columns, "order": order])
    let isPath = rest.value.map?.isEmpty ?? true
    let entries = [AttributeEntry("file", AttributeValue(.text(path)))] + (rest.value.map ?? [])
    let setting = isPath ? path.setting : Setting(AttributeValue(.map(entries)))
    parts = GraphParts(items: [
      GraphItem(
        .outputs, value.portName, setting, file: file, line: line,
        mentions: value.setting.mentions)
    ])
  }

  /// Which version of a state is written.
  public enum Version: String, SettingConvertible {
    /// That of the last step.
    case last
    /// That of the best evaluation.
    case best
  }

  /// The order of the rows of predictions.
  public enum Order: String, SettingConvertible {
    /// That of the source.
    case source
  }
}
