import GlissadeFormat
import GlissadeGraph
import Testing

/// Random descriptions, made from a seed.
struct RandomGraph {
  var generator: SeededGenerator

  mutating func graph() -> GraphDescription {
    GraphDescription(
      name: "g" + name(), seed: Bool.random(using: &generator) ? generator.next() : 0,
      needs: entries(most: 3) { random in AttributeValue(.integer(random.integer())) }
        .map { AttributeEntry("acme." + name(), $0.value) }.uniqued(),
      nodes: nodes(depth: 0), run: entries(most: 4) { $0.value(depth: 0) },
      outputs: entries(most: 4) { $0.value(depth: 0) })
  }

  private mutating func nodes(depth: Int) -> [NodeDescription] {
    var names: Set<String> = []
    return (0..<pick(6)).compactMap { _ in
      let name = name()
      guard names.insert(name).inserted else { return nil }
      let hasBody = depth < 3 && pick(5) == 0
      return NodeDescription(
        name, operation: "op." + self.name(),
        attributes: entries(most: 6) { $0.value(depth: 0) }
          .filter { $0.key != "op" && $0.key != "nodes" },
        body: hasBody ? nodes(depth: depth + 1) : nil)
    }
  }

  private mutating func entries(
    most: Int, _ value: (inout RandomGraph) -> AttributeValue
  ) -> [AttributeEntry] {
    (0..<pick(most + 1)).map { _ in
      AttributeEntry(pick(3) == 0 ? String(text().unicodeScalars.prefix(20)) : name(), value(&self))
    }.uniqued()
  }

  mutating func value(depth: Int) -> AttributeValue {
    switch pick(depth < 4 ? 8 : 6) {
    case 0: AttributeValue(pick(4) == 0 ? .null : .boolean(Bool.random(using: &generator)))
    case 1: AttributeValue(.integer(integer()))
    case 2: AttributeValue(.number(number()))
    case 3, 4, 5: AttributeValue(.text(text()))
    case 6: AttributeValue(.list((0..<pick(5)).map { _ in value(depth: depth + 1) }))
    default: AttributeValue(.map(entries(most: 4) { $0.value(depth: depth + 1) }))
    }
  }

  mutating func integer() -> Int {
    let word = Int(truncatingIfNeeded: generator.next())
    return pick(2) == 0 ? word : word >> 50
  }

  private mutating func number() -> Double {
    if pick(2) == 0 { return Double(integer() >> 40) / 100 }
    let value = Double(bitPattern: generator.next())
    return value.isFinite ? value : 0.1
  }

  private mutating func name() -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_-")
    return String((0..<1 + pick(8)).map { _ in letters[pick(letters.count)] })
  }

  /// Texts of all that YAML might take for something else.
  private mutating func text() -> String {
    let pieces = [
      "a", "Zebra", " ", "  ", ":", ": ", "#", " #", "-", "- ", "?", "? ", ",", "[", "]", "{", "}",
      "&", "*", "!", "|", ">", "'", "\"", "%", "@", "`", "\\", "\n", "\r", "\t", "\0", "\u{1B}",
      "\u{7F}", "\u{85}", "\u{A0}", "\u{2028}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}", "é", "e\u{301}",
      "日", "😀", "\u{1F468}\u{200D}\u{1F469}", "\u{10FFFF}", "\u{E000}", "true", "null", "~", "0",
      "1.5", "e3", "0x1F", ".inf", ".nan", "<<", "=", "---", "...", "/", ".", "_", "+", "on",
    ]
    return (0..<pick(5)).map { _ in pieces[pick(pieces.count)] }.joined()
  }

  private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &generator) }
}

extension [AttributeEntry] {
  /// The entries without those whose key came before.
  fileprivate func uniqued() -> [AttributeEntry] {
    var keys: Set<String> = []
    return filter { keys.insert($0.key).inserted }
  }
}

/// What is written reads back equal, whatever it is.
@Suite struct RandomGraphTests {
  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func readsBackEqual(seed: UInt64) throws {
    print("random graphs of seed \(seed)")
    var random = RandomGraph(generator: SeededGenerator(seed: seed))
    for index in 0..<100 {
      let graph = random.graph()
      let yaml = GraphWriter.yaml(graph)
      let json = GraphWriter.json(graph)
      let hash = CanonicalForm.sha256(of: graph)
      do throws(GraphError) {
        let (fromYAML, fromJSON) = (try read(yaml), try read(json))
        #expect(fromYAML == graph, "seed \(seed), graph \(index):\n\(yaml)")
        #expect(fromJSON == graph, "seed \(seed), graph \(index):\n\(json)")
        #expect(CanonicalForm.sha256(of: fromYAML) == hash, "seed \(seed), graph \(index)")
        #expect(CanonicalForm.sha256(of: fromJSON) == hash, "seed \(seed), graph \(index)")
      } catch {
        Issue.record("seed \(seed), graph \(index): \(error)\n\(yaml)\n\(json)")
      }
    }
  }
}
