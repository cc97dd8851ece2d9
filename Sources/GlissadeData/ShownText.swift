/// A text with its control characters written as `\u{1B}`, so that a terminal shows and does not
/// obey them.
func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
      result += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// A text from a file in quotes, cut to at most 40 characters: `'abc'`.
func shown(_ text: some StringProtocol) -> String {
  let start = text.prefix(40)
  return "'" + escaped(String(start)) + (start.endIndex == text.endIndex ? "'" : "…'")
}

/// Bytes from a file in quotes, read as UTF-8 and repaired where they are none.
func shown(_ bytes: some Collection<UInt8>) -> String {
  shown(String(decoding: bytes.prefix(200), as: UTF8.self))
}

/// A list of names for a message: `'a', 'b', 'c' and 61 more`.
func shownList(_ names: some Collection<String>) -> String {
  let start = names.prefix(6).map { shown($0) }.joined(separator: ", ")
  return names.count > 6 ? start + " and \(names.count - 6) more" : start
}

/// Orders texts by their UTF-8 bytes, which is the same on every machine and in Python's `sorted`.
func precedesInBytes(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}
