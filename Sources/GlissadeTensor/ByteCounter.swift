import Synchronization

/// Counts the bytes that are held, and the most that ever were at one time.
public final class ByteCounter: Sendable {
  private let held = Atomic<Int>(0)
  private let greatest = Atomic<Int>(0)

  /// A counter at zero.
  public init() {}

  /// The bytes that are held now.
  public var current: Int { held.load(ordering: .relaxed) }

  /// The most bytes that were held at one time.
  public var peak: Int { greatest.load(ordering: .relaxed) }

  /// Counts bytes that were taken.
  public func add(_ bytes: Int) {
    let now = held.wrappingAdd(bytes, ordering: .relaxed).newValue
    var peak = greatest.load(ordering: .relaxed)
    while now > peak {
      let (isSet, found) = greatest.weakCompareExchange(
        expected: peak, desired: now, ordering: .relaxed)
      if isSet { return }
      peak = found
    }
  }

  /// Counts bytes that were given back.
  public func subtract(_ bytes: Int) { held.wrappingSubtract(bytes, ordering: .relaxed) }
}
