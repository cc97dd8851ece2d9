public import GlissadeGraph
import GlissadeTensor

extension RunRecord {
  /// The time that each task took, over the whole run.
  public func timeHeat() -> TaskHeat {
    TaskHeat(
      once: once.nanoseconds.map { Double($0) * 1e-9 },
      steps: steps.nanoseconds.map { Double($0) * 1e-9 }, phrase: { duration($0) })
  }

  /// The bytes that each task made at most, over the whole run.
  public func bytesHeat(of plan: Plan) -> TaskHeat {
    func bytes(_ tasks: Plan.Tasks, _ record: TableRecord) -> [Double] {
      (0..<tasks.table.taskCount).map { task in
        let made = tasks.table.outputs(of: task).reduce(0.0) {
          $0 + Double(tasks.table.valueBytes[$1])
        }
        return made * Double(record.runs[task])
      }
    }
    return TaskHeat(
      once: bytes(plan.prologue, once), steps: bytes(plan.step, steps),
      phrase: { ByteCount(Int($0)).description })
  }
}
