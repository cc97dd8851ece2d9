import GlissadeGraph

extension NodeView {
  /// The number of a place that is given as text: `train=2, model=conv`, a label or number alone on one axis, or none.
  static func place(_ text: String?, on axes: [Axis], of name: String) throws(RunError) -> Int {
    guard let text else { return 0 }
    guard !axes.isEmpty else {
      throw RunError("'\(name)' is single and has no places", reason: .request)
    }
    var indices = [Int](repeating: 0, count: axes.count)
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map(trimmed)
      let index: Int?
      switch sides.count {
      case 1: index = axes.count == 1 ? 0 : nil
      case 2: index = axes.firstIndex { $0.name == sides[0] }
      default: index = nil
      }
      guard let index, let word = sides.last else {
        throw RunError(
          "'\(escaped(text))' is no place of '\(name)', whose axes are \(axes.phrase); "
            + "a place is written \(axes.placePhrase(0))", reason: .request)
      }
      let axis = axes[index]
      guard let found = axis.labels?.firstIndex(of: word) ?? Int(word),
        (0..<axis.size).contains(found)
      else {
        let places = axis.labels?.joined(separator: ", ") ?? "0 to \(axis.size - 1)"
        throw RunError(
          "axis '\(axis.name)' has no place '\(escaped(word))'; it has \(places)",
          reason: .request)
      }
      indices[index] = found
    }
    return zip(axes, indices).reduce(0) { $0 * $1.0.size + $1.1 }
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
