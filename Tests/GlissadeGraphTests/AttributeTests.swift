import GlissadeGraph
import Testing

/// What each type of attribute accepts, and what it says where it does not.
@Suite struct AttributeTests {
  @Test(
    arguments: [
      ("flag", "yes", "'flag' expects true or false, found the text 'yes'"),
      ("flag", 1, "'flag' expects true or false, found 1"),
      ("count", 0, "'count' expects a whole number from 1 to 10, found 0"),
      ("count", 2.5, "'count' expects a whole number from 1 to 10, found 2.5"),
      ("least", 1, "'least' expects a whole number of at least 2, found 1"),
      ("rate", 0, "'rate' expects a number greater than 0, found 0"),
      ("rate", "fast", "'rate' expects a number greater than 0, found the text 'fast'"),
      ("share", 1.5, "'share' expects a number from 0 to 1, found 1.5"),
      ("text", 3, "'text' expects a text, found 3"),
      ("text", "", "'text' expects a text, found the text ''"),
      (
        "word", "gren",
        "'word' expects one of red, green, found the text 'gren' [did you mean 'green'?]"
      ),
      ("node", 3, "'node' expects the name of a node, found 3"),
      (
        "node", ["form": "a"],
        "unknown attribute 'form' of the reference 'node' [did you mean 'from'?]"
      ),
      ("time", 3, "'time' expects a duration such as { steps: 1 }, found 3"),
      (
        "time", ["steps": 1, "epochs": 1],
        "'time' expects a duration such as { steps: 1 }, found a map"
      ),
      ("time", ["step": 1], "unknown attribute 'step' of 'time' [did you mean 'steps'?]"),
      (
        "time", ["steps": 0],
        "'steps' of 'time' expects a whole number from 1 to 1000000000, found 0"
      ),
      ("widths", 3, "'widths' expects a list of 1 to 3 items, found 3"),
      ("widths", [1, 2, 3, 4], "'widths' expects a list of 1 to 3 items, found 4 items"),
      ("widths", [1, 10], "item 2 of 'widths' expects a whole number from 1 to 9, found 10"),
      ("record", 1, "'record' expects a map with inner, found 1"),
      ("record", ["iner": 1], "unknown attribute 'iner' of 'record' [did you mean 'inner'?]"),
      ("table", ["a": "b"], "'a' of 'table' expects a number, found the text 'b'"),
      ("kind", 3, "'kind' expects one of plain, rich, later, found 3"),
      (
        "kind", "plian",
        "'kind' expects one of plain, rich, later, found the text 'plian' [did you mean 'plain'?]"
      ),
      ("kind", ["depth": 2], "'kind' needs the attribute 'kind'"),
      (
        "kind", ["kind": "rich", "depth": 9], "'depth' expects a whole number from 1 to 5, found 9"
      ),
      (
        "kind", ["kind": "plain", "depth": 1],
        "unknown attribute 'depth' of 'kind' 'plain', which has none"
      ),
      ("either", true, "'either' expects a whole number from 1 to 3, or a text, found true"),
      ("either", 4, "'either' expects a whole number from 1 to 3, found 4"),
      (
        "axes", [:],
        "'axes' expects axes such as { client: 100 } or { model: [small, large] }, found an empty map"
      ),
      ("axes", ["x": 0], "axis 'x' expects a size from 1 to 1000000, found 0"),
      ("axes", ["a.b": 2], "'a.b' cannot name an axis: 1 to 128 letters, digits, '_' and '-'"),
    ] as [(String, AttributeValue, String)])
  func whatIsWrongIsSaidWithWhatIsExpected(name: String, value: AttributeValue, message: String) {
    let found = errors([
      NodeDescription("o", operation: "oddities", attributes: [AttributeEntry(name, value)])
    ])
    #expect(found.first == message)
  }

  @Test(
    arguments: [
      ("flag", false), ("count", 10), ("least", 2), ("rate", 1e-9), ("rate", 3), ("share", 1),
      ("text", "x"), ("word", "red"), ("node", "o2"), ("node", ["from": "o2"]),
      ("from", "o2"), ("from", "models/a.safetensors"), ("time", ["steps": 5]),
      ("widths", [1, 9]), ("record", ["inner": 0]), ("table", ["a": 1, "b": 2.5]),
      ("kind", "plain"),
      ("kind", ["kind": "rich", "depth": 5]), ("kind", "rich"), ("either", 2), ("either", "x"),
      ("axes", ["x": 3, "y": ["a", "b"]]),
    ] as [(String, AttributeValue)])
  func whatIsRightIsAccepted(name: String, value: AttributeValue) {
    #expect(
      errors([
        NodeDescription("o", operation: "oddities", attributes: [AttributeEntry(name, value)]),
        node("o2", "source"),
      ]) == [])
  }

  @Test func whatIsNotBuiltIsKnownByName() throws {
    let found = try graph([node("o", "oddities", ["planned": true, "kind": "later"])])
    #expect(
      found.notBuilt.map(\.message) == [
        "attribute 'planned' of operation 'oddities' cannot be run by this version",
        "'kind' 'later' cannot be run by this version",
      ])
    #expect(found.notBuilt.allSatisfy { $0.category == .notBuilt })
  }

  @Test func controlCharactersAreMadeVisible() {
    #expect(
      errors([node("a", "so\u{1B}[31m\n")]) == [
        "unknown operation 'so\\u{1b}[31m\\n': expected one of those that 'glissade ops' lists"
      ])
  }
}
