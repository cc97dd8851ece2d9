/// Words that may not stand in the project, or only with a reason beside them.
enum WordRules {
  /// Marks of unfinished work.
  ///
  /// Put together here, so that this file does not offend itself.
  static let unfinished = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]

  /// No mark of unfinished work, in code, comment or text.
  static func unfinishedOffences(path: String, lines: [String]) -> [Offence] {
    lines.enumerated().flatMap { index, line in
      unfinished.filter { containsWord($0, in: line) }
        .map { Offence(path, line: index + 1, "\($0): finish it, or file an issue") }
    }
  }

  /// Output belongs to the command line.
  static func printOffences(in text: SourceText) -> [Offence] {
    guard !text.path.hasPrefix("Sources/glissade/") else { return [] }
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

  /// Names of functions that are called, as bare words: not as members, and not where they are declared.
  static func calls(
    _ names: [String], in text: SourceText, message: (String) -> String
  ) -> [Offence] {
    text.code.enumerated().flatMap { index, line in
      names.filter { name in
        var rest = line[...]
        while let found = rest.firstRange(of: name + "(") {
          let before = line[..<found.lowerBound]
          if !(before.last.map(isWordCharacter) ?? false), before.last != ".",
            !before.hasSuffix("func ")
          {
            return true
          }
          rest = rest[found.upperBound...]
        }
        return false
      }
      .map { Offence(text.path, line: index + 1, message($0)) }
    }
  }

  static func containsWord(_ word: String, in line: String) -> Bool {
    var rest = line[...]
    while let found = rest.firstRange(of: word) {
      let before = line[..<found.lowerBound].last
      let after = line[found.upperBound...].first
      if !(before.map(isWordCharacter) ?? false), !(after.map(isWordCharacter) ?? false) {
        return true
      }
      rest = rest[found.upperBound...]
    }
    return false
  }

  private static func isWordCharacter(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  private static func isBlank(_ line: String) -> Bool { line.allSatisfy { $0 == " " } }
}
