private import func Glibc.exp2
import GlissadeGraph
import GlissadeSystem

/// How small tasks may be until the machine does less useful work than it could: the minimum effective granularity.
///
/// Tasks compute for a given time, without touching memory. The efficiency is the time that bare threads need for the
/// same work, each its share in one piece, by the time that the run took. Both are measured in turn, since the speed of
/// machines drifts. Records, retries and a memory budget, that of whole steps, are on, as in a run of the command line.
///
/// E. Slaughter, W. Wu, Y. Fu et al., "Task Bench: a parameterized benchmark for evaluating parallel runtime performance", SC 2020.
package struct GranularityBench: Sendable {
  /// The efficiency at one size of tasks.
  package struct Point: Sendable {
    /// The computing time of a task.
    package let nanoseconds: Double
    /// The share of the machine's time that was useful: the median of the runs.
    package let efficiency: Double
  }

  /// From large tasks to small ones.
  package let points: [Point]

  /// Measures a shape at sizes from 64 µs to 1/8 µs, each half of the one before, until less than half of the work is useful.
  package init(
    _ shape: TaskShape, threads: Int, decides: Decision, runs: Int, seconds: Double = 0.1
  ) throws {
    let rate = try GranularityBench.iterationsPerNanosecond()
    var points: [Point] = []
    var nanoseconds = 64_000.0
    while nanoseconds >= 125, points.last.map({ $0.efficiency > 0.45 }) ?? true {
      let iterations = Int(nanoseconds * rate)
      let count = max(2_000, Int(Double(threads) * seconds * 1e9 / nanoseconds))
      let plan = try shape.plan(tasks: count) { call in
        let end = GranularityBench.compute(iterations, seed: UInt64(call.place))
        if end == GranularityBench.otherEnd { throw KernelError("the chain ended") }
      }
      var options = RunOptions(threads: threads)
      options.recording = RunRecord.usualCapacity
      options.decides = decides
      options.memory = MemoryPlan(plan, threads: threads, windowDepth: options.windowDepth).bound
      let engine = Engine(plan, options: options)
      var found: [Double] = []
      for _ in 0..<runs {
        let result = try engine.run()
        let share = result.tasks * iterations / threads
        found.append(try GranularityBench.bareSeconds(threads, share) / result.seconds)
      }
      points.append(
        Point(nanoseconds: nanoseconds, efficiency: found.sorted()[found.count / 2]))
      nanoseconds /= 2
    }
    self.points = points
  }

  /// The smallest size at which that share of the work, or more, is useful, and at all larger ones; nil where there is none.
  ///
  /// Between two measured sizes the efficiency is taken to be linear in the logarithm of the size.
  package func least(efficiency: Double) -> Double? {
    guard let first = points.first, first.efficiency >= efficiency else { return nil }
    var before = first
    for point in points.dropFirst() {
      guard point.efficiency < efficiency else {
        before = point
        continue
      }
      let part = (before.efficiency - efficiency) / (before.efficiency - point.efficiency)
      return before.nanoseconds * exp2(-part)
    }
    return before.nanoseconds
  }

  /// A chain of multiplications that the compiler cannot shorten, and cannot drop as long as somebody asks how it ended.
  @inline(never)
  private static func compute(_ iterations: Int, seed: UInt64) -> UInt64 {
    var state = seed | 1
    for _ in 0..<iterations {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    }
    return state
  }

  /// The end of a chain that none of the seeds here leads to, which the compiler does not know.
  private static let otherEnd: UInt64 = 0xDEAD_BEEF_0BAD_CAFE

  /// The seconds that bare threads need for chains of a length, all at once.
  private static func bareSeconds(_ threads: Int, _ iterations: Int) throws(SystemError) -> Double {
    let begin = MonotonicClock.now()
    var started: [SystemThread] = []
    for number in 0..<threads {
      started.append(
        try SystemThread(name: "bare") {
          let end = compute(iterations, seed: UInt64(number))
          precondition(end != otherEnd, "the chain ended")
        })
    }
    for thread in started { thread.join() }
    return MonotonicClock.seconds(since: begin)
  }

  /// How many multiplications of the chain are made in a nanosecond: the best of five tries.
  private static func iterationsPerNanosecond() throws -> Double {
    let iterations = 400_000
    var best = UInt64.max
    for attempt in 0..<5 as Range<UInt64> {
      let begin = MonotonicClock.now()
      if compute(iterations, seed: attempt) == otherEnd { throw RunError("the chain ended") }
      best = min(best, MonotonicClock.now() - begin)
    }
    return Double(iterations) / Double(best)
  }
}
