/// Which tensor a spill file holds: one value of one run, at one step and one place of its axes.
///
/// A value that is computed again under the same key has the same bits, so a key names the content.
public struct SpillKey: Sendable, Hashable, CustomStringConvertible {
  /// A number of this run that no other run has.
  public let run: UInt64
  /// The index of the value, and of the tensor within it, as the run counts them.
  public let value: UInt64
  /// The step that computed it.
  public let step: UInt64
  /// The place on the value's axes.
  public let place: UInt64

  /// A key from its parts.
  public init(run: UInt64, value: UInt64, step: UInt64, place: UInt64) {
    self.run = run
    self.value = value
    self.step = step
    self.place = place
  }

  /// For messages: `value 4 of step 7 at place 0`.
  public var description: String { "value \(value) of step \(step) at place \(place)" }
}
