/// Files of at most 600 lines, functions of at most 120.
enum LengthRule {
  static let greatestFile = 600
  static let greatestFunction = 120

  static func offences(in text: SourceText) -> [Offence] {
    var offences: [Offence] = []
    let count = text.lines.last == "" ? text.lines.count - 1 : text.lines.count
    if count > greatestFile {
      offences.append(
        Offence(text.path, line: count, "a file of \(count) lines; the limit is \(greatestFile)"))
    }
    return offences + longFunctions(in: text)
  }

  /// A function reaches from its keyword to the brace that closes it; a requirement without a body has no length.
  private static func longFunctions(in text: SourceText) -> [Offence] {
    struct Function {
      let line: Int
      let depth: Int
      var hasBody = false
    }
    var functions: [Function] = []
    var depth = 0
    var offences: [Offence] = []
    for (index, line) in text.code.enumerated() {
      if beginsFunction(line) {
        // One that found no brace before the next began is a requirement of a protocol.
        if let last = functions.last, !last.hasBody { functions.removeLast() }
        functions.append(Function(line: index, depth: depth))
      }
      for byte in line.utf8 {
        if byte == UInt8(ascii: "{") {
          depth += 1
          if let last = functions.last, last.depth == depth - 1 {
            functions[functions.count - 1].hasBody = true
          }
        } else if byte == UInt8(ascii: "}") {
          depth -= 1
          while let last = functions.last, last.depth >= depth {
            functions.removeLast()
            let length = index - last.line + 1
            if last.hasBody, last.depth == depth, length > greatestFunction {
              offences.append(
                Offence(
                  text.path, line: last.line + 1,
                  "a function of \(length) lines; the limit is \(greatestFunction)"))
            }
          }
        }
      }
    }
    return offences
  }

  private static func beginsFunction(_ line: String) -> Bool {
    let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "@" || $0 == ".") }
    guard
      let keyword = words.first(where: { !modifiers.contains($0) && !$0.hasPrefix("@") })
    else { return false }
    return keyword == "func" || keyword == "init" || keyword == "deinit" || keyword == "subscript"
  }

  private static let modifiers: Set<Substring> = [
    "public", "package", "internal", "fileprivate", "private", "static", "class", "final",
    "override", "mutating", "nonmutating", "consuming", "borrowing", "convenience", "required",
    "nonisolated", "isolated", "unsafe", "__consuming", "async", "prefix", "postfix", "infix",
  ]
}
