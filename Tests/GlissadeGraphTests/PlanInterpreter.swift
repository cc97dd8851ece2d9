import GlissadeGraph
import GlissadeTensor

/// Runs a plan by the book, one task after another, so that tests see values and not only tables.
struct PlanInterpreter {
  private let plan: Plan
  private var once: [Value]
  /// By step, from -1, the values of the table.
  private var versions: [[Value?]]

  init(_ plan: Plan, steps: Int) throws {
    self.plan = plan
    once = [Value](repeating: Value(), count: plan.prologue.table.valueCount)
    versions = [[Value?](repeating: nil, count: plan.step.table.valueCount)]
    for task in Self.order(plan.prologue.table) {
      let found = try run(task, of: plan.prologue, step: -1) { [once] in once[Int($0.value)] }
      for (value, output) in zip(plan.prologue.table.outputs(of: task), found) {
        once[value] = output
      }
    }
    for initial in plan.initials { versions[0][initial.step] = once[initial.prologue] }
    let order = Self.order(plan.step.table)
    for step in 0..<steps {
      versions.append([Value?](repeating: nil, count: plan.step.table.valueCount))
      for task in order where plan.step.table.isDue(task, step: step, of: plan.steps) {
        let found = try run(task, of: plan.step, step: step) { self.read($0, at: step) }
        for (value, output) in zip(plan.step.table.outputs(of: task), found) {
          versions[step + 1][value] = output
        }
      }
    }
  }

  /// The numbers of a port after the steps that were run.
  func numbers(_ reference: String, place: Int = 0) -> [Double]? {
    guard let port = plan.graph.port(reference) else { return nil }
    switch plan.address(of: port, place: place) {
    case .once(let value)?: return TinyOperations.numbers(once[value])
    case .step(let value)?:
      return versions.lazy.reversed().compactMap { $0[value] }.first.map(TinyOperations.numbers)
    case nil: return nil
    }
  }

  private func read(_ use: ValueUse, at step: Int) -> Value {
    let value = Int(use.value)
    switch use.time {
    case .once: return once[value]
    case .step: return versions[max(step - Int(use.lag), Int(use.floor)) + 1][value]!
    case .held:
      let last = step - Int(use.lag)
      return (0...max(0, last + 1)).reversed().lazy.compactMap { versions[$0][value] }.first
        ?? Value()
    }
  }

  private func run(
    _ task: Int, of tasks: Plan.Tasks, step: Int, read: (ValueUse) -> Value
  ) throws -> [Value] {
    let uses = Array(tasks.table.uses(of: task))
    var inner: [Value] = []
    var last: [Value] = []
    for member in tasks.members(of: task) {
      let stage = plan.graph.nodes[Int(member.node)].shape.stages[Int(member.stage)]
      let first = Int(member.firstInput)
      let inputs = tasks.inputs[first..<first + Int(member.inputCount)].map { input in
        input < 0 ? inner[Int(-1 - input)] : read(uses[Int(input)])
      }
      last = stage.outputs.map { specs in
        Value(specs[Int(member.place)].tensors.map { Tensor($0.type, $0.shape) })
      }
      try KernelCall.run(
        stage.kernel!, place: Int(member.place), step: step, inputs: inputs,
        bounds: stage.treeFanIn == nil ? Array(0...inputs.count) : [0, inputs.count],
        outputs: &last, isRoot: member.isRoot)
      inner += last
    }
    return last
  }

  /// The tasks, each after what it reads within the step.
  private static func order(_ table: TaskTable) -> [Int] {
    var isDone = [Bool](repeating: false, count: table.taskCount)
    var order: [Int] = []
    for root in 0..<table.taskCount {
      var stack = [root]
      while let task = stack.last {
        let missing = table.uses(of: task).filter { $0.time == .step && $0.lag == 0 }
          .map { Int(table.producer[Int($0.value)]) }.filter { !isDone[$0] }
        if missing.isEmpty {
          stack.removeLast()
          if !isDone[task] { order.append(task) }
          isDone[task] = true
        } else {
          stack += missing
        }
      }
    }
    return order
  }
}
