import Foundation
import Glissade
import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime
import GlissadeSystem
import GlissadeTensor
import GlissadeTesting
import Testing

/// A budget is kept, and changes nothing but the time.
@Suite struct MemoryTests {
  /// A perceptron over compressed images: its data, gradients and optimizer state all are worth moving.
  static let text = """
    glissade: 1
    name: clothes
    seed: 7
    nodes:
      images: { op: shard, source: data/fashion6k/train-images-idx3-ubyte.gz,
        labels: data/fashion6k/train-labels-idx1-ubyte.gz, count: 6 }
      train: { op: scale, of: images, by: { kind: constant, divisor: 255 } }
      batch: { op: batch, of: train, size: 1000 }
      weights: { op: parameters, model: { kind: mlp, hidden: [48] } }
      grad: { op: gradient, at: weights, data: batch, loss: cross-entropy }
      mean: { op: reduce, of: grad, over: images, by: mean }
      step: { op: update, of: weights, with: mean, optimizer: { kind: adam, rate: 0.01 } }
      score: { op: evaluate, at: weights, data: train, metrics: [accuracy], every: { epochs: 1 } }
    run: { until: { epochs: 1 } }
    outputs: { weights: w.safetensors }
    """

  /// The same over places that are read again from NPY files, all rows in every step.
  static func wholeRows(_ directory: String, isScaled: Bool = false) -> String {
    let data = isScaled ? "seen" : "rows"
    let scale =
      isScaled ? "  seen: { op: scale, of: rows, by: { kind: constant, divisor: 2 } }" : ""
    return """
      glissade: 1
      name: rows
      seed: 7
      nodes:
        rows: { op: shard, source: \(directory)/features.npy, labels: \(directory)/labels.npy, count: 12 }
      \(scale)
        weights: { op: parameters, model: { kind: mlp, hidden: [32] } }
        grad: { op: gradient, at: weights, data: \(data), loss: cross-entropy }
        mean: { op: reduce, of: grad, over: rows, by: mean }
        step: { op: update, of: weights, with: mean, optimizer: { kind: momentum, rate: 0.1, momentum: 0.9 } }
        score: { op: evaluate, at: weights, data: \(data), metrics: [accuracy], every: { steps: 2 } }
      run: { until: { steps: 4 } }
      outputs: { weights: w.safetensors }
      """
  }

  /// A run under a budget, in a directory of its own that must be empty when it is over.
  private func run(
    _ graph: Graph, memory: Int?, threads: Int = 2, files: any FileSystem = LocalFileSystem()
  ) throws -> RunResult {
    let scratch = try TestDirectory()
    var options = RunOptions(threads: threads, windowDepth: 3)
    options.memory = memory.map { ByteCount($0) }
    options.spillDirectory = scratch.path
    options.spillFiles = files
    defer {
      let left = (try? FileManager.default.contentsOfDirectory(atPath: scratch.path)) ?? []
      #expect(left == [], "left behind")
    }
    return try Engine(try Plan(expanding: graph), options: options).run()
  }

  private func hash(_ result: RunResult, _ graph: Graph) -> String? {
    WeightsHash.hash(result, graph: graph)
  }

  private func smallest(_ graph: Graph, threads: Int) throws -> Int {
    MemoryPlan(try Plan(expanding: graph), threads: threads, windowDepth: 3).smallest.bytes
  }

  /// All budgets from the smallest on, threads and disks: one hash, and never a byte more than was allowed.
  @Test(arguments: [1, 2], [false, true])
  func everyBudgetGivesTheSameBits(threads: Int, isSlow: Bool) throws {
    let graph = try graph(Self.text)
    let free = try run(graph, memory: nil, threads: threads)
    let need = free.memory.peakBytes
    let least = try smallest(graph, threads: threads)
    let disk = AlteredDisk(
      onWrite: { _ in if isSlow { usleep(500) } }, onRead: { _, _ in if isSlow { usleep(500) } })
    var moved = 0
    for budget in [need * 3 / 4, need / 2, need / 4, least + 50_000, least] where budget >= least {
      let result = try run(graph, memory: budget, threads: threads, files: disk)
      #expect(hash(result, graph) == hash(free, graph), "\(budget) bytes")
      #expect(result.memory.peakBytes <= budget)
      #expect(result.loss == free.loss)
      moved += result.memory.total.readBackBytes
    }
    #expect(moved > 0, "nothing was spilled between \(least) and \(need) bytes")
    #expect(throws: GraphError.self) {
      _ = try run(graph, memory: least - 1, threads: threads).steps
    }
  }

  /// Budgets × threads × disks: one hash.
  @Test(arguments: shippedGraphs, [false, true])
  func shippedGraphsHaveOneHashUnderEveryBudget(name: String, isSlow: Bool) throws {
    let scratch = try TestDirectory()
    let data = try TestDirectory()
    let graph = try ShippedGraph.make(name, data)
    var hashes: Set<String?> = []
    for threads in [1, 2] {
      let free = try run(graph, memory: nil, threads: threads)
      hashes.insert(hash(free, graph))
      var options = RunOptions(threads: threads)
      options.spillDirectory = scratch.path
      options.spillFiles = AlteredDisk(
        onWrite: { _ in if isSlow { usleep(200) } }, onRead: { _, _ in if isSlow { usleep(200) } })
      let least = try options.smallestMemory(of: graph).bytes
      for budget in [free.memory.peakBytes / 2, free.memory.peakBytes / 4, least]
      where budget >= least {
        options.memory = ByteCount(budget)
        let fitted = try options.fitted(graph)
        let result = try Engine(try Plan(expanding: fitted), options: options).run()
        hashes.insert(hash(result, fitted))
        #expect(result.memory.peakBytes <= budget)
      }
    }
    #expect(hashes.count == 1 && hashes.first != nil)
  }

  private static let shippedGraphs =
    ["digits", "out-of-core"] + (hasFashion && runsEverything ? ["fashion-mnist"] : [])

  /// Rows that nothing needs before the first step are read when a step needs them, and not before it.
  @Test(arguments: [false, true])
  func rowsAreNotReadAheadOfTheirUse(isScaled: Bool) throws {
    let directory = try TestDirectory()
    try NumbersOnDisk.write(rows: 40_000, features: 64, classes: 4, to: directory.path)
    let text = Self.wholeRows(directory.path, isScaled: isScaled)
      .replacingOccurrences(of: "steps: 4", with: "steps: 1")
      .replacingOccurrences(of: "every: { steps: 2 }", with: "every: { steps: 1 }")
    let graph = try graph(text)
    let free = try run(graph, memory: nil)
    let result = try run(graph, memory: try smallest(graph, threads: 2))
    #expect(hash(result, graph) == hash(free, graph))
    // The gradients read each row once, and the evaluation behind the step once.
    let bytes = 40_000 * (64 + 1) * 4
    #expect(result.memory.total.rereadBytes <= 2 * bytes + 1 << 16)
    #expect(result.memory.total.rereadBytes >= bytes)
  }

  /// The same of CSV and of gzip, which are parsed once, at their first use, and then written; what is wrong in them is said at
  /// its place, as without a budget.
  @Test(arguments: [false, true])
  func textIsNotReadAheadOfItsUse(isCompressed: Bool) throws {
    let directory = try TestDirectory()
    let path = directory(isCompressed ? "rows.csv.gz" : "rows.csv")
    let header = ((0..<40).map { "x\($0)" } + ["kind"]).joined(separator: ",")
    func write(_ rows: [String]) throws {
      let text = Data((header + "\n" + rows.joined(separator: "\n") + "\n").utf8)
      try text.write(to: URL(fileURLWithPath: directory("rows.csv")))
      guard isCompressed else { return }
      let gzip = Process()
      gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
      gzip.arguments = ["-kf", directory("rows.csv")]
      try gzip.run()
      gzip.waitUntilExit()
    }
    let some = (0..<600).map { row in
      (0..<40).map { "\((row * 7 + $0 * 13) % 89)," }.joined() + "k\(row % 4)"
    }
    var rows = Array(repeatElement(some, count: 60).joined())
    try write(rows)
    func graph(steps: Int) throws -> Graph {
      try GlissadeTests.graph(
        """
        glissade: 1
        name: text
        nodes:
          rows: { op: shard, source: \(path), label: kind, count: 10 }
          weights: { op: parameters, model: softmax }
          grad: { op: gradient, at: weights, data: rows }
          mean: { op: reduce, of: grad, over: rows, by: mean }
          step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.01 } }
        run: { until: { steps: \(steps) } }
        outputs: { weights: w.safetensors }
        """)
    }
    let bytes = 36_000 * 41 * 4
    for steps in [1, 3] {
      let graph = try graph(steps: steps)
      let free = try run(graph, memory: nil)
      let result = try run(graph, memory: try smallest(graph, threads: 2))
      #expect(hash(result, graph) == hash(free, graph))
      #expect(result.memory.total.rereadBytes == bytes)
      if steps == 1 {
        #expect(result.memory.total.readBackBytes == 0)
      } else {
        #expect(result.memory.total.readBackBytes > 0)
      }
    }
    rows[31_000] = "many" + rows[31_000].drop { $0 != "," }
    try write(rows)
    let wrong = try graph(steps: 2)
    let free = try #require(throws: RunError.self) { try run(wrong, memory: nil) }
    let bounded = try #require(throws: RunError.self) {
      try run(wrong, memory: try smallest(wrong, threads: 2))
    }
    #expect(bounded.description == free.description)
    #expect(bounded.reason == .content)
    #expect(bounded.findings.first?.position?.line == 31_002)
  }

  /// What a record notes of waiting adds up to what the report says, and a task's story tells its part.
  @Test func waitingIsNotedByRun() throws {
    let scratch = try TestDirectory()
    let plan = try Plan(expanding: try graph(Self.text))
    var options = RunOptions(threads: 2, windowDepth: 3)
    options.spillDirectory = scratch.path
    options.spillFiles = AlteredDisk(onWrite: { _ in usleep(500) }, onRead: { _, _ in usleep(500) })
    options.memory = ByteCount(MemoryPlan(plan, threads: 2, windowDepth: 3).smallest.bytes)
    options.recording = RunRecord.usualCapacity
    let result = try Engine(plan, options: options).run()
    let record = try #require(result.record)
    let waits = record.once.waits + record.steps.waits
    func isNear(_ nanoseconds: Int, _ seconds: Double) -> Bool {
      abs(Double(nanoseconds) * 1e-9 - seconds) < 1e-6
    }
    #expect(isNear(waits.reduce(0) { $0 + $1.memory }, result.memory.total.memoryWaitSeconds))
    #expect(isNear(waits.reduce(0) { $0 + $1.disk }, result.memory.total.diskWaitSeconds))
    let wait = try #require(record.steps.waits.first { $0.disk > 1000 && $0.memory == 0 })
    let story = try RunStory(
      of: plan.name(of: wait.task, in: plan.step), step: wait.step + 1, plan: plan, record: record)
    #expect(story.idle.disk >= wait.disk)
    #expect(story.text.contains("waited for  the disk: its inputs had been put away"))
  }

  /// Rows that can be read again are dropped, never written.
  @Test func rowsAreReadAgain() throws {
    let directory = try TestDirectory()
    try NumbersOnDisk.write(rows: 40_000, features: 64, classes: 4, to: directory.path)
    let graph = try graph(Self.wholeRows(directory.path))
    let free = try run(graph, memory: nil)
    let least = try smallest(graph, threads: 2)
    #expect(least < free.memory.peakBytes / 2, "\(least) of \(free.memory.peakBytes)")
    for budget in [least, (least + free.memory.peakBytes) / 2] {
      let result = try run(graph, memory: budget)
      #expect(hash(result, graph) == hash(free, graph))
      #expect(result.memory.peakBytes <= budget)
      let moved = result.memory.nodes
      let rows = try #require(moved.first { $0.name == "rows" })
      #expect(rows.spilledBytes == 0 && rows.rereadBytes > 0 && rows.dropped > 0)
    }
  }

  /// A damaged file of rows is made again from the data; that of anything else ends the run with a name.
  @Test func damageIsSeen() throws {
    let graph = try graph(Self.text)
    let free = try run(graph, memory: nil)
    let least = try smallest(graph, threads: 2)
    var ends: [String: Int] = [:]
    for seed in 0..<12 {
      let reads = Lock(0)
      let disk = AlteredDisk(onRead: { _, bytes in
        let number = reads.withLock { count in
          count += 1
          return count
        }
        guard number == 2 + 7 * seed, !bytes.isEmpty else { return }
        bytes[(seed * 997) % bytes.count] ^= 16
      })
      do {
        let result = try run(graph, memory: least + 20_000, files: disk)
        #expect(hash(result, graph) == hash(free, graph), "fault \(seed)")
        ends[result.memory.total.recomputed > 0 ? "recomputed" : "untouched", default: 0] += 1
      } catch let error as RunError {
        #expect(error.reason == .unreadable)
        #expect(error.description.contains("is damaged"), "\(error)")
        #expect(error.description.hasPrefix("node '"), "\(error)")
        ends["named", default: 0] += 1
      }
    }
    #expect(ends["recomputed", default: 0] > 0, "\(ends)")
  }

  /// On a disk of any size the run comes to the same end, or says that there is no room.
  @Test func anyDiskIsLargeEnoughOrSaidToBeTooSmall() throws {
    let graph = try graph(Self.text)
    let free = try run(graph, memory: nil)
    let least = try smallest(graph, threads: 2)
    var ends: [String: Int] = [:]
    for size in 0...50 {
      let disk = SmallDisk(byteCount: size * 120_000)
      do {
        let result = try run(graph, memory: least, files: disk)
        #expect(hash(result, graph) == hash(free, graph), "\(size)")
        ends["done", default: 0] += 1
      } catch let error as RunError {
        #expect(error.reason == .noRoom, "\(error)")
        ends["no room", default: 0] += 1
      }
      #expect(disk.usedBytes == 0)
    }
    #expect(ends["done", default: 0] > 0 && ends["no room", default: 0] > 0, "\(ends)")
  }

  /// Whole steps are admitted at once where they fit.
  @Test func aLargeBudgetLeavesWholeSteps() throws {
    let graph = try graph(Self.text)
    let plan = try Plan(expanding: graph)
    let bound = try #require(MemoryPlan(plan, threads: 2, windowDepth: 3).bound)
    let exact = try MemoryPlan(plan, threads: 2, windowDepth: 3, budget: bound)
    #expect(exact.mode == .steps(depth: 3))
    let result = try run(graph, memory: bound.bytes)
    #expect(result.memory.peakBytes <= bound.bytes)
    let less = try MemoryPlan(plan, threads: 2, windowDepth: 3, budget: bound - ByteCount(1))
    #expect(less.mode == .steps(depth: 2))
  }

  /// A budget that is too small is refused with the task, what it needs, and a budget that works.
  @Test func aSmallBudgetIsRefusedWithTheSmallestThatWorks() throws {
    let graph = try graph(Self.text)
    let least = try smallest(graph, threads: 2)
    do {
      _ = try run(graph, memory: 100_000)
      Issue.record("it ran in 100 kB")
    } catch let error as GraphError {
      let text = error.diagnostics[0].message
      #expect(text.contains("the smallest that works is \(least) bytes"), "\(text)")
      #expect(text.contains("task '"), "\(text)")
      #expect(error.diagnostics[0].position != nil)
    }
  }

  /// Nodes whose values show those of others, or begin as them, under the smallest budget: `{images}` are the rows of `text`.
  @Test(arguments: [
    // A state that begins as another one.
    """
    first: { op: parameters, inputs: 784, classes: 10, model: { kind: mlp, hidden: [24] } }
    weights: { op: parameters, initial: first }
    batch: { op: batch, of: images, size: 500 }
    grad: { op: gradient, at: weights, data: batch, loss: cross-entropy }
    """,
    // Statistics that the model's file is written with at the end.
    """
    train: { op: scale, of: images, by: standard }
    weights: { op: parameters, model: { kind: mlp, hidden: [24] } }
    batch: { op: batch, of: train, size: 500 }
    grad: { op: gradient, at: weights, data: batch, loss: cross-entropy }
    """,
    // All rows, scaled like others, in every step.
    """
    seen: { op: scale, of: images, by: { kind: constant, divisor: 255 } }
    train: { op: scale, of: images, like: seen }
    weights: { op: parameters, model: { kind: mlp, hidden: [24] } }
    batch: { op: batch, of: train }
    grad: { op: gradient, at: weights, data: batch, loss: cross-entropy }
    """,
    // Parameters in blocks: slices of gradients.
    """
    weights: { op: parameters, model: { kind: mlp, hidden: [24] }, axes: { block: 3 } }
    batch: { op: batch, of: images, size: 500 }
    grad: { op: gradient, at: weights, data: batch, loss: cross-entropy }
    """,
  ])
  func viewsAndBeginningsKeepTheirBytes(nodes: String) throws {
    let text = """
      glissade: 1
      name: views
      seed: 3
      nodes:
        images: { op: shard, source: data/fashion6k/train-images-idx3-ubyte.gz,
          labels: data/fashion6k/train-labels-idx1-ubyte.gz, count: 5 }
      \(nodes.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))
        mean: { op: reduce, of: grad, over: images, by: mean }
        step: { op: update, of: weights, with: mean, optimizer: { kind: momentum, rate: 0.0001, momentum: 0.9 } }
      run: { until: { steps: 4 } }
      outputs: { weights: w.safetensors }
      """
    let graph = try graph(text)
    let free = try run(graph, memory: nil)
    let least = try smallest(graph, threads: 2)
    let place = try TestDirectory()
    let run = try GraphRun(graph, directory: place.path)
    var options = RunOptions(threads: 2)
    options.memory = ByteCount(least)
    options.spillDirectory = place.path
    try run.prepare()
    let report = try run.run(options)
    #expect(report.weightsSHA256 == hash(free, graph))
    #expect(report.peakBytes <= least)
    #expect(place.exists("w.safetensors"))
  }

  /// Once the first steps have their buffers, no others are asked for: those of what is let go serve again.
  @Test(arguments: [1, 3, 4], [false, true])
  func theSteadyStateAllocatesNothing(window: Int, hasBudget: Bool) throws {
    func allocations(steps: Int) throws -> Int {
      let plan = try Plan(
        expanding: graph(
          Self.text.replacingOccurrence(
            of: "until: { epochs: 1 }", with: "until: { steps: \(steps) }")))
      var options = RunOptions(threads: 1, windowDepth: window)
      // What whole steps take: nothing is put away.
      if hasBudget { options.memory = MemoryPlan(plan, threads: 1, windowDepth: window).bound }
      return try Engine(plan, options: options).run().memory.allocations
    }
    let few = try allocations(steps: 30)
    #expect(few > 0)
    #expect(try allocations(steps: 90) == few)
  }

  /// The state of an optimizer is written where it lies, so that a step holds one version of it and not two.
  @Test func stateIsUpdatedInPlace() throws {
    let graph = try graph(Self.text)
    let plan = try Plan(expanding: graph)
    let state = plan.step.table.valueBytes.max() ?? 0
    let result = try GlissadeTests.run(graph, threads: 1, window: 1)
    let bound = try #require(MemoryPlan(plan, threads: 1, windowDepth: 1).bound)
    #expect(state > 100_000)
    #expect(result.memory.peakBytes <= bound.bytes - state, "two versions of the state were held")
  }

  /// A run that is stopped at any time leaves nothing.
  @Test func stoppingLeavesNothing() throws {
    let graph = try graph(Self.text)
    let least = try smallest(graph, threads: 2)
    for polls in 0..<4 {
      let scratch = try TestDirectory()
      let left = Lock(polls)
      var options = RunOptions(
        threads: 2,
        isCancelled: {
          left.withLock { count in
            count -= 1
            return count < 0
          }
        })
      options.memory = ByteCount(least)
      options.spillDirectory = scratch.path
      options.spillFiles = AlteredDisk(onRead: { _, _ in usleep(3000) })
      let result = try Engine(try Plan(expanding: graph), options: options).run()
      #expect(result.status == .interrupted || result.status == .done)
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == [])
    }
  }
}
