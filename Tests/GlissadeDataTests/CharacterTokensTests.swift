import GlissadeData
import GlissadeTensor
import Testing

@Suite struct CharacterTokensTests {
  @Test func scalarsAreNumberedInRisingOrder() throws {
    let text = try CharacterTokens.read("f", files: MemoryFiles(["f": "ba\r\né😀a"]))
    #expect(text.vocabulary == ["\n", "\r", "a", "b", "é", "😀"])
    #expect(text.tokens.type == .int32)
    #expect(text.tokens.elements(of: Int32.self) == [3, 2, 1, 0, 4, 5, 2])
  }

  @Test func aGivenVocabularyIsKept() throws {
    let files = MemoryFiles(["f": "ab\nxa"])
    let text = try CharacterTokens.read("f", vocabulary: ["x", "\n", "b", "a"], files: files)
    #expect(text.tokens.elements(of: Int32.self) == [3, 2, 1, 0, 3])
    #expect(
      complaint { try CharacterTokens.read("f", vocabulary: ["a", "b", "\n"], files: files) }
        == "f:2:1: the character 'x' is not in the vocabulary")
    for wrong in [["ab"], [""], ["a", "a"]] {
      #expect(
        complaint { try CharacterTokens.read("f", vocabulary: wrong, files: files) }
          .contains("entry \(wrong.count - 1) of the vocabulary"))
    }
  }

  @Test func whatIsNotUTF8IsRefusedAtItsPlace() throws {
    let files = MemoryFiles(["f": Array("ab\né".utf8) + [0xff]])
    #expect(
      complaint { try CharacterTokens.read("f", files: files) }
        == "f:2:2: the text is not UTF-8 from here on")
  }

  @Test func emptyAndTooLong() throws {
    let files = MemoryFiles(["f": "abc", "e": ""])
    #expect(try CharacterTokens.read("e", files: files).tokens.count == 0)
    #expect(
      complaint { try CharacterTokens.read("f", limit: 2, files: files) }.contains("limit is 2"))
  }

  @Test func damageNeverTraps() throws {
    try fuzz(Array("some text: é中😀\n".utf8), rounds: 2000) {
      _ = try CharacterTokens.read("f", files: $0)
    }
  }
}
