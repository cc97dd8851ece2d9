import GlissadeStore
import GlissadeTensor
import GlissadeTesting
import Testing

/// A tensor to bytes and back, without files.
@Suite struct SpillCodecTests {
  private func encoded(_ tensor: Tensor, _ spec: SpillSpec, disk: Double = 1.2e9) -> [UInt8] {
    var coder = SpillCoder(
      chunkBytes: spec.chunkBytes, rates: SpillRates(diskBytesPerSecond: disk))
    return SpillCodec.encode(tensor, as: spec, using: &coder)
  }

  private func spec(
    _ tensor: Tensor, _ spillKey: SpillKey = key(1), chunkBytes: Int = 64 << 10
  ) -> SpillSpec {
    SpillSpec(key: spillKey, type: tensor.type, shape: tensor.shape, chunkBytes: chunkBytes)
  }

  private func decoded(_ bytes: [UInt8], _ spec: SpillSpec) throws(StoreError) -> Tensor {
    let result = bytes.withUnsafeBytes { file -> Result<Tensor, StoreError> in
      do throws(StoreError) {
        return .success(try SpillCodec.decode(file, expecting: spec))
      } catch { return .failure(error) }
    }
    return try result.get()
  }

  @Test(arguments: propertySeeds(0..<(runsEverything ? 400 : 60)))
  func anyTensorComesBackWithTheSameBits(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    for type in ScalarType.allCases {
      for filling in Filling.allCases {
        let tensor = random.tensor(type, random.shape(elements: 60_000), filling)
        let spec = spec(tensor, chunkBytes: SpillSpec.chunkSizes[random.number(0...1)])
        // A slow disk makes every way of coding worth while.
        let bytes = encoded(tensor, spec, disk: random.once(in: 2) ? 1e7 : 1.2e9)
        #expect(bytes.count <= spec.greatestFileBytes)
        let back = try decoded(bytes, spec)
        #expect(back.hasSameBits(as: tensor), "seed \(seed): \(type) \(tensor.shape) \(filling)")
      }
    }
  }

  /// Negative zeros and NaNs with a payload are bits like others.
  @Test func bitsThatLookLikeZeroAreKept() throws {
    var numbers = [Float](repeating: 0, count: 40_000)
    for index in stride(from: 0, to: numbers.count, by: 7) { numbers[index] = -0.0 }
    for index in stride(from: 3, to: numbers.count, by: 31) {
      numbers[index] = Float(bitPattern: 0x7FC0_1234)
    }
    let tensor = Tensor(numbers)
    let spec = spec(tensor)
    #expect(try decoded(encoded(tensor, spec), spec).hasSameBits(as: tensor))
  }

  /// What a sample decides: the measured kinds of data, each in the way that is the cheapest.
  @Test(arguments: [
    (Filling.noise, 1.2e9, SpillCoding.raw), (.halfZeros, 1.2e9, .packed),
    (.fewNonZeros, 1.2e9, .packed), (.ramp, 1.2e9, .shuffled), (.zeros, 1e8, .lz4),
    (.noise, 1e12, .raw), (.halfZeros, 1e12, .raw), (.ramp, 1e12, .raw),
  ])
  func aSampleDecides(filling: Filling, disk: Double, coding: SpillCoding) throws {
    var random = SeededGenerator(seed: 5)
    let tensor = random.tensor(.float32, Shape(200_000), filling)
    let spec = spec(tensor, chunkBytes: 256 << 10)
    let bytes = encoded(tensor, spec, disk: disk)
    let codings = try bytes.withUnsafeBytes {
      try SpillCodec.codings(in: $0, expecting: spec)
    }
    #expect(codings == Array(repeating: coding, count: 4))
  }

  /// Where one part of a tensor compresses and another does not, each chunk has its own way.
  @Test func eachChunkHasItsOwnCoding() throws {
    var random = SeededGenerator(seed: 6)
    let noise = random.tensor(.float32, Shape(16_384), .noise).elements(of: Float.self)
    let ramp = random.tensor(.float32, Shape(16_384), .ramp).elements(of: Float.self)
    let tensor = Tensor(noise + ramp + noise)
    let spec = spec(tensor)
    let codings = try encoded(tensor, spec).withUnsafeBytes {
      try SpillCodec.codings(in: $0, expecting: spec)
    }
    #expect(codings == [.raw, .shuffled, .raw])
  }

  /// All bits of small files, one after the other, in each way of coding.
  @Test(arguments: Filling.allCases)
  func everyFlippedBitIsSeen(filling: Filling) throws {
    var random = SeededGenerator(seed: 7)
    let tensor = random.tensor(.float32, Shape(900), filling)
    let spec = spec(tensor)
    var bytes = encoded(tensor, spec, disk: 1e7)
    var coder = SpillCoder(chunkBytes: spec.chunkBytes)
    var target = Tensor(.float32, tensor.shape)
    var unseen = 0
    for bit in 0..<bytes.count * 8 {
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      let seen = bytes.withUnsafeBytes { file in
        target.withMutableBytes { room in
          refusal { () throws(StoreError) in
            try SpillCodec.decode(file, expecting: spec, into: room, using: &coder)
          }
        }
      }
      if seen == nil { unseen += 1 }
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    }
    #expect(unseen == 0)
    #expect(bytes.count >= 8192)
  }

  /// Bytes changed, cut, added, swapped and repeated at random: an error each time, whatever it is called.
  @Test(arguments: propertySeeds(0..<(runsEverything ? 10_000 : 500)))
  func everyMutationIsSeen(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let type = ScalarType.allCases.randomElement(using: &random)!
    let filling = Filling.allCases.randomElement(using: &random)!
    let tensor = random.tensor(type, Shape(random.number(1...70_000)), filling)
    let spec = spec(tensor)
    let sound = encoded(tensor, spec, disk: random.once(in: 2) ? 1e7 : 1.2e9)
    for _ in 0..<10 {
      var bytes = sound
      mutate(&bytes, &random)
      if bytes == sound { continue }
      let error = refusal { () throws(StoreError) in _ = try decoded(bytes, spec) }
      #expect(error?.isLoss == true, "seed \(seed): \(type) of \(tensor.shape), \(filling)")
    }
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
    let place = random.number(0...bytes.count - 1)
    switch random.number(0...6) {
    case 0: bytes[place] ^= 1 << UInt8(random.number(0...7))
    case 1: bytes.removeLast(random.number(1...bytes.count))
    case 2: bytes += bytes.prefix(random.number(1...bytes.count))
    case 3: bytes.swapAt(place, random.number(0...bytes.count - 1))
    case 4:
      let end = random.number(place...bytes.count - 1)
      for index in place...end { bytes[index] = 0 }
    case 5:
      // Two blocks of the file change places.
      let last = bytes.count / 4096 - 1
      let (one, other) = (random.number(0...last) * 4096, random.number(0...last) * 4096)
      for index in 0..<4096 { bytes.swapAt(one + index, other + index) }
    default:
      for _ in 0..<random.number(2...20) {
        bytes[random.number(0...bytes.count - 1)] = UInt8.random(in: 0...255, using: &random)
      }
    }
  }

  /// The chunk of another key in the same place: of the same tensor one step before, say.
  @Test func aChunkOfAnotherStepIsDamage() throws {
    var random = SeededGenerator(seed: 8)
    let old = random.tensor(.float32, Shape(40_000), .noise)
    let new = random.tensor(.float32, Shape(40_000), .noise)
    let spec = spec(new, key(1, step: 8))
    let stale = encoded(old, self.spec(old, key(1, step: 7)))
    var bytes = encoded(new, spec)
    #expect(bytes.count == stale.count)
    bytes.replaceSubrange(4096..<4096 + (64 << 10), with: stale[4096..<4096 + (64 << 10)])
    guard
      case .damaged(_, let part)? = refusal({ () throws(StoreError) in
        _ = try decoded(bytes, spec)
      })
    else {
      Issue.record("a stale chunk passed")
      return
    }
    #expect(part == "chunk 0")
  }

  @Test func filesOfOtherTensorsAreNamed() throws {
    let tensor = Tensor([Float](repeating: 1, count: 100))
    let bytes = encoded(tensor, spec(tensor))
    func words(_ spec: SpillSpec, _ bytes: [UInt8]) -> String {
      refusal { () throws(StoreError) in _ = try decoded(bytes, spec) }?.description ?? "none"
    }
    #expect(
      words(spec(tensor, key(2)), bytes)
        == "the spill file 'in memory' holds value 1 of step 7 at place 3, and value 2 of step 7 "
        + "at place 3 was expected")
    #expect(
      words(spec(tensor.reshaped(Shape(10, 10))), bytes)
        == "the spill file 'in memory' holds a tensor of another shape, and float32 of [10, 10] "
        + "was expected")
    let otherRun = SpillKey(run: 1, value: 1, step: 7, place: 3)
    #expect(
      words(spec(tensor, otherRun), bytes)
        == "the file 'in memory' is none of this run's spill files: it is of another run")
    #expect(
      words(spec(tensor), [UInt8](repeating: 7, count: 8192))
        == "the file 'in memory' is none of this run's spill files: it does not begin as one")
    #expect(
      words(spec(tensor), [1, 2, 3])
        == "the spill file 'in memory' has 3 bytes, and 4096 were written")
  }
}
