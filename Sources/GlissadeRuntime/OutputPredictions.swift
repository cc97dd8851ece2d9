import GlissadeGraph
import GlissadeOperations
import GlissadeTensor

/// Predictions as a table: kept columns of the data, then what the node gives; a line a row, in the order of the places.
public struct PredictionTable: Sendable {
  /// One cell.
  public enum Cell: Sendable, Hashable {
    /// A kept text, or the name of a class.
    case text(String)
    /// A probability or a predicted number.
    case number(Float)
  }

  /// Where a column comes from.
  private enum Column {
    case kept(String)
    case predictedClass
    case number(Int)
  }

  /// The names of the columns.
  public let names: [String]
  /// The number of rows.
  public let rowCount: Int
  private let columns: [Column]
  private let classes: [String]
  private let parts: [Value]
  private let width: Int

  /// The predictions of some places, one after another.
  ///
  /// - Parameters:
  ///   - values: The values of the places.
  ///   - spec: What is known of them before the run.
  ///   - kept: The columns of the rows that stand in front.
  init(_ values: [Value], _ spec: ValueSpec, keeping kept: [String]) {
    parts = values
    rowCount = values.reduce(0) { $0 + $1.rows }
    width = spec.tensors.first?.shape.dimensions.last ?? 1
    let facts = spec.facts as? PredictionFacts
    classes = facts?.classes ?? []
    var columns = kept.map { ($0, Column.kept($0)) }
    for word in facts?.gives ?? ["value"] {
      switch word {
      case "class": columns.append(("class", .predictedClass))
      case "probabilities":
        for index in 0..<width {
          let name = index < classes.count ? classes[index] : String(index)
          columns.append(("probability_" + name, .number(index)))
        }
      default:
        for index in 0..<width {
          columns.append((width == 1 ? "value" : "value_\(index)", .number(index)))
        }
      }
    }
    names = columns.map(\.0)
    self.columns = columns.map(\.1)
  }

  /// Hands each row's cells to `body`, in order.
  ///
  /// - Complexity: O(rows · columns).
  /// - Throws: `KernelError` where texts have to be read again and cannot be, and what `body` throws.
  public func forEachRow(_ body: ([Cell]) throws -> Void) throws {
    var cells: [Cell] = []
    var keepsTexts = false
    for case .kept in columns { keepsTexts = true }
    for part in parts {
      let texts = keepsTexts ? part.attachment as? any KeptTexts : nil
      let together = texts?.rowsTogether ?? part.rows
      var kept: [KeptColumn] = []
      let numbers = part.tensors[0].elements(of: Float.self)
      for row in 0..<part.rows {
        let own = numbers[row * width..<(row + 1) * width]
        let place = row % together
        if let texts, place == 0 {
          kept = try texts.texts(of: row..<min(row + together, part.rows))
        }
        cells.removeAll(keepingCapacity: true)
        for column in columns {
          switch column {
          case .kept(let name):
            let values = kept.first { $0.name == name }?.values ?? []
            cells.append(.text(values.isEmpty ? "" : values[values.startIndex + place]))
          case .predictedClass:
            let best = own.indices.max { own[$0] < own[$1] } ?? own.startIndex
            let index = (own.firstIndex(of: own[best]) ?? best) - own.startIndex
            cells.append(.text(index < classes.count ? classes[index] : String(index)))
          case .number(let index): cells.append(.number(own[own.startIndex + index]))
          }
        }
        try body(cells)
      }
    }
  }

  /// The table as CSV with a header, quoted as RFC 4180 says, lines ended by a line feed.
  ///
  /// Numbers have the fewest digits that read back equal.
  ///
  /// - Throws: As `forEachRow`.
  public func csv() throws -> String {
    var text = names.map(PredictionTable.quoted).joined(separator: ",") + "\n"
    try forEachRow { cells in
      for (index, cell) in cells.enumerated() {
        if index > 0 { text += "," }
        switch cell {
        case .text(let word): text += PredictionTable.quoted(word)
        case .number(let number): text += number.description
        }
      }
      text += "\n"
    }
    return text
  }

  /// A cell in double quotes where it holds a comma, a quote or the end of a line.
  static func quoted(_ cell: String) -> String {
    let needsQuotes = cell.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
    guard needsQuotes else { return cell }
    var result = "\""
    for scalar in cell.unicodeScalars {
      if scalar == "\"" { result += "\"" }
      result.unicodeScalars.append(scalar)
    }
    return result + "\""
  }

  /// All predictions as one tensor of shape [rows, numbers of a row].
  var tensor: Tensor {
    var all = Tensor(.float32, Shape(rowCount, width))
    all.withMutableElements(of: Float.self) { target in
      var next = 0
      for part in parts {
        part.tensors[0].withElements(of: Float.self) { source in
          for number in source {
            target[next] = number
            next += 1
          }
        }
      }
    }
    return all
  }
}

/// Whether an output of predictions asks for what there is.
enum PredictionCheck {
  static func complaint(about output: Graph.Output, in graph: Graph) -> Diagnostic? {
    func complaint(_ message: String, at position: SourcePosition?, hint: String? = nil)
      -> Diagnostic
    {
      Diagnostic("the output '\(escaped(output.name))' " + message, at: position, hint: hint)
    }
    let node = graph.nodes[output.port.node]
    guard node.port(output.port.port)?.specs.first.facts is PredictionFacts else {
      return output.columns.isEmpty
        ? nil : complaint("has no rows, so 'with' has no effect", at: output.columnsPosition)
    }
    let rows = rows(of: output.port.node, in: graph)
    for column in output.columns where rows?.kept.contains(column) != true {
      return complaint(
        "has no column '\(escaped(column))' beside its predictions: name it in 'keep' of the shard",
        at: output.columnsPosition, hint: suggestion(for: column, among: rows?.kept ?? []))
    }
    if isShuffled(output.port.node, in: graph) {
      return complaint(
        "cannot be in the order of the source: its rows are shuffled", at: output.position)
    }
    return nil
  }

  private static func rows(of node: Int, in graph: Graph) -> RowFacts? {
    graph.nodes[node].inputs.lazy.compactMap { $0.spec.facts as? RowFacts }.first
  }

  private static func isShuffled(_ start: Int, in graph: Graph) -> Bool {
    var node = start
    while let rows = graph.nodes[node].inputs.first(where: { $0.spec.kind == .rows && $0.node >= 0 }
    ) {
      node = rows.node
    }
    return graph.nodes[node].description["shuffle"]?.boolean == true
  }
}
