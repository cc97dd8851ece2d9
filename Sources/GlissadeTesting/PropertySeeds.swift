import GlissadeSystem

/// The seeds of a property test: the one of `GLISSADE_SEED` alone, where it is given, so that a failure that printed its
/// seed can be run again by itself.
public func propertySeeds(_ seeds: Range<UInt64>) -> Range<UInt64> {
  guard let text = Machine.environment("GLISSADE_SEED"), let seed = UInt64(text) else {
    return seeds
  }
  return seed..<seed + 1
}
