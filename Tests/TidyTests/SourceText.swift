/// A source file split into its lines, each of them as written, as code alone and as comment alone.
///
/// In `code` comments and the insides of string literals are blanks, so that a rule about words finds neither prose nor
/// messages; in `comments` everything else is.
struct SourceText {
  /// From the root of the repository: `Sources/GlissadeTensor/Shape.swift`.
  let path: String
  let lines: [String]
  let code: [String]
  let comments: [String]

  /// Splits Swift source.
  ///
  /// O(bytes), no recursion: what is open is kept on a stack.
  init(path: String, swift source: String) {
    var splitter = Splitter(bytes: Array(source.utf8))
    splitter.run()
    func split(_ bytes: [UInt8]) -> [String] {
      bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
    }
    self.path = path
    lines = split(splitter.bytes)
    code = split(splitter.code)
    comments = split(splitter.comments)
  }
}

private struct Splitter {
  /// What stands open at a place of the text, innermost last.
  enum Open {
    /// `/* … */`; these nest.
    case comment
    /// A string literal that ends with `quotes` quotation marks and `hashes` number signs.
    case string(quotes: Int, hashes: Int)
    /// `\( … )` within a string: code again, until its parentheses close.
    case interpolation(depth: Int)
  }

  let bytes: [UInt8]
  var code: [UInt8]
  var comments: [UInt8]
  private var place = 0
  private var open: [Open] = []

  init(bytes: [UInt8]) {
    self.bytes = bytes
    let blank = bytes.map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
    code = blank
    comments = blank
  }

  mutating func run() {
    while place < bytes.count {
      switch open.last {
      case .comment: stepInComment()
      case .string(let quotes, let hashes): stepInString(quotes: quotes, hashes: hashes)
      case .interpolation, nil: stepInCode()
      }
    }
  }

  private func sees(_ text: StaticString, at index: Int? = nil) -> Bool {
    let start = index ?? place
    guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
    return text.withUTF8Buffer { bytes[start..<start + $0.count].elementsEqual($0) }
  }

  private mutating func takeCode(_ count: Int) {
    for index in place..<place + count { code[index] = bytes[index] }
    place += count
  }

  private mutating func takeComment(_ count: Int) {
    for index in place..<place + count { comments[index] = bytes[index] }
    place += count
  }

  private mutating func stepInComment() {
    if sees("*/") {
      open.removeLast()
      takeComment(2)
    } else if sees("/*") {
      open.append(.comment)
      takeComment(2)
    } else {
      takeComment(1)
    }
  }

  private mutating func stepInString(quotes: Int, hashes: Int) {
    if sees("\\"), run(of: "#", from: place + 1, atMost: hashes) == hashes {
      if sees("(", at: place + 1 + hashes) {
        open.append(.interpolation(depth: 0))
        takeCode(2 + hashes)
      } else {
        place += min(2 + hashes, bytes.count - place)
      }
    } else if run(of: "\"", from: place, atMost: quotes) == quotes,
      run(of: "#", from: place + quotes, atMost: hashes) == hashes
    {
      open.removeLast()
      takeCode(quotes + hashes)
    } else {
      place += 1
    }
  }

  private mutating func stepInCode() {
    if sees("//") {
      var end = place
      while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
      takeComment(end - place)
      return
    }
    if sees("/*") {
      open.append(.comment)
      takeComment(2)
      return
    }
    let hashes = run(of: "#", from: place, atMost: 255)
    if sees("\"", at: place + hashes) {
      let quotes = sees("\"\"\"", at: place + hashes) ? 3 : 1
      open.append(.string(quotes: quotes, hashes: hashes))
      takeCode(hashes + quotes)
      return
    }
    if case .interpolation(let depth) = open.last {
      let next = depth + (sees("(") ? 1 : sees(")") ? -1 : 0)
      if next < 0 { open.removeLast() } else { open[open.count - 1] = .interpolation(depth: next) }
    }
    takeCode(1)
  }

  private func run(of byte: Unicode.Scalar, from start: Int, atMost limit: Int) -> Int {
    var count = 0
    while count < limit, start + count < bytes.count, bytes[start + count] == UInt8(ascii: byte) {
      count += 1
    }
    return count
  }
}
