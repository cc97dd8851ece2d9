import GlissadeSystem
import Testing

/// The known answers are the examples of FIPS 180-4 and of NIST's example values for SHA-256.
@Suite struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func givesTheKnownAnswers(text: String, digest: String) {
    #expect(SHA256.hash(text) == digest)
  }

  @Test func aMillionLettersInPieces() {
    let hash = SHA256()
    let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 997)
    var left = 1_000_000
    while left > 0 {
      let count = min(left, piece.count)
      piece.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
      left -= count
    }
    #expect(
      hash.finalize() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func aNumberIsEightLittleEndianBytes() {
    let number = SHA256()
    number.update(0x6867_6665_6463_6261 as UInt64)
    #expect(number.finalize() == SHA256.hash("abcdefgh"))
  }

  @Test func noBytesChangeNothing() {
    let hash = SHA256()
    hash.update("a")
    hash.update("")
    hash.update(UnsafeRawBufferPointer(start: nil, count: 0))
    hash.update("bc")
    #expect(hash.finalize() == SHA256.hash("abc"))
  }
}
