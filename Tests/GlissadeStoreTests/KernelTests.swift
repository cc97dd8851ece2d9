import CSpill
import GlissadeTesting
import Testing

/// The inner loops of spill files before the plainest loop that does the same.
@Suite struct KernelTests {
  private func bytes(_ count: Int, zeros: Int, _ random: inout SeededGenerator) -> [UInt8] {
    (0..<count).map { _ in
      random.number(1...100) <= zeros ? 0 : UInt8.random(in: 1...255, using: &random)
    }
  }

  @Test(arguments: [4, 8], 0..<200)
  func theShuffleIsATransposition(width: Int, count: Int) {
    var random = SeededGenerator(seed: UInt64(count))
    let input = bytes(count * width, zeros: 0, &random)
    var shuffled = [UInt8](repeating: 0, count: input.count)
    glissade_spill_shuffle(width, count, input, &shuffled)
    var expected: [UInt8] = []
    for byte in 0..<width {
      for element in 0..<count { expected.append(input[element * width + byte]) }
    }
    #expect(shuffled == expected)
    var back = [UInt8](repeating: 0, count: input.count)
    glissade_spill_unshuffle(width, count, shuffled, &back)
    #expect(back == input)
  }

  @Test(arguments: [4, 8], [0, 3, 20, 50, 80, 97, 100])
  func packingKeepsEveryElementAndNoZero(width: Int, zeros: Int) {
    for count in [1, 2, 63, 64, 65, 127, 128, 1000, 4096] {
      var random = SeededGenerator(seed: UInt64(count * 101 + zeros))
      var input: [UInt8] = []
      for _ in 0..<count {
        input += [UInt8](repeating: random.number(1...100) <= zeros ? 0 : 9, count: width)
      }
      let kept = stride(from: 0, to: input.count, by: width).count { input[$0] != 0 }
      #expect(glissade_spill_zeros(width, count, input) == count - kept)
      var packed = [UInt8](repeating: 0, count: (count + 63) / 64 * 8 + (count + 1) * width)
      let size = glissade_spill_pack(width, count, input, &packed)
      #expect(size == (count + 63) / 64 * 8 + kept * width)
      // Exactly so many bytes, so that AddressSanitizer sees a read behind them.
      let exact = Array(packed.prefix(size))
      var back = [UInt8](repeating: 7, count: input.count)
      #expect(glissade_spill_unpack(width, count, exact, size, &back) == 1)
      #expect(back == input)
      #expect(glissade_spill_unpack(width, count, exact, size - 1, &back) == 0)
      #expect(glissade_spill_unpack(width, count, exact + [1], size + 1, &back) == 0)
    }
  }

  /// Whatever the bitmap says, nothing is read or written out of bounds.
  @Test(arguments: propertySeeds(0..<300))
  func unpackingNoiseEnds(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let count = random.number(1...300)
    let width = random.once(in: 2) ? 4 : 8
    let input = bytes(random.number(0...count * width), zeros: 30, &random)
    var output = [UInt8](repeating: 0, count: count * width)
    let sound = glissade_spill_unpack(width, count, input, input.count, &output)
    #expect(sound == 0 || input.count >= (count + 63) / 64 * 8)
  }

  @Test func theChecksumSeesOrderCountSeedAndEveryBit() {
    var random = SeededGenerator(seed: 3)
    for count in [0, 1, 7, 8, 63, 64, 65, 128, 1000] {
      var input = bytes(count, zeros: 10, &random)
      let sum = glissade_spill_checksum(input, count, 1)
      var copy = [UInt8](repeating: 0, count: count)
      #expect(glissade_spill_copy(&copy, input, count, 1) == sum)
      #expect(copy == input)
      #expect(glissade_spill_checksum(input, count, 2) != sum)
      #expect(glissade_spill_checksum(input + [0], count + 1, 1) != sum)
      for bit in 0..<count * 8 {
        input[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(glissade_spill_checksum(input, count, 1) != sum)
        input[bit / 8] ^= 1 << UInt8(bit % 8)
      }
      // The highest bits of two words of one lane, and two words that change places.
      if count >= 128 {
        input[7] ^= 128
        input[71] ^= 128
        #expect(glissade_spill_checksum(input, count, 1) != sum)
        input[7] ^= 128
        input[71] ^= 128
        for byte in 0..<8 { input.swapAt(byte, 64 + byte) }
        #expect(glissade_spill_checksum(input, count, 1) != sum)
      }
    }
  }
}
