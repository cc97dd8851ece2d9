/// What a run keeps of its evaluations, so that its memory does not grow with its steps: the newest, and the last of each
/// node and place.
struct EvaluationHistory: Sendable {
  /// How many of the newest are kept.
  static let capacity = 4_096

  /// By what is evaluated, the last one among those that are no longer kept.
  private var older: [Evaluation?]
  /// At most twice the capacity, so that room is made once for many.
  private var newest: [(subject: Int, evaluation: Evaluation)] = []
  /// How many there were in all.
  private(set) var count = 0

  /// Nothing yet; `subjects` is the number of nodes and places that are evaluated.
  init(subjects: Int) { older = Array(repeating: nil, count: subjects) }

  /// Notes an evaluation.
  ///
  /// O(1) on average.
  mutating func note(_ evaluation: Evaluation, of subject: Int) {
    if newest.count == 2 * Self.capacity {
      for (subject, evaluation) in newest.prefix(Self.capacity) { older[subject] = evaluation }
      newest.removeFirst(Self.capacity)
    }
    newest.append((subject, evaluation))
    count += 1
  }

  /// Those of all that were noted after the first `told` ones, as far as they are kept.
  func after(_ told: Int) -> [Evaluation] {
    newest.suffix(count - told).map(\.evaluation)
  }

  /// What is kept, in the order of the steps.
  var kept: [Evaluation] {
    var last = older
    for (subject, evaluation) in newest.dropLast(Self.capacity) { last[subject] = evaluation }
    for (subject, _) in newest.suffix(Self.capacity) { last[subject] = nil }
    return last.compactMap { $0 }.enumerated()
      .sorted { ($0.element.step, $0.offset) < ($1.element.step, $1.offset) }.map(\.element)
      + newest.suffix(Self.capacity).map(\.evaluation)
  }
}
