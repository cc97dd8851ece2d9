import Foundation
import Glissade
import GlissadeData
import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime
import GlissadeStore
import GlissadeSystem
import GlissadeTensor
import GlissadeTesting
import Testing

/// Batches that leave their rows on the disk draw the same bits as those that have them in memory.
final class StreamedBatchTests {
  private let directory =
    FileManager.default.temporaryDirectory.path + "/glissade-streamed-\(UUID().uuidString)"
  private let files = LocalFileSystem()

  init() throws { try files.makeDirectory(directory) }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// A batch may keep so many blocks of rows of some bytes.
  private func operations(
    blocks: Int, rowBytes: Int, world: World = World()
  ) -> Operations {
    // A block is whole pages with four bytes a row for a checksum; one page goes to alignment.
    let block = BlockFileAlignment.roundedUp(512 * (rowBytes + 4))
    let bytes = blocks == 0 ? 0 : blocks * block + BlockFileAlignment.bytes
    return Operations(world: world).streaming(
      RowStreaming(windowBytes: bytes, directory: directory + "/scratch"))
  }

  private func text(
    _ source: String, count: Int = 3, batch: String = "size: 64", of rows: String = "train",
    steps: Int, more: String = ""
  ) -> String {
    """
    glissade: 1
    name: streamed
    seed: 5
    nodes:
      train: { op: shard, \(source), count: \(count) }
    \(more)
      batch: { op: batch, of: \(rows), \(batch) }
      weights: { op: parameters, model: softmax }
      grad: { op: gradient, at: weights, data: batch }
      mean: { op: reduce, of: grad, over: train, by: mean }
      step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.01 } }
    run: { until: { steps: \(steps) } }
    """
  }

  private func trained(
    _ text: String, _ operations: Operations = Operations(), threads: Int = 2, seed: UInt64 = 0
  ) throws -> String {
    let graph = try graph(text, operations: operations)
    return bits(try weights("weights", of: run(graph, threads: threads, seed: seed), graph))
  }

  private let digits = "source: data/digits.csv, label: label"

  /// Three columns, three classes, 70,000 rows: two groups of blocks and a third that is short.
  private func writeRows(_ count: Int = 70_000) throws -> String {
    let path = directory + "/\(count)"
    try files.makeDirectory(path)
    let stream = RandomKey(seed: 3).stream
    let numbers = (0..<3 * count).map { Float(stream.below(1000, 0, UInt64($0))) / 100 }
    try NPY.write(path + "/x", Tensor(numbers, shape: Shape(count, 3)), files: files)
    let labels = (0..<count).map { Int32(stream.below(3, 1, UInt64($0))) }
    try NPY.write(path + "/y", Tensor(labels), files: files)
    return "source: '\(path)/x', labels: '\(path)/y'"
  }

  // MARK: The same bits

  @Test(arguments: ["shuffled", "with-replacement", "in-order"], ["step", "place"])
  func textIsDecodedOnceAndDrawnAlike(draw: String, per: String) throws {
    let text = text(digits, batch: "size: 500, draw: \(draw), per: \(per)", steps: 5)
    let expected = try trained(text)
    for blocks in [9, 1, 0] {
      #expect(
        try trained(text, operations(blocks: blocks, rowBytes: 4 * 64 + 4)) == expected,
        "\(blocks) blocks")
    }
  }

  @Test func compressedImagesAreDecodedOnceAndDrawnAlike() throws {
    let source =
      "source: data/fashion6k/train-images-idx3-ubyte.gz, "
      + "labels: data/fashion6k/train-labels-idx1-ubyte.gz"
    let text = text(
      source, batch: "size: 2500", of: "seen", steps: 4,
      more: "  seen: { op: scale, of: train, by: { kind: constant, divisor: 255 } }")
    let expected = try trained(text)
    for blocks in [24, 6, 1, 0] {
      #expect(
        try trained(text, operations(blocks: blocks, rowBytes: 784 + 4)) == expected,
        "\(blocks) blocks")
    }
  }

  /// Two groups, one, half a group and a block, past the end of an epoch.
  @Test(arguments: [
    ("shuffled", [130, 65, 32, 1]), ("with-replacement", [20]), ("in-order", [40]),
  ])
  func groupsOfBlocksAreDrawnAlike(draw: String, allotments: [Int]) throws {
    let text = text(try writeRows(), batch: "size: 9000, draw: \(draw)", steps: 9)
    let expected = try trained(text)
    for blocks in allotments {
      #expect(
        try trained(text, operations(blocks: blocks, rowBytes: 16), seed: UInt64(blocks))
          == expected, "\(blocks) blocks")
    }
  }

  /// A step that passes several groups, and places that draw their own rows.
  @Test(arguments: ["size: 50000", "size: 1500, per: place"])
  func stepsMayBeLargerThanGroups(batch: String) throws {
    let text = text(try writeRows(), batch: batch, steps: 3)
    let expected = try trained(text)
    for blocks in [130, 3] {
      #expect(
        try trained(text, operations(blocks: blocks, rowBytes: 16), threads: 4) == expected,
        "\(blocks) blocks")
    }
  }

  @Test(arguments: [
    ("seen", "  seen: { op: scale, of: train, by: standard }", ""),
    ("train.train", "", ", holdout: { fraction: 0.3, from: start }"),
    (
      "seen", "  seen: { op: scale, of: train.holdout, by: min-max }",
      ", holdout: { fraction: 0.4 }"
    ),
    ("train", "", ", select: { rows: [100, 1700], every: 2 }"), ("train", "", ", shuffle: true"),
    (
      "more",
      """
        seen: { op: scale, of: train, by: standard }
        more: { op: scale, of: train, like: seen }
      """, ""
    ),
  ])
  func partsAndScalesAreDrawnAlike(rows: String, node: String, attributes: String) throws {
    let text = text(digits + attributes, of: rows, steps: 10, more: node)
    let expected = try trained(text)
    for blocks in [4, 1] {
      #expect(try trained(text, operations(blocks: blocks, rowBytes: 260)) == expected)
    }
  }

  // MARK: What is read

  /// The shard's own rows are in no plan, unless somebody else reads them.
  @Test func nobodyReadsTheRowsAsAValue() throws {
    func reads(_ text: String) throws -> Bool {
      let plan = try Plan(
        expanding: graph(text, operations: operations(blocks: 4, rowBytes: 260)))
      return (0..<plan.prologue.table.taskCount).contains {
        plan.name(of: $0, in: plan.prologue).hasPrefix("train[")
      }
    }
    let scaled = "  seen: { op: scale, of: train, by: { kind: constant, divisor: 16 } }"
    #expect(try !reads(text(digits, steps: 1)))
    #expect(try !reads(text(digits, of: "seen", steps: 1, more: scaled)))
    #expect(
      try reads(
        text(
          digits, steps: 1,
          more: "  score: { op: evaluate, at: weights, data: train, metrics: [loss] }")))
  }

  /// With room for two groups each block is read once an epoch, its features and its labels; with none each row is.
  @Test func eachBlockIsReadOnceAnEpoch() throws {
    let source = try writeRows(98_304)
    func openings(_ blocks: Int, size: Int, steps: Int) throws -> Int {
      let counting = FaultyFileSystem()
      let graph = try graph(
        text(source, batch: "size: \(size)", steps: steps),
        operations: operations(blocks: blocks, rowBytes: 16, world: World(files: counting)))
      let before = counting.callCount(of: .openForReading)
      _ = try run(graph)
      return counting.callCount(of: .openForReading) - before
    }
    // 98,304 rows are 192 blocks; 12 steps of 8,192 are an epoch.
    #expect(try openings(192, size: 8192, steps: 13) == 2 * 192)
    #expect(try openings(130, size: 8192, steps: 24) == 2 * 2 * 192)
    #expect(try openings(0, size: 100, steps: 3) == 2 * 300)
  }

  // MARK: Faults

  @Test func aFileThatChangedIsRefused() throws {
    let source = try writeRows(2000)
    for blocks in [4, 0] {
      let graph = try graph(
        text(source, steps: 3), operations: operations(blocks: blocks, rowBytes: 16))
      try files.writeAtomically(directory + "/2000/x", "changed")
      #expect(throws: RunError.self) { try run(graph) }
      _ = try writeRows(2000)
    }
  }

  @Test(arguments: [4, 1, 0])
  func aDiskThatDoesNotAnswerIsAskedAgain(blocks: Int) throws {
    let text = text(try writeRows(2000), steps: 40)
    let expected = try trained(text)
    let counting = FaultyFileSystem()
    _ = try graph(
      text, operations: operations(blocks: blocks, rowBytes: 16, world: World(files: counting)))
    let looked = counting.callCount(of: .read)
    let faulty = FaultyFileSystem(
      faults: (1...3).map { .init(.read, number: looked + 3 * $0, .fail(.other)) })
    let streamed = operations(blocks: blocks, rowBytes: 16, world: World(files: faulty))
    #expect(try trained(text, streamed) == expected)
    #expect(faulty.pendingFaults.isEmpty)
  }

  @Test func rowsThatTheDiskTurnsIntoOthersAreRefused() throws {
    for blocks in [4, 0] {
      let faulty = FaultyFileSystem(
        faults: [.init(.write, pathSuffix: "/rows", .shorten(to: 4096))])
      let graph = try graph(
        text(digits, steps: 3),
        operations: operations(blocks: blocks, rowBytes: 260, world: World(files: faulty)))
      let error = try #require(throws: RunError.self) { try run(graph) }
      #expect(error.description.contains("is not what was written"), "\(error)")
      #expect(error.description.contains(directory + "/scratch"), "\(error)")
    }
  }

  @Test func aFullDiskIsSaidSo() throws {
    let graph = try graph(
      text(digits, steps: 3),
      operations: operations(
        blocks: 4, rowBytes: 260, world: World(files: SmallDisk(byteCount: 200_000))))
    let error = try #require(throws: RunError.self) { try run(graph) }
    #expect(error.description.contains("no space is left"), "\(error)")
  }

  @Test func nothingIsLeftInTheDirectory() throws {
    _ = try trained(text(digits, steps: 3), operations(blocks: 4, rowBytes: 260))
    #expect(try files.list(directory + "/scratch") == [])
  }

  /// Rows of gzip, which have to be written out: what is moved is reported, and a place that takes no files is said at once.
  @Test func whatIsMovedIsReported() throws {
    let text = text(digits, steps: 60)
    let streamed = try graph(text, operations: operations(blocks: 4, rowBytes: 260))
    var options = RunOptions(threads: 2)
    options.spillDirectory = directory
    let result = try Engine(Plan(expanding: streamed), options: options).run()
    let moved = try #require(result.memory.nodes.first { $0.name == "batch" })
    #expect(moved.spilledBytes == 1797 * 260)
    #expect(moved.writtenBytes >= moved.spilledBytes)
    #expect(moved.readBackBytes >= moved.spilledBytes)
    #expect(result.memory.total.spilledBytes == moved.spilledBytes)
    let report = PlanReport(try Plan(expanding: streamed), threads: 2, windowDepth: 4)
    #expect(report.rowsOnDisk == ["batch"])
    #expect(report.diskBytes.bytes == moved.writtenBytes)
    #expect(report.text.contains("those of 'batch' stay on the disk; "))
    try files.writeAtomically(directory + "/file", "")
    options.spillDirectory = directory + "/file"
    #expect(throws: StoreError.self) {
      try Engine(Plan(expanding: streamed), options: options).run()
    }
  }

  /// What a run left that was killed while it made the file of its rows.
  @Test func whatADeadRunLeftIsSwept() throws {
    let scratch = directory + "/scratch"
    try files.makeDirectory(scratch)
    let left = try files.makePrivateDirectory(scratch + "/glissade-spill-1-rows-0")
    _ = try left.create("rows")
    var options = RunOptions(threads: 2)
    options.spillDirectory = scratch
    let graph = try graph(
      text(digits, steps: 3), operations: operations(blocks: 4, rowBytes: 260))
    _ = try Engine(Plan(expanding: graph), options: options).run()
    #expect(try files.list(scratch) == [])
  }

  // MARK: In a budget

  @Test func theCommandLineStreamsWhatDoesNotFit() throws {
    let glissade = try CommandLineTool()
    try files.writeAtomically(
      glissade.directory("graph.yaml"),
      text(try writeRows(200_000), batch: "size: 2000", steps: 10)
        + "\noutputs: { weights: weights.safetensors }\n")
    func report(_ arguments: String...) throws -> [String: Any] {
      let outcome = try glissade.start(
        ["run", "graph.yaml", "--quiet", "--format", "json", "--threads", "2"] + arguments
      ).wait()
      #expect(outcome.code == 0, "\(outcome.errors)")
      return try object(outcome.output)
    }
    let whole = try report()
    let streamed = try report("--memory", "3MB")
    for key in ["graph_sha256", "weights_sha256"] {
      #expect(whole[key] as? String == streamed[key] as? String, "\(key)")
      #expect(whole[key] != nil)
    }
    #expect(try #require(whole["peak_bytes"] as? Int) > 3_000_000)
    #expect(try #require(streamed["peak_bytes"] as? Int) <= 3_000_000)
  }

  @Test func aRunThatDoesNotFitStreams() throws {
    let text = text(try writeRows(200_000), batch: "size: 2000", steps: 40)
    let operations = Operations()
    let whole = try graph(text, operations: operations)
    let unlimited = try run(whole)
    var options = RunOptions(threads: 2)
    options.spillDirectory = directory
    options.memory = ByteCount(64 << 20)
    #expect(!(try options.fitted(whole, with: operations)).streamsRows)
    options.memory = ByteCount(3_000_000)
    let fitted = try options.fitted(whole, with: operations)
    #expect(fitted.streamsRows)
    let result = try Engine(Plan(expanding: fitted), options: options).run()
    #expect(
      bits(try weights("weights", of: result, fitted))
        == bits(try weights("weights", of: unlimited, whole)))
    #expect(result.memory.peakBytes <= 3_000_000)
    // Each row was drawn from a block, or read alone; none was read again as a value.
    let moved = try #require(result.memory.nodes.first)
    #expect(result.memory.nodes.map(\.name) == ["batch"])
    #expect(moved.spilledBytes == 0 && moved.readBackBytes == 0)
    #expect(moved.rereadBytes > 0)
  }
}
