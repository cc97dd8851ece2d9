/// A task of a run: a task of the table in one step. One word, so that threads can hand it on in one move.
package struct TaskID: Sendable, Hashable, Comparable, BitwiseCopyable, CustomStringConvertible {
  @usableFromInline package var stepBits: UInt32
  /// The number of the task in the table.
  package var index: Int32

  /// The step, from 0 to `greatestStep`.
  @inlinable package var step: Int { Int(stepBits) }

  /// The greatest step: 2³² − 1.
  package static let greatestStep = Int(UInt32.max)

  /// A task in a step.
  @inlinable
  package init(step: Int, index: Int) {
    stepBits = UInt32(step)
    self.index = Int32(index)
  }

  /// The task behind a word.
  @inlinable
  package init(word: UInt64) {
    stepBits = UInt32(truncatingIfNeeded: word >> 32)
    index = Int32(truncatingIfNeeded: word)
  }

  /// The task as a word.
  @inlinable package var word: UInt64 { UInt64(stepBits) << 32 | UInt64(UInt32(bitPattern: index)) }

  /// Earlier steps first, then the numbering of the table.
  package static func < (left: TaskID, right: TaskID) -> Bool {
    (left.stepBits, left.index) < (right.stepBits, right.index)
  }

  /// `task 4 of step 7`.
  package var description: String { "task \(index) of step \(step)" }
}
