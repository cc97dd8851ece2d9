/// Names a stream of random numbers by what it is for: the seed, the node, its place and the clock.
///
/// Never by thread, executor or attempt, so that a retry draws the same numbers.
public struct RandomKey: Sendable, Hashable {
  private var state: UInt64

  /// The key of everything that a seed governs.
  public init(seed: UInt64) { state = RandomKey.mix(seed &+ 0x9E37_79B9_7F4A_7C15) }

  /// The key for a name below this one: its UTF-8 bytes through FNV-1a, then mixed.
  public func deriving(_ name: String) -> RandomKey {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return deriving(hash)
  }

  /// The key for a number below this one: a place, a step, an epoch.
  public func deriving(_ number: UInt64) -> RandomKey {
    var next = self
    next.state = RandomKey.mix(state ^ RandomKey.mix(number &+ 0xD1B5_4A32_D192_ED03))
    return next
  }

  /// The key for a number below this one.
  public func deriving(_ number: Int) -> RandomKey { deriving(UInt64(bitPattern: Int64(number))) }

  /// The random numbers of this key.
  public var stream: Philox { Philox(key: state) }

  /// The finalizer of SplitMix64.
  ///
  /// G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
  static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
