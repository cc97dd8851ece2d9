import GlissadeFormat
import GlissadeGraph
import Testing

/// Damaged files end in a description or in findings whose places are inside the file.
@Suite struct MutationTests {
  @Test(arguments: goldenNames)
  func damagedFilesEndWell(name: String) throws {
    let seed: UInt64 = 20_261_123
    print("mutations of \(name) with seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let yaml = try goldenBytes(name)
    let json = Array(try GraphWriter.json(GraphReader.read(yaml, file: name)).utf8)
    for index in 0..<250 {
      let bytes = mutated(index % 2 == 0 ? yaml : json, using: &generator)
      let text = String(decoding: bytes, as: UTF8.self)
      do throws(GraphError) {
        let graph = try GraphReader.read(bytes, file: name)
        #expect(try read(GraphWriter.yaml(graph)) == graph, "seed \(seed), mutation \(index)")
      } catch {
        #expect(!error.diagnostics.isEmpty)
        for diagnostic in error.diagnostics {
          #expect(
            isInside(diagnostic.position, bytes),
            "seed \(seed), mutation \(index): \(diagnostic)\n\(text)")
        }
        #expect(!DiagnosticPrinter.text(error, source: { _ in text }).isEmpty)
      }
    }
  }

  /// One to four changes: bytes replaced, removed, put in or copied from elsewhere.
  private func mutated(_ original: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    var bytes = original
    let special = Array("{}[]:,#&*!|>'\"%@`-? \n\r\t\\\u{0}\u{7F}é0.".utf8) + [0x80, 0xFF, 0xC2]
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let place = Int.random(in: 0..<max(1, bytes.count), using: &generator)
      guard place < bytes.count else { return bytes }
      let count = min(Int.random(in: 1...20, using: &generator), bytes.count - place)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0: bytes[place] = special[Int.random(in: 0..<special.count, using: &generator)]
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
      case 2: bytes.removeSubrange(place..<place + count)
      case 3:
        bytes.insert(special[Int.random(in: 0..<special.count, using: &generator)], at: place)
      case 4: bytes.removeLast(bytes.count - place)
      default:
        let target = Int.random(in: 0...bytes.count, using: &generator)
        bytes.insert(contentsOf: Array(bytes[place..<place + count]), at: target)
      }
    }
    return bytes
  }

  /// Whether a position is in a line of the file, at most one column behind its end.
  private func isInside(_ position: SourcePosition?, _ bytes: [UInt8]) -> Bool {
    guard let position else { return false }
    var lengths = [0]
    var previous = UInt8(0)
    for byte in bytes {
      if byte == 0x0A && previous == 0x0D {
      } else if byte == 0x0A || byte == 0x0D {
        lengths.append(0)
      } else if byte & 0xC0 != 0x80 {
        lengths[lengths.count - 1] += 1
      }
      previous = byte
    }
    guard lengths.indices.contains(position.line - 1) else { return false }
    return (1...lengths[position.line - 1] + 1).contains(position.column)
  }
}
