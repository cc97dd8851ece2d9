/// The closest of some names, where it is close enough that it was surely meant.
///
/// Damerau–Levenshtein distance (optimal string alignment), at most a third of the length. O(names · length²), and a few
/// nanoseconds for a name whose length alone is too far off.
public func closest(to word: String, among names: [String]) -> String? {
  let found = Array(word.utf8)
  guard found.count <= 64 else { return nil }
  var wanted: [UInt8] = []
  var rows = AlignmentRows(width: found.count + 4)
  var best: (name: String, distance: Int)?
  var tied = false
  // Whoever writes the beginning of a name may mean that one as well as one that differs by a letter.
  var begun: (first: String, isOnly: Bool)?
  for name in names {
    let count = name.utf8.count
    if count > found.count + 1, name.hasPrefix(word) {
      begun = (begun?.first ?? name, begun == nil)
    }
    let most = min(max(1, count / 3), best?.distance ?? .max)
    guard abs(count - found.count) <= min(3, most) else { continue }
    wanted.removeAll(keepingCapacity: true)
    wanted.append(contentsOf: name.utf8)
    guard let distance = rows.distance(found, wanted, most: most) else { continue }
    if distance == best?.distance { tied = true }
    if best.map({ distance < $0.distance }) ?? true { (best, tied) = ((name, distance), false) }
  }
  if let best, best.distance > 0, let begun, !begun.isOnly || begun.first != best.name {
    return nil
  }
  return tied ? nil : best?.name
}

/// Some names for a message, at most eight of them: `a, b, c, …`.
public func listed(_ names: some Sequence<String>) -> String {
  let first = Array(names.prefix(9))
  return first.prefix(8).joined(separator: ", ") + (first.count > 8 ? ", …" : "")
}

/// `did you mean 'NAME'?`, where one of the names was surely meant.
public func suggestion(for word: String, among names: [String]) -> String? {
  closest(to: word, among: names).map { "did you mean '\($0)'?" }
}

/// The rows of the table of distances that the next one needs, kept from word to word.
private struct AlignmentRows {
  private var beforeLast: [Int]
  private var last: [Int]
  private var row: [Int]

  /// Rows for words of fewer bytes than `width`.
  init(width: Int) {
    beforeLast = Array(repeating: 0, count: width)
    last = beforeLast
    row = beforeLast
  }

  /// The distance between two words; nil where it is more than `most`.
  mutating func distance(_ a: [UInt8], _ b: [UInt8], most: Int) -> Int? {
    for j in 0...b.count { row[j] = j }
    for i in a.indices {
      // Three rows go round.
      swap(&beforeLast, &last)
      swap(&last, &row)
      row[0] = i + 1
      var least = row[0]
      for j in b.indices {
        var distance = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          distance = min(distance, beforeLast[j - 1] + 1)
        }
        row[j + 1] = distance
        least = min(least, distance)
      }
      // A transposition reaches back over one row, and costs one.
      if least > most + 1 { return nil }
    }
    return row[b.count] <= most ? row[b.count] : nil
  }
}
