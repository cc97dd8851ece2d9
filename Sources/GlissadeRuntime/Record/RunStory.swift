public import GlissadeGraph
import GlissadeSchedule

/// The story of one task of a run: why here, why then, what it waited for. Told from the record of the run and the plan.
///
/// - Complexity: O(tasks + events) to read a record, O(uses + events) a story.
public struct RunStory: Sendable {
  /// A task that the story is about, or one beside it.
  public struct Moment: Sendable {
    /// What it is: `grad[train=2], step 17`.
    public let name: String
    /// When and where it ran; nil where the record does not hold it.
    public let event: TaskEvent?
  }

  /// The task.
  public let moment: Moment
  /// Whether it is computed once, before the first step.
  public let isOnce: Bool
  /// What its value is for: the operations of its members.
  public let operations: [String]
  /// How long it runs on average, in nanoseconds, and how often it ran.
  public let average: (nanoseconds: Double, runs: Int)?
  /// What it read of its own and earlier steps, in the order of its inputs, each once.
  public let waitedFor: [Moment]
  /// What a task of a step read of what was computed before the first one, each once.
  public let onceInputs: [Moment]
  /// How long it waited for memory and for the disk while a worker stood idle, in nanoseconds.
  public let idle: (memory: Int, disk: Int)
  /// What its worker did before.
  public let before: Moment?
  /// What the other workers did when it began.
  public let beside: [Moment]
  /// Who read what it made. Who reads it in every step has no event.
  public let readBy: [Moment]
  /// Whether some of them read it in every step.
  public let isReadToTheEnd: Bool
  /// Its place in the order of the tasks of its step, from 1, and how many there are.
  public let rank: (place: Int, of: Int)

  /// The story of a task.
  ///
  /// - Parameters:
  ///   - task: Its name, as `plan.name(of:in:)` gives it.
  ///   - step: The step, from 1; nil for the first that the record holds, or for what is computed once.
  /// - Throws: `RunError` where there is no such task, or the record does not hold it.
  public init(of task: String, step: Int?, plan: Plan, record: RunRecord) throws(RunError) {
    let index = RunStoryIndex(plan, record)
    let (number, isOnce) = try index.find(task)
    let tasks = isOnce ? plan.prologue : plan.step
    let table = isOnce ? record.once : record.steps
    let event = try index.event(of: number, named: task, step: step, isOnce)
    let at = event.step
    func beside(_ other: TaskEvent) -> Moment {
      Moment(name: index.name(of: other.task, other.step, isOnce), event: other)
    }
    moment = beside(event)
    self.isOnce = isOnce
    operations = tasks.members(of: number).map { plan.graph.nodes[Int($0.node)].operation.name }
    average =
      table.runs[number] > 0
      ? (Double(table.nanoseconds[number]) / Double(table.runs[number]), table.runs[number]) : nil
    let sources = index.sources(of: number, at, isOnce)
    waitedFor = sources.filter { $0.isOnce == isOnce }.map(index.moment)
    onceInputs = sources.filter { $0.isOnce != isOnce }.map(index.moment)
    idle = table.waits.reduce(into: (0, 0)) { sum, wait in
      guard wait.task == number, wait.step == at else { return }
      sum.0 += wait.memory
      sum.1 += wait.disk
    }
    let events = table.events
    before = events.last { $0.worker == event.worker && $0.end <= event.start }
      .map(beside)
    self.beside = events.filter {
      $0.worker != event.worker && $0.start <= event.start && $0.end > event.start
    }.map(beside)
    let steady = isOnce ? index.steadyReaders(of: number) : []
    readBy = index.readers(of: number, at, isOnce).map(index.moment) + steady
    isReadToTheEnd = !steady.isEmpty
    let ranks = Priorities.order(of: tasks.table)
    rank = (Int(ranks[number]) + 1, tasks.table.taskCount)
  }
}
