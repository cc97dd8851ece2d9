/// Counter-based random numbers: Philox4×32 with 10 rounds.
///
/// J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
/// A draw is a pure function of key and counter: no state, so no thread or retry can change it.
public struct Philox: Sendable {
  private let key: (UInt32, UInt32)

  /// The stream of a 64-bit key.
  public init(key: UInt64) {
    self.key = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
  }

  /// The four 32-bit words at a 128-bit counter.
  @inlinable
  public func words(_ high: UInt64, _ low: UInt64) -> (UInt32, UInt32, UInt32, UInt32) {
    let counter = (
      UInt32(truncatingIfNeeded: low), UInt32(truncatingIfNeeded: low >> 32),
      UInt32(truncatingIfNeeded: high), UInt32(truncatingIfNeeded: high >> 32)
    )
    return rounds(counter)
  }

  @usableFromInline
  func rounds(_ counter: (UInt32, UInt32, UInt32, UInt32)) -> (UInt32, UInt32, UInt32, UInt32) {
    var (c0, c1, c2, c3) = counter
    var (k0, k1) = key
    for _ in 0..<10 {
      let first = UInt64(0xD251_1F53) * UInt64(c0)
      let second = UInt64(0xCD9E_8D57) * UInt64(c2)
      (c0, c1, c2, c3) = (
        UInt32(truncatingIfNeeded: second >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: first)
      )
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return (c0, c1, c2, c3)
  }

  /// 64 random bits at a counter.
  public func bits(_ high: UInt64, _ low: UInt64) -> UInt64 {
    let (w0, w1, _, _) = words(high, low)
    return UInt64(w1) << 32 | UInt64(w0)
  }

  /// A number in [0, 1) with 24 random bits.
  public func uniform(_ high: UInt64, _ low: UInt64) -> Float {
    Float(words(high, low).0 >> 8) * 0x1p-24
  }

  /// A whole number in 0..<bound, without bias to 2⁻⁶⁴ (Lemire's multiplication).
  public func below(_ bound: Int, _ high: UInt64, _ low: UInt64) -> Int {
    Int(bits(high, low).multipliedFullWidth(by: UInt64(bound)).high)
  }
}
