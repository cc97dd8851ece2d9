import Foundation

/// A graph file with one token made wrong.
struct Mutant: CustomStringConvertible {
  /// What happens to a token.
  enum Kind: String, CaseIterable {
    case dropped, doubled, misspelt, mistyped, misplaced
  }

  /// A word or a sign of a text.
  private struct Token {
    var range: Range<Int>
    var text: String
    var isWord: Bool
  }

  /// The whole text.
  let text: String
  /// What happened to the token.
  let kind: Kind
  /// The token as it was.
  let original: String
  /// What stands in its place.
  let replacement: String
  /// The line of the token, from 1.
  let line: Int
  /// Whether the token gives the text its structure: brackets, commas and colons.
  let isStructure: Bool
  /// Whether the token is a key: what others may refer to.
  let isKey: Bool

  var description: String { "line \(line): \(kind) '\(original)' became '\(replacement)'" }

  /// The words that stand for axes, places and nodes of other graphs.
  private static let strangers = [
    "train", "client", "block", "member", "chosen", "model", "nowhere", "weights", "batch", "mean",
  ]
  /// Values of all types.
  private static let values = [
    "0", "-1", "1.5", "1e999", "99999999999999999999", "9223372036854775807", "true", "null",
    "\"\"",
    "[]", "{}", "[1, two]", "{ kind: none }", "word", "\"\\u0007\"", "~", "0x10", ".nan",
  ]

  /// A mutant of a text: one token of what is no comment.
  init(of source: String, _ random: inout SeededRandom) {
    let scalars = Array(source.unicodeScalars)
    let kind = random.one(of: Kind.allCases)
    let tokens = Self.tokens(of: scalars).filter { token in
      switch kind {
      case .dropped, .doubled: true
      case .misspelt, .mistyped: token.isWord
      case .misplaced: token.isWord && token.text.contains { $0.isLetter }
      }
    }
    let token = random.one(of: tokens)
    switch kind {
    case .dropped: replacement = ""
    case .doubled: replacement = token.text + " " + token.text
    case .misspelt: replacement = Self.misspelt(token.text, &random)
    case .mistyped: replacement = random.one(of: Self.values)
    case .misplaced: replacement = random.one(of: Self.strangers)
    }
    self.kind = kind
    original = token.text
    isStructure = !token.isWord
    isKey = scalars[token.range.upperBound...].first { $0 != " " } == ":"
    line = 1 + scalars[..<token.range.lowerBound].count { $0 == "\n" }
    var mutated = String.UnicodeScalarView(scalars[..<token.range.lowerBound])
    mutated.append(contentsOf: replacement.unicodeScalars)
    mutated.append(contentsOf: scalars[token.range.upperBound...])
    text = String(mutated)
  }

  /// Whether one of some findings is in the line of the token, or leads to it where it cannot be there.
  ///
  /// It cannot be there in five cases. A map or list that was left open goes on to where the next text does not fit: the
  /// finding says in which line it begins, which is that of the token or one before it. A key without its colon is a text
  /// that goes on in the next line: the finding stands there, and says to look at the line before. A key that got another name is right where it stands: those that refer to the
  /// old name are wrong, or the second key of the new name is, which says where the first one stands. A reference that
  /// became one to another node may close a cycle: the finding stands where the cycle begins, and names the nodes on it.
  /// Where a label of an axis is another one, values by label have one too few: the finding names the labels.
  func isPointedAt(by findings: [(line: Int?, text: String)]) -> Bool {
    findings.contains { finding in
      if finding.line == line { return true }
      if isStructure {
        let opened = finding.text.components(separatedBy: " that begins in line ").dropFirst().first
        let first = opened.flatMap { Int($0.prefix { $0 != "," }) }
        return (first.map { $0 <= line } ?? false) && finding.line ?? 0 > line
          || original == ":" && finding.line == line + 1
            && finding.text.contains("for a ':' that the line before lacks")
      }
      if isKey {
        return finding.text.contains("'\(original)'")
          || finding.text.contains("is given twice: first in line \(line), ")
      }
      return finding.text.contains(replacement)
        && (finding.text.contains("a cycle: ") || finding.text.contains(" each of the places "))
    }
  }

  private static func tokens(of scalars: [Unicode.Scalar]) -> [Token] {
    var tokens: [Token] = []
    var index = 0
    func isWord(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || "_-./*".unicodeScalars.contains(scalar)
    }
    while index < scalars.count {
      let start = index
      index += 1
      if scalars[start] == "#" {
        while index < scalars.count, scalars[index] != "\n" { index += 1 }
      } else if isWord(scalars[start]) {
        while index < scalars.count, isWord(scalars[index]) { index += 1 }
        add(isWord: true)
      } else if !scalars[start].properties.isWhitespace {
        add(isWord: false)
      }
      func add(isWord: Bool) {
        let text = String(String.UnicodeScalarView(scalars[start..<index]))
        tokens.append(Token(range: start..<index, text: text, isWord: isWord))
      }
    }
    return tokens
  }

  private static func misspelt(_ word: String, _ random: inout SeededRandom) -> String {
    var letters = Array(word)
    let place = random.number(0...letters.count - 1)
    switch random.number(0...3) {
    case 0 where letters.count > 1: letters.remove(at: place)
    case 1 where place + 1 < letters.count && letters[place] != letters[place + 1]:
      letters.swapAt(place, place + 1)
    case 2: letters.insert(letters[place], at: place)
    default: letters[place] = letters[place] == "q" ? "z" : "q"
    }
    return String(letters)
  }
}
