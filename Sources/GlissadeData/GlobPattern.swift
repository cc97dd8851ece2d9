/// A file name with wildcards: `*` any run of characters, `?` any one, `[a-z]` one of a set,
/// `[!a-z]` one outside it.
struct GlobPattern {
  private enum Part {
    case literal(Unicode.Scalar)
    case anyOne
    case anyRun
    case set([ClosedRange<Unicode.Scalar>], negated: Bool)
  }

  private let parts: [Part]

  /// Whether a name has wildcards at all.
  static func isPattern(_ name: some StringProtocol) -> Bool {
    name.unicodeScalars.contains { "*?[".unicodeScalars.contains($0) }
  }

  /// A pattern; a `[` without its `]` stands for itself.
  init(_ text: some StringProtocol) {
    let scalars = Array(text.unicodeScalars)
    var parts: [Part] = []
    var index = 0
    while index < scalars.count {
      switch scalars[index] {
      case "*": parts.append(.anyRun)
      case "?": parts.append(.anyOne)
      case "[":
        if let (set, after) = GlobPattern.set(in: scalars, from: index) {
          parts.append(set)
          index = after
          continue
        }
        parts.append(.literal("["))
      case let other: parts.append(.literal(other))
      }
      index += 1
    }
    self.parts = parts
  }

  private static func set(in scalars: [Unicode.Scalar], from start: Int) -> (Part, Int)? {
    var index = start + 1
    let negated = index < scalars.count && (scalars[index] == "!" || scalars[index] == "^")
    if negated { index += 1 }
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    // A `]` in the first place is a member.
    while index < scalars.count && (scalars[index] != "]" || ranges.isEmpty) {
      let low = scalars[index]
      if index + 2 < scalars.count, scalars[index + 1] == "-", scalars[index + 2] != "]" {
        let high = scalars[index + 2]
        ranges.append(min(low, high)...max(low, high))
        index += 3
      } else {
        ranges.append(low...low)
        index += 1
      }
    }
    guard index < scalars.count, !ranges.isEmpty else { return nil }
    return (.set(ranges, negated: negated), index + 1)
  }

  /// Whether a name matches as a whole.
  ///
  /// A leading dot must be written. O(name × pattern).
  func matches(_ name: String) -> Bool {
    let scalars = Array(name.unicodeScalars)
    if scalars.first == "." {
      guard case .literal(".") = parts.first else { return false }
    }
    var (part, index) = (0, 0)
    // Where to go on when the part after the last `*` fails: that run takes one character more.
    var retry: (part: Int, index: Int)?
    while index < scalars.count {
      if part < parts.count, case .anyRun = parts[part] {
        retry = (part + 1, index)
        part += 1
      } else if part < parts.count, accepts(parts[part], scalars[index]) {
        part += 1
        index += 1
      } else if let last = retry {
        retry = (last.part, last.index + 1)
        (part, index) = (last.part, last.index + 1)
      } else {
        return false
      }
    }
    return parts[part...].allSatisfy { if case .anyRun = $0 { true } else { false } }
  }

  private func accepts(_ part: Part, _ scalar: Unicode.Scalar) -> Bool {
    switch part {
    case .literal(let wanted): wanted == scalar
    case .anyOne, .anyRun: true
    case .set(let ranges, let negated): ranges.contains { $0.contains(scalar) } != negated
    }
  }
}
