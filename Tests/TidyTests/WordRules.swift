/// Words that may not stand in the project, or only with a reason beside them.
enum WordRules {
  /// Marks of unfinished work.
  ///
  /// Put together here, so that this file does not offend itself.
  static let unfinished: Set = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]

  /// No mark of unfinished work, in code, comment or text.
  static func unfinishedOffences(path: String, lines: [String]) -> [Offence] {
    lines.enumerated().flatMap { index, line in
      words(in: line).filter { unfinished.contains($0.text) }
        .map { Offence(path, line: index + 1, "\($0.text): finish it, or file an issue") }
    }
  }

  /// Output belongs to the command line.
  static func printOffences(in text: SourceText) -> [Offence] {
    guard !text.path.hasPrefix("Sources/glissade") else { return [] }
    return calls(["print", "debugPrint", "dump"], in: text) { "\($0)( outside the command line" }
  }

  /// What may end the process or skip a check needs its reason on the line.
  static func trapOffences(in text: SourceText) -> [Offence] {
    let phrases = ["try!", "as!", "fatalError(", "nonisolated(unsafe)"]
    return text.code.enumerated().flatMap { index, line in
      phrases.filter { line.contains($0) && isBlank(text.comments[index]) }
        .map { Offence(text.path, line: index + 1, "\($0) without a comment on its line") }
    }
  }

  /// A promise to the compiler names its reason: a comment that mentions it, on the line or in the eight above.
  static func promiseOffences(in text: SourceText) -> [Offence] {
    text.code.enumerated().compactMap { index, line in
      guard line.contains("@unchecked Sendable") else { return nil }
      let above = text.comments[max(0, index - 8)...index]
      guard !above.contains(where: { $0.contains("@unchecked Sendable") }) else { return nil }
      return Offence(
        text.path, line: index + 1, "@unchecked Sendable without its reason in the 8 lines above")
    }
  }

  /// Calls of functions by their bare names: not as members, and not where they are declared.
  static func calls(
    _ names: Set<String>, in text: SourceText, message: (String) -> String
  ) -> [Offence] {
    text.code.enumerated().flatMap { index, line in
      var previous = ""
      return words(in: line).compactMap { word -> Offence? in
        defer { previous = word.text }
        guard names.contains(word.text), word.after == UInt8(ascii: "("),
          word.before != UInt8(ascii: "."), previous != "func"
        else { return nil }
        return Offence(text.path, line: index + 1, message(word.text))
      }
    }
  }

  /// A run of letters, digits, underscores and bytes beyond ASCII, with the bytes on its two sides.
  struct Word {
    let text: String
    let before: UInt8?
    let after: UInt8?
  }

  /// The words of a line in their order.
  ///
  /// O(bytes), whatever number of names is looked for among them.
  static func words(in line: String) -> [Word] {
    let bytes = Array(line.utf8)
    var words: [Word] = []
    var start: Int?
    for index in 0...bytes.count {
      let continues = index < bytes.count && isWordByte(bytes[index])
      if continues {
        start = start ?? index
      } else if let first = start {
        words.append(
          Word(
            text: String(decoding: bytes[first..<index], as: UTF8.self),
            before: first > 0 ? bytes[first - 1] : nil,
            after: index < bytes.count ? bytes[index] : nil))
        start = nil
      }
    }
    return words
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  private static func isBlank(_ line: String) -> Bool { line.utf8.allSatisfy { $0 == 32 } }
}
