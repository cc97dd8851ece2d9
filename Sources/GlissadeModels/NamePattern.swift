/// A pattern over tensor names: `*` stands for any run of characters, `?` for one, all else for itself.
package struct NamePattern: Sendable, Hashable {
  private let pattern: [UInt8]

  /// A pattern.
  package init(_ text: String) { pattern = Array(text.utf8) }

  /// Whether the whole name fits.
  ///
  /// O(name · pattern), without recursion: only the last `*` is ever tried again.
  package func matches(_ name: String) -> Bool {
    let name = Array(name.utf8)
    var at = 0
    var inPattern = 0
    var retry: (name: Int, pattern: Int)?
    while at < name.count {
      if inPattern < pattern.count, pattern[inPattern] == UInt8(ascii: "*") {
        retry = (at, inPattern + 1)
        inPattern += 1
      } else if inPattern < pattern.count,
        pattern[inPattern] == UInt8(ascii: "?") || pattern[inPattern] == name[at]
      {
        at += 1
        inPattern += 1
      } else if let last = retry {
        retry = (last.name + 1, last.pattern)
        at = last.name + 1
        inPattern = last.pattern
      } else {
        return false
      }
    }
    return pattern[inPattern...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
