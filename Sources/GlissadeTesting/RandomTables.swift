public import GlissadeGraph

/// Random steps for simulations: layers, trees and training shapes with states, staleness, periodic tasks, held
/// and pinned values, under a random numbering.
public enum RandomTables {
  /// The table of a draw.
  ///
  /// It has 1 to about 40 tasks and is always one that a planner could make.
  public static func table(using generator: inout SeededGenerator) -> TaskTable {
    var sketch: TableSketch
    switch generator.number(0...3) {
    case 0: sketch = layers(using: &generator)
    case 1: sketch = tree(using: &generator)
    case 2:
      sketch = .training(
        shards: generator.number(1...6), bytes: generator.number(0...9),
        lag: generator.number(1...3))
    default:
      sketch = .training(shards: generator.number(1...4), bytes: generator.number(1...9))
      addEvaluation(to: &sketch, using: &generator)
    }
    if generator.once(in: 2) { addLateUses(to: &sketch, using: &generator) }
    return sketch.table(numbering: Array(sketch.entries.indices).shuffled(using: &generator))
  }

  /// Tasks that read a few of those before them, of their own period or a divisor of it.
  private static func layers(using generator: inout SeededGenerator) -> TableSketch {
    var sketch = TableSketch()
    for task in 0..<generator.number(1...16) {
      let period = generator.once(in: 4) ? generator.number(2...4) : 1
      var uses: [TableSketch.Use] = []
      for _ in 0..<generator.number(0...3) where task > 0 {
        let producer = generator.number(0...task - 1)
        guard period % sketch.entries[producer].period == 0 else { continue }
        let outputs = sketch.entries[producer].outputs.count
        if outputs > 0 { uses.append(.init(producer, output: generator.number(0...outputs - 1))) }
      }
      if generator.once(in: 5) { uses.append(.init(generator.number(0...3), time: .once)) }
      let outputs = (0..<generator.number(0...2)).map { _ in generator.number(0...20) }
      sketch.add(
        uses: uses, outputs: outputs, workspace: generator.number(0...5), period: period,
        cost: Float(generator.number(1...9)),
        pinned: outputs.isEmpty || !generator.once(in: 4) ? [] : [outputs.count - 1])
    }
    return sketch
  }

  /// Leaves, folded with a random fan-in.
  private static func tree(using generator: inout SeededGenerator) -> TableSketch {
    var sketch = TableSketch()
    let fanIn = generator.number(2...4)
    var level = (0..<generator.number(1...12)).map { _ in
      sketch.add(outputs: [generator.number(0...20)], workspace: generator.number(0...5))
    }
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: fanIn).map { first in
        let parts = level[first..<min(first + fanIn, level.count)]
        return sketch.add(
          uses: parts.map { .init($0) }, outputs: [generator.number(0...20)],
          pinned: level.count <= fanIn ? [0] : [])
      }
    }
    return sketch
  }

  /// Shards of an evaluation that is due now and then, its sum, and a task of each step that reads what the sum holds.
  private static func addEvaluation(
    to sketch: inout TableSketch, using generator: inout SeededGenerator
  ) {
    let update = sketch.entries.count - 1
    let period = generator.number(1...4)
    let scores = (0..<generator.number(1...3)).map { shard in
      sketch.add(uses: [.init(update), .init(shard, time: .once)], outputs: [2], period: period)
    }
    let sum = sketch.add(
      uses: scores.map { .init($0) }, outputs: [3], period: period, pinned: [0])
    let rate = sketch.add(
      uses: [.init(sum, lag: generator.number(1...5), time: .held)], outputs: [1])
    sketch.entries[update].uses.append(.init(rate))
    if generator.once(in: 2) {
      sketch.add(
        uses: [.init(sum, lag: generator.number(1...3), time: .held)], outputs: [],
        period: generator.number(1...3))
    }
  }

  /// Uses of earlier steps, of initial versions and of what is held.
  private static func addLateUses(
    to sketch: inout TableSketch, using generator: inout SeededGenerator
  ) {
    for _ in 0..<generator.number(1...5) {
      let reader = generator.number(0...sketch.entries.count - 1)
      let producer = generator.number(0...sketch.entries.count - 1)
      let outputs = sketch.entries[producer].outputs.count
      if outputs == 0 { continue }
      var use = TableSketch.Use(
        producer, output: generator.number(0...outputs - 1), lag: generator.number(1...4))
      if generator.once(in: 3) {
        use.time = .held
      } else {
        if sketch.entries[producer].period != 1 { continue }
        // In step 0 a floor of 0 makes this a use of the same step, which must not close a cycle.
        use.floor = sketch.mayRead(reader, producer) && generator.once(in: 2) ? 0 : -1
      }
      sketch.entries[reader].uses.append(use)
    }
  }
}

extension TableSketch {
  /// Whether a use of `producer` by `reader` in the same step closes no cycle, the uses that a floor of 0 clamps into step 0
  /// included.
  func mayRead(_ reader: Int, _ producer: Int) -> Bool {
    var seen: Set<Int> = [producer]
    var open = [producer]
    while let task = open.popLast() {
      if task == reader { return false }
      for use in entries[task].uses
      where use.time == .step && (use.lag == 0 || use.floor == 0) && seen.insert(use.task).inserted
      {
        open.append(use.task)
      }
    }
    return true
  }
}
