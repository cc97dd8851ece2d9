import Foundation
import Glissade
import GlissadeData
import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime
import GlissadeSystem
import GlissadeTensor
import GlissadeTesting
import Testing

/// Shards whose rows stay on the disk give the same bits as those that have them in memory.
final class StreamedShardTests {
  private let directory: TestDirectory
  private let files = LocalFileSystem()

  init() throws { directory = try TestDirectory() }

  /// All shards stay on the disk.
  private func operations(chunkBytes: Int = 0, world: World = World()) -> Operations {
    Operations(world: world).streaming(
      RowStreaming(
        windowBytes: 0, placeBytes: 0, chunkBytes: chunkBytes, directory: directory("scratch")))
  }

  private func text(
    _ source: String, rows: String = "rows", nodes: String = "", over: String = "rows"
  ) -> String {
    """
    glissade: 1
    name: streamed
    seed: 5
    nodes:
      rows: { op: shard, \(source) }
    \(nodes)
      weights: { op: parameters, model: softmax }
      grad: { op: gradient, at: weights, data: \(rows) }
      mean: { op: reduce, of: grad, over: \(over), by: mean }
      step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.01 } }
      score: { op: evaluate, at: weights, data: \(rows), metrics: [accuracy, loss], every: { steps: 2 } }
    run: { until: { steps: 3 } }
    outputs: { weights: w.safetensors }
    """
  }

  /// The weights and the metrics of a run.
  private func outcome(
    _ text: String, _ operations: Operations = Operations(), threads: Int = 2
  ) throws -> [String] {
    let graph = try graph(text, operations: operations)
    let result = try run(graph, threads: threads)
    return [bits(try weights("weights", of: result, graph))]
      + result.evaluations.map { "\($0)" }
  }

  /// Rows of digits, 6,000 small images in gzip, and 3,000 rows in three plain files of unlike length.
  private func sources() throws -> [String] {
    for (number, count) in [1000, 1, 1999].enumerated() {
      let stream = RandomKey(seed: 3).deriving(number).stream
      let numbers = (0..<5 * count).map { Float(stream.below(1000, 0, UInt64($0))) / 100 }
      try NPY.write(
        directory("x-\(number).npy"), Tensor(numbers, shape: Shape(count, 5)), files: files)
      let labels = (0..<count).map { Int32(stream.below(3, 1, UInt64($0))) }
      try NPY.write(directory("y-\(number).npy"), Tensor(labels), files: files)
    }
    return [
      digits,
      "source: data/fashion6k/train-images-idx3-ubyte.gz, labels: data/fashion6k/train-labels-idx1-ubyte.gz",
      "source: '\(directory("x-*.npy"))', labels: '\(directory("y-*.npy"))'",
    ]
  }

  private let digits = "source: data/digits.csv, label: label"

  // MARK: The same bits

  @Test(arguments: ["", ", count: 3"], ["", ", shuffle: true"])
  func everyFormatIsReadAlike(count: String, shuffle: String) throws {
    for source in try sources() {
      let text = text(source + count + shuffle)
      let expected = try outcome(text)
      for chunkBytes in [0, 1 << 20] {
        for threads in [1, 3] {
          #expect(
            try outcome(text, operations(chunkBytes: chunkBytes), threads: threads) == expected,
            "\(source), chunks of \(chunkBytes) bytes, \(threads) threads")
        }
      }
    }
  }

  @Test(arguments: [
    (
      "seen", "  seen: { op: scale, of: rows, by: standard }\n", ""
    ),
    ("rows.train", "", ", holdout: { fraction: 0.3, from: start }, count: 2"),
    ("rows.train", "", ", holdout: { fraction: 0.3 }, count: 2, shuffle: true"),
    (
      "seen", "  seen: { op: scale, of: rows.holdout, by: min-max }\n",
      ", holdout: { fraction: 0.4 }, shuffle: true"
    ),
    ("rows", "", ", select: { rows: [100, 1700], every: 2 }"),
    ("all", "  all: { op: batch, of: rows }\n", ", count: 2"),
    (
      "more",
      "  all: { op: batch, of: rows }\n  more: { op: batch, of: all, size: 100, draw: with-replacement }\n",
      ", count: 2"
    ),
    (
      "more", "  more: { op: batch, of: rows, size: 100, per: place }\n",
      ", count: 2, shuffle: true"
    ),
    ("more", "  more: { op: batch, of: rows, size: 100 }\n", ", count: 3, shuffle: true"),
  ])
  func partsScalesAndBatchesAreReadAlike(rows: String, nodes: String, attributes: String) throws {
    let text = text(digits + attributes, rows: rows, nodes: nodes)
    #expect(try outcome(text, operations()) == outcome(text))
  }

  /// Predictions bring the texts of their rows along, which are read again for them, and can be evaluated.
  @Test func textsComeAlongWithPredictions() throws {
    let header = "name,a,b,kind\n"
    let lines = (0..<5000).map { "\"row, \($0)\",\($0 % 17),\($0 % 5).5,k\($0 % 3)\n" }
    try files.writeAtomically(directory("rows.csv"), header + lines.joined())
    let text = """
      glissade: 1
      name: said
      nodes:
        rows: { op: shard, source: \(directory("rows.csv")), label: kind, keep: [name], count: 2 }
        weights: { op: parameters, model: softmax }
        said: { op: predict, at: weights, data: rows }
        score: { op: evaluate, of: said, data: rows, metrics: [accuracy, loss, log-loss] }
      outputs: { said: { file: said.csv, with: [name] } }
      """
    func table(_ name: String, _ operations: Operations) throws -> [UInt8] {
      let graph = try graph(text, operations: operations)
      try files.makeDirectory(directory(name))
      let run = try GraphRun(graph, directory: directory(name), world: World())
      let report = try run.run(RunOptions(threads: 2))
      let said = try files.readAll(directory(name + "/said.csv"), limit: 1 << 24)
      let metrics = report.metrics.map { "\($0)" }.joined()
      return said + Array(metrics.utf8)
    }
    let expected = try table("whole", Operations())
    #expect(try table("streamed", operations()) == expected)
    #expect(String(decoding: expected, as: UTF8.self).contains("\"row, 4999\",k"))
  }

  /// Places far more than rows of a tile, with one file for all of them; wide rows, of which a chunk has no more than there are.
  @Test func manyPlacesShareAFile() throws {
    let counting = FaultyFileSystem()
    let text = text(digits + ", count: 700")
    let streamed = try graph(text, operations: operations(world: World(files: counting)))
    let result = try run(streamed)
    #expect(
      [bits(try weights("weights", of: result, streamed))]
        + result.evaluations.map { "\($0)" } == (try outcome(text)))
    #expect(counting.callCount(of: .openForWriting) == 1)
    let bytes = 1797 * 260
    #expect(result.memory.total.spilledBytes == bytes)
    // Each place has whole pages.
    #expect(result.memory.total.writtenBytes <= 700 * 4096)
  }

  /// What only the time before the first step reads is reported, too.
  @Test func passesBeforeTheFirstStepAreReported() throws {
    let streamed = try graph(
      """
      glissade: 1
      name: before
      nodes:
        rows: { op: shard, \(digits), shuffle: true }
        seen: { op: scale, of: rows, by: standard }
        weights: { op: parameters, model: softmax }
        score: { op: evaluate, at: weights, data: seen, metrics: [loss] }
      outputs: { weights: w.safetensors }
      """, operations: operations())
    let moved = try run(streamed).memory
    let bytes = 1797 * 260
    #expect(moved.total.spilledBytes == bytes)
    #expect(moved.total.rereadBytes == bytes)
    #expect(moved.total.readBackBytes == 2 * bytes)
    #expect(moved.nodes.map(\.name) == ["rows"])
  }

  /// Rows that are an output are values, through a batch of all rows, too.
  @Test(arguments: ["rows", "all"])
  func rowsThatAreAnOutputAreValues(name: String) throws {
    let source = try sources()[2]
    let graph = try graph(
      text(source + ", shuffle: true", nodes: "  all: { op: batch, of: rows }\n")
        .replacingOccurrences(
          of: "outputs: {", with: "outputs: { \(name): rows.safetensors,"))
    var options = RunOptions(threads: 2)
    options.spillDirectory = directory("spill")
    options.memory = try options.smallestMemory(of: graph)
    let fitted = try options.fitted(graph)
    #expect(!fitted.streamsRows)
    try files.makeDirectory(directory("run"))
    _ = try GraphRun(fitted, directory: directory("run"), world: World()).run(options)
    let all = try SafeTensors.read(directory("run/rows.safetensors"), files: files)
    #expect(all["features"]?.shape == Shape(3000, 5))
  }

  // MARK: Faults

  @Test(arguments: [0, 1])
  func aFileThatChangedIsRefused(number: Int) throws {
    let source = try sources()[2]
    let graph = try graph(text(source), operations: operations())
    try files.writeAtomically(directory("\(number == 0 ? "x" : "y")-2.npy"), "changed")
    let error = try #require(throws: RunError.self) { try run(graph) }
    #expect(error.description.contains("-2.npy"), "\(error)")
  }

  /// Every reading that fails once, of those of a run, is tried again.
  @Test func aDiskThatDoesNotAnswerIsAskedAgain() throws {
    let text = text(try sources()[2])
    let expected = try outcome(text)
    let counting = FaultyFileSystem()
    _ = try graph(text, operations: operations(world: World(files: counting)))
    let looked = counting.callCount(of: .read)
    for number in 1...6 {
      let faulty = FaultyFileSystem(
        faults: [.init(.read, number: looked + 5 * number, .fail(.other))])
      #expect(try outcome(text, operations(world: World(files: faulty))) == expected)
      #expect(faulty.pendingFaults.isEmpty)
    }
  }

  @Test(arguments: ["", ", shuffle: true"])
  func rowsThatTheDiskTurnsIntoOthersAreRefused(shuffle: String) throws {
    let faulty = FaultyFileSystem(
      faults: [.init(.write, number: 2, pathSuffix: "/rows", .shorten(to: 40))])
    let graph = try graph(
      text(digits + shuffle), operations: operations(world: World(files: faulty)))
    let error = try #require(throws: RunError.self) { try run(graph) }
    #expect(error.description.contains("is not what was written"), "\(error)")
    #expect(error.reason == .unreadable)
  }

  @Test(arguments: ["", ", shuffle: true"])
  func aFullDiskIsSaidSo(shuffle: String) throws {
    let graph = try graph(
      text(digits + shuffle),
      operations: operations(world: World(files: SmallDisk(byteCount: 200_000))))
    let error = try #require(throws: RunError.self) { try run(graph) }
    #expect(error.description.contains("no space is left"), "\(error)")
    #expect(error.reason == .noRoom)
  }

  // MARK: In a budget

  /// One place, many times the memory: in order, permuted, and with texts that nobody may hold.
  @Test(arguments: ["", ", shuffle: true", ", keep: [name]"])
  func aPlaceMayBeLargerThanMemory(attributes: String) throws {
    let header = (0..<20).map { "x\($0)," }.joined() + "name,kind\n"
    let some = (0..<500).map { row in
      (0..<20).map { "\((row * 7 + $0 * 13) % 89)," }.joined()
        + "a name of row \(row),k\(row % 4)\n"
    }.joined()
    try files.writeAtomically(
      directory("rows.csv"), header + String(repeating: some, count: 100))
    let keep = attributes.contains("keep") ? "" : ", keep: [name]"
    let text = text(
      "source: \(directory("rows.csv")), label: kind\(attributes)\(keep)", rows: "seen",
      nodes: "  seen: { op: scale, of: rows, by: standard }\n")
    let graph = try graph(text)
    let free = try run(graph)
    var options = RunOptions(threads: 2)
    options.spillDirectory = directory("spill")
    let least = try options.smallestMemory(of: graph)
    let bytes = 50_000 * 21 * 4
    #expect(least.bytes < bytes / 6)
    for memory in [bytes / 4, least.bytes] {
      options.memory = ByteCount(memory)
      let fitted = try options.fitted(graph)
      #expect(fitted.rowsOnDisk != .none && fitted.rowsOnDisk != .batches)
      let plan = try Plan(expanding: fitted)
      let result = try Engine(plan, options: options).run()
      #expect(
        bits(try weights("weights", of: result, fitted))
          == bits(try weights("weights", of: free, graph)), "\(memory) bytes")
      #expect(result.memory.peakBytes <= memory)
      // Written once; read for the scale, three gradients and two evaluations. What reads them through the scale is not
      // counted twice.
      let moved = result.memory.total
      #expect(moved.spilledBytes == bytes)
      #expect(moved.rereadBytes == bytes)
      #expect(moved.readBackBytes == 6 * bytes)
    }
    #expect(try files.list(directory("spill")) == [])
  }
}
