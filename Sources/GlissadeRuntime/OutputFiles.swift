import GlissadeGraph

/// A file that a run writes at its end: known, and its name checked, before anything runs.
public struct OutputFile: Sendable {
  /// How a file is written; its ending says so.
  public enum Format: String, Sendable, CaseIterable {
    /// Named tensors, for Python's `safetensors`.
    case safetensors
    /// One tensor, for NumPy.
    case npy
    /// A line a row (RFC 4180).
    case csv
  }

  /// The name under which it is reported: `weights`, `step.state`, `weights[model=conv]`.
  public let name: String
  /// The output of the graph, by its index.
  public let output: Int
  /// The places whose values stand in it, in their order.
  public let places: [Int]
  /// The path, as the working directory sees it.
  public let path: String
  /// How it is written.
  public let format: Format
}

extension OutputFile {
  /// The files of an output: one, or one for each label of the axes that `{axis}` in the name stands for.
  ///
  /// - Throws: `Diagnostic` where the name leaves the run directory or says another format than the value has.
  static func files(
    of index: Int, in graph: Graph, directory: String
  ) throws(Diagnostic) -> [OutputFile] {
    let output = graph.outputs[index]
    let node = graph.nodes[output.port.node]
    guard let port = node.port(output.port.port) else { return [] }
    func error(_ message: String, hint: String? = nil) -> Diagnostic {
      Diagnostic(
        "the output '\(escaped(output.name))' " + message,
        at: output.filePosition ?? output.position, hint: hint)
    }
    let kind = port.specs.first.kind
    let ending = output.file.split(separator: ".", omittingEmptySubsequences: false).last ?? ""
    let formats = formats(of: port.specs.first)
    guard let format = Format(rawValue: String(ending)), formats.contains(format) else {
      let endings = formats.map { "'.\($0.rawValue)'" }.joined(separator: " or ")
      throw error(
        "is \(kind), written to a name that ends in \(endings), found '\(escaped(output.file))'")
    }
    if !output.columns.isEmpty && format != .csv {
      throw error("has columns beside its predictions: only a '.csv' file has room for them")
    }
    let joined = joinedAxes(of: output.port, in: graph)
    var files: [OutputFile] = []
    for place in 0..<port.axes.placeCount {
      let template = OutputName(output.file, axes: port.axes.filter { !joined.contains($0.name) })
      if let unknown = template.unknown {
        throw error("has no axis '\(escaped(unknown))' that its file name could hold")
      }
      if let axis = template.unused.first(where: { $0.size > 1 }) {
        throw error("is \(port.axes.phrase), so its file name needs {\(axis.name)}")
      }
      let name = template.text(at: place, of: port.axes)
      if let complaint = OutputName.complaint(about: name) { throw error(complaint) }
      let path = name.hasPrefix("/") || directory.isEmpty ? name : directory + "/" + name
      if let same = files.firstIndex(where: { $0.path == path }) {
        let old = files[same]
        files[same] = OutputFile(
          name: old.name, output: index, places: old.places + [place], path: path, format: format)
      } else {
        let labels = template.used.isEmpty ? "" : "[\(template.phrase(at: place, of: port.axes))]"
        files.append(
          OutputFile(
            name: output.name + labels, output: index, places: [place], path: path, format: format))
      }
    }
    return files
  }

  private static func formats(of spec: ValueSpec) -> [Format] {
    switch spec.kind {
    case .predictions: [.csv, .npy]
    case .parameters, .state: [.safetensors]
    default: spec.tensors.count == 1 ? [.npy, .safetensors] : [.safetensors]
    }
  }

  /// Axes whose places stand in one file: the blocks of parameters, and what divides the rows of predictions.
  private static func joinedAxes(of port: Graph.PortReference, in graph: Graph) -> [String] {
    let node = graph.nodes[port.node]
    guard let spec = node.port(port.port)?.specs.first else { return [] }
    switch spec.kind {
    case .parameters, .state: return ["block"]
    case .predictions:
      // Predictions that were combined have the axes of those that they were made from.
      var index: Int? = port.node
      while let current = index {
        let inputs = graph.nodes[current].inputs
        if let data = inputs.first(where: { $0.path == "data" }) { return data.axes.map(\.name) }
        index = inputs.first { $0.spec.kind == .predictions && $0.node >= 0 }?.node
      }
      return []
    default: return []
    }
  }
}

/// The name of an output's file, in which `{axis}` stands for a place's label.
struct OutputName {
  private enum Part {
    case text(String)
    case axis(Int)
  }

  private var parts: [Part] = []
  private let axes: [Axis]
  /// The axes that the name holds.
  private(set) var used: [Axis] = []
  /// What stands in braces and is no axis.
  private(set) var unknown: String?

  /// A name over the axes of a family.
  init(_ name: String, axes: [Axis]) {
    self.axes = axes
    var rest = name[...]
    while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
      parts.append(.text(String(rest[..<open])))
      let word = String(rest[rest.index(after: open)..<close])
      if let index = axes.firstIndex(where: { $0.name == word }) {
        parts.append(.axis(index))
        if !used.contains(axes[index]) { used.append(axes[index]) }
      } else {
        unknown = unknown ?? word
      }
      rest = rest[rest.index(after: close)...]
    }
    parts.append(.text(String(rest)))
  }

  /// The axes that the name does not hold.
  var unused: [Axis] { axes.filter { !used.contains($0) } }

  /// The name at a place of a family.
  func text(at place: Int, of family: [Axis]) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .axis(let index): label(axes[index], at: place, of: family)
      }
    }.joined()
  }

  /// The labels that the name holds: `model=conv`.
  func phrase(at place: Int, of family: [Axis]) -> String {
    used.map { "\($0.name)=\(label($0, at: place, of: family))" }.joined(separator: ", ")
  }

  private func label(_ axis: Axis, at place: Int, of family: [Axis]) -> String {
    guard let index = family.firstIndex(of: axis) else { return "" }
    let coordinate = family.coordinates(of: place)[index]
    return axis.labels?[coordinate] ?? String(coordinate)
  }

  /// What is wrong with a name, whoever chose it; nil where nothing is.
  static func complaint(about name: String) -> String? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    if name.isEmpty || name.hasSuffix("/") { return "needs the name of a file" }
    if name.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
      return "has control characters in its file name, '\(escaped(name))'"
    }
    if !name.hasPrefix("/") && parts.contains("..") {
      return "would be written to '\(escaped(name))', outside the run directory: "
        + "give a path within it, or an absolute one"
    }
    if name == RunOutputs.reportName {
      return "would be written to '\(name)', which is the name of the run's report"
    }
    return nil
  }
}
