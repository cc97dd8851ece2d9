public import GlissadeGraph
import GlissadeTensor

extension NodeView {
  /// The view as people read it, with the first values of each tensor.
  public var text: String {
    var head = name
    if !place.isEmpty { head += "[\(place)]" }
    head += step == 0 ? ", before step 1" : ", step \(step)"
    head += ": " + (kind == .rows ? counted(rows, "row") : kind.description)
    if rows > 0 && kind != .rows { head += ", from " + counted(rows, "row") }
    var lines = [head]
    for view in tensors { lines += view.lines }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The view as one map, for output as JSON; what is not finite is null.
  public var fields: AttributeValue {
    AttributeValue(
      .map([
        AttributeEntry("node", .init(.text(name))),
        AttributeEntry("place", .init(.text(place))),
        AttributeEntry("step", .init(.integer(step))),
        AttributeEntry("kind", .init(.text(kind.description))),
        AttributeEntry("rows", .init(.integer(rows))),
        AttributeEntry("tensors", .init(.list(tensors.map(\.fields)))),
      ]))
  }
}

extension NodeView.TensorView {
  /// How many elements are shown.
  private static var shown: Int { 8 }

  private var first: [Double] {
    let count = min(Self.shown, tensor.count)
    guard tensor.shape.rank > 0, tensor.count > 0 else { return tensor.doubles() }
    // Only as many rows as hold them, so that a large tensor is not copied.
    let inner = tensor.count / tensor.shape[0]
    return Array(tensor.rows(0..<(count + inner - 1) / inner).doubles().prefix(count))
  }

  fileprivate var lines: [String] {
    let numbers = [
      ("least", statistics.least), ("greatest", statistics.greatest), ("mean", statistics.mean),
      ("deviation", statistics.deviation),
    ].compactMap { word, value in value.map { "\(word) \(short($0))" } }
    var facts = numbers + ["zeros \(statistics.zeros)"]
    if statistics.nonFinite > 0 { facts.append("not finite \(statistics.nonFinite)") }
    let more = tensor.count > Self.shown ? ", …" : ""
    return [
      "  \(name)  \(tensor.type.rawValue) \(tensor.shape)",
      "    " + facts.joined(separator: "  "),
      "    " + first.map(short).joined(separator: ", ") + more,
    ]
  }

  fileprivate var fields: AttributeValue {
    func number(_ value: Double?) -> AttributeValue {
      AttributeValue(value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null)
    }
    return AttributeValue(
      .map([
        AttributeEntry("name", .init(.text(name))),
        AttributeEntry("type", .init(.text(tensor.type.rawValue))),
        AttributeEntry(
          "shape", .init(.list(tensor.shape.dimensions.map { .init(.integer($0)) }))),
        AttributeEntry("least", number(statistics.least)),
        AttributeEntry("greatest", number(statistics.greatest)),
        AttributeEntry("mean", number(statistics.mean)),
        AttributeEntry("deviation", number(statistics.deviation)),
        AttributeEntry("zeros", .init(.integer(statistics.zeros))),
        AttributeEntry("not_finite", .init(.integer(statistics.nonFinite))),
        AttributeEntry("first", .init(.list(first.map { number($0) }))),
      ]))
  }

  /// A number in at most seven digits: `0.1234567`, `12`, `1.5e-09`.
  private func short(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int(value))" }
    return "\(Float(value))"
  }
}
