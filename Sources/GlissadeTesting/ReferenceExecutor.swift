public import GlissadeGraph

/// Runs a table one task after another and forgets nothing: what every other way of running it must equal.
///
/// It is written without regard to speed and shares no code with the scheduler: it looks for the value that a use means by walking
/// back step by step.
public struct ReferenceExecutor<Value: Sendable> {
  private let table: TaskTable
  private let steps: Int
  private let once: (_ value: Int) -> Value
  private let initial: (_ value: Int) -> Value
  private let compute: (_ task: Int, _ step: Int, _ inputs: [Value?]) -> [Value]

  /// An executor of a run.
  ///
  /// - Parameters:
  ///   - once: The values of the prologue.
  ///   - initial: The initial versions of states.
  ///   - compute: The outputs of a task from its inputs, in the order of its uses; an input is nil where nothing is held yet.
  public init(
    table: TaskTable, steps: Int, once: @escaping (_ value: Int) -> Value,
    initial: @escaping (_ value: Int) -> Value,
    compute: @escaping (_ task: Int, _ step: Int, _ inputs: [Value?]) -> [Value]
  ) {
    self.table = table
    self.steps = steps
    self.once = once
    self.initial = initial
    self.compute = compute
  }

  /// All values of all steps, by step and number; nil where the producer was not due.
  ///
  /// Traps where the tasks of a step wait for each other.
  public func run() -> [[Value?]] {
    var made: [[Value?]] = []
    for step in 0..<steps {
      made.append([Value?](repeating: nil, count: table.valueCount))
      var left = (0..<table.taskCount).filter { table.isDue($0, step: step, of: steps) }
      while !left.isEmpty {
        let before = left.count
        left.removeAll { task in
          guard let inputs = inputs(of: task, in: step, from: made) else { return false }
          let outputs = compute(task, step, inputs)
          for (value, output) in zip(table.outputs(of: task), outputs) {
            made[step][value] = output
          }
          return true
        }
        precondition(left.count < before, "tasks \(left) of step \(step) wait for each other")
      }
    }
    return made
  }

  /// What a task reads; nil while something is not made yet.
  private func inputs(of task: Int, in step: Int, from made: [[Value?]]) -> [Value?]? {
    var inputs: [Value?] = []
    for use in table.uses(of: task) {
      let value = Int(use.value)
      switch use.time {
      case .once: inputs.append(once(value))
      case .held:
        var source = step - Int(use.lag)
        while source >= 0, made[source][value] == nil { source -= 1 }
        inputs.append(source >= 0 ? made[source][value] : nil)
      case .step:
        var source = step
        for _ in 0..<use.lag where source > Int(use.floor) { source -= 1 }
        if source < 0 {
          inputs.append(initial(value))
        } else if let input = made[source][value] {
          inputs.append(input)
        } else {
          return nil
        }
      }
    }
    return inputs
  }
}
