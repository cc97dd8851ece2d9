/// A task of a run: a task of the table in one step.
package struct TaskID: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The step, from 0.
  package var step: Int
  /// The number of the task in the table.
  package var index: Int32

  /// A task in a step.
  package init(step: Int, index: Int) {
    self.step = step
    self.index = Int32(index)
  }

  /// Earlier steps first, then the numbering of the table.
  package static func < (left: TaskID, right: TaskID) -> Bool {
    (left.step, left.index) < (right.step, right.index)
  }

  /// `task 4 of step 7`.
  package var description: String { "task \(index) of step \(step)" }
}
