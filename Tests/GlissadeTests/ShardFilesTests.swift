import Foundation
import GlissadeData
import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime
import GlissadeSystem
import GlissadeTensor
import Testing

/// Rows of one file or of many, in whatever format, are the same rows.
final class ShardFilesTests {
  private let directory =
    FileManager.default.temporaryDirectory.path
    + "/glissade-rows-\(UUID().uuidString)"
  private let files = LocalFileSystem()
  private let table: Table

  init() throws {
    try files.makeDirectory(directory)
    table = try CSVReader.read(
      [projectDirectory + "/Graphs/data/digits.csv"], CSVOptions(label: .name("label")),
      files: files)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  private func write(_ text: String, _ name: String) throws {
    try files.writeAtomically(directory + "/" + name, text)
  }

  /// The first `count` digits, cut at some rows, as files of a format: the attributes that read them.
  private func writeDigits(_ format: String, cutAt cuts: [Int], count: Int = 300) throws -> String {
    let bounds = [0] + cuts + [count]
    let kind = "\(format)-\(cuts.count)"
    try files.makeDirectory(directory + "/" + kind)
    try files.makeDirectory(directory + "/\(kind)-labels")
    for number in 0...cuts.count {
      let rows = bounds[number]..<bounds[number + 1]
      let features = table.features.rows(rows)
      let labels = (table.target ?? Tensor(.int32, Shape(0))).rows(rows).elements(of: Int32.self)
      if format == "csv" {
        let numbers = features.elements(of: Float.self)
        var text = table.columns.joined(separator: ",") + ",label\n"
        for row in 0..<rows.count {
          let cells = numbers[row * 64..<(row + 1) * 64].map { "\(Int($0))" } + ["\(labels[row])"]
          text += cells.joined(separator: ",") + "\n"
        }
        try write(text, "\(kind)/part-\(number)")
        continue
      }
      let bytes = Tensor(
        features.elements(of: Float.self).map { UInt8($0) }, shape: Shape(rows.count, 64))
      let (x, y) = ("\(directory)/\(kind)/part-\(number)", "\(directory)/\(kind)-labels/\(number)")
      if format == "npy" {
        try NPY.write(x, features, files: files)
        try NPY.write(y, Tensor(labels.map(Int64.init)), files: files)
      } else {
        try writeIDX(bytes, x)
        try writeIDX(Tensor(labels.map { UInt8($0) }), y)
      }
    }
    return format == "csv"
      ? "source: '\(directory)/\(kind)', label: label"
      : "source: '\(directory)/\(kind)/part-*', labels: '\(directory)/\(kind)-labels'"
  }

  private func writeIDX(_ tensor: Tensor, _ path: String) throws {
    var bytes: [UInt8] = [0, 0, 8, UInt8(tensor.shape.rank)]
    for size in tensor.shape.dimensions {
      bytes += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) }
    }
    tensor.withBytes { bytes += $0 }
    try bytes.withUnsafeBytes { try files.writeAtomically(path, $0) }
  }

  private func text(_ source: String, count: Int = 5, more: String = "") -> String {
    """
    glissade: 1
    name: rows
    seed: 7
    nodes:
      train: { op: shard, \(source), count: \(count)\(more) }
      batch: { op: batch, of: train, size: 32 }
      weights: { op: parameters, model: softmax }
      grad: { op: gradient, at: weights, data: batch }
      mean: { op: reduce, of: grad, over: train, by: mean }
      step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.01 } }
    run: { until: { epochs: 2 } }
    """
  }

  private func trained(_ text: String, threads: Int = 2) throws -> String {
    let graph = try graph(text)
    return bits(try weights("weights", of: run(graph, threads: threads), graph))
  }

  /// Borders of places inside files and of files inside places, empty files, empty places.
  @Test(arguments: ["csv", "idx", "npy"])
  func filesInPartsGiveTheSameWeights(format: String) throws {
    let source = try writeDigits("csv", cutAt: [])
    let one = try writeDigits(format, cutAt: [])
    let three = try writeDigits(format, cutAt: [77, 201])
    let odd = try writeDigits(format, cutAt: [0, 130, 130, 131])
    for (count, more) in [
      (5, ""), (1, ""), (5, ", select: { every: 3, offset: 1 }"),
      (4, ", select: { rows: [70, 210] }"), (3, ", shuffle: true"), (120, ""),
    ] {
      let expected = try trained(text(source, count: count, more: more), threads: 1)
      for parts in [one, three, odd] {
        #expect(
          try trained(text(parts, count: count, more: more)) == expected,
          "\(parts), \(count) places\(more)")
      }
    }
  }

  @Test func morePlacesThanRowsLeaveSomeEmpty() throws {
    let source = try writeDigits("npy", cutAt: [1, 4], count: 7)
    let graph = try graph(text(source, count: 12))
    let port = Graph.PortReference(node: 0, port: "value")
    let counts = Graph.PortReference(node: 0, port: "rows")
    let result = try run(graph, keeping: [port, counts])
    var numbers: [Float] = []
    for place in 0..<12 {
      let value = try #require(result.value(of: port, place: place))
      numbers += value.tensors[0].elements(of: Float.self)
      #expect(value.rows == value.tensors[0].shape[0])
      #expect(
        try #require(result.value(of: counts, place: place)).tensors[0].doubles()
          == [Double(value.rows)])
    }
    #expect(numbers == table.features.rows(0..<7).elements(of: Float.self))
  }

  @Test func aFileThatChangedAfterTheCheckIsRefused() throws {
    for format in ["csv", "idx", "npy"] {
      let source = try writeDigits(format, cutAt: [100])
      let graph = try graph(text(source))
      let path = directory + "/\(format)-1/part-1"
      var bytes = try files.readAll(path, limit: 1 << 20)
      bytes[bytes.count - 2] = 0x31
      try bytes.withUnsafeBytes { try files.writeAtomically(path, $0) }
      #expect {
        try run(graph)
      } throws: { error in
        "\(error)".contains("\(path): it was changed or replaced after it was looked at")
      }
      bytes.removeLast(3)
      try bytes.withUnsafeBytes { try files.writeAtomically(path, $0) }
      #expect {
        try run(graph)
      } throws: { error in
        "\(error)".contains("it had \(bytes.count + 3) bytes when it was looked at, and has ")
      }
    }
  }

  /// As `cp -p` and `rsync` leave it: another file of the same size with the moment of the old one.
  @Test func aFileInThePlaceOfAnotherIsRefused() throws {
    let source = try writeDigits("npy", cutAt: [100])
    let graph = try graph(text(source))
    let path = directory + "/npy-1/part-1"
    let moment = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
    let bytes = try files.readAll(path, limit: 1 << 20)
    for isReplaced in [true, false] {
      if isReplaced {
        try bytes.withUnsafeBytes { try files.writeAtomically(path, $0) }
      } else {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
      }
      try FileManager.default.setAttributes(
        [.modificationDate: try #require(moment)], ofItemAtPath: path)
      #expect {
        try run(graph)
      } throws: { error in
        "\(error)".contains("\(path): it was changed or replaced after it was looked at")
      }
    }
  }

  @Test func numbersAreTargetsOfNPY() throws {
    try NPY.write(
      directory + "/x.npy", Tensor((0..<60).map(Float.init), shape: Shape(20, 3)), files: files)
    try NPY.write(directory + "/y.npy", Tensor((0..<20).map { Double($0) / 4 }), files: files)
    let graph = try graph(
      """
      glissade: 1
      name: numbers
      nodes:
        rows: { op: shard, source: '\(directory)/x.npy', labels: '\(directory)/y.npy', count: 3 }
        weights: { op: parameters, model: linear }
        grad: { op: gradient, at: weights, data: rows }
        mean: { op: reduce, of: grad, over: rows, by: mean }
        step: { op: update, of: weights, with: mean, optimizer: { kind: sgd, rate: 0.0001 } }
      run: { until: { steps: 3 } }
      """)
    let port = Graph.PortReference(node: 0, port: "value")
    let result = try run(graph, keeping: [port])
    let targets = try (0..<3).flatMap {
      try #require(result.value(of: port, place: $0)).tensors[1].elements(of: Float.self)
    }
    #expect(targets == (0..<20).map { Float($0) / 4 })
    #expect(try weights("weights", of: result, graph).contains { $0 != 0 })
  }

  @Test func wrongArraysAreRefusedWhenTheGraphIsChecked() throws {
    func write(_ name: String, _ tensor: Tensor) throws {
      try NPY.write(directory + "/" + name, tensor, files: files)
    }
    try write("x.npy", Tensor(.float32, Shape(4, 2)))
    try write("wide.npy", Tensor(.float32, Shape(4, 3)))
    try write("doubles.npy", Tensor(.float64, Shape(4, 2)))
    try write("flat.npy", Tensor(.float32, Shape(4)))
    try write("y.npy", Tensor(.int64, Shape(4)))
    try write("short.npy", Tensor(.int64, Shape(3)))
    try write("square.npy", Tensor(.int64, Shape(4, 1)))
    for (source, labels, said) in [
      ("doubles.npy", "y.npy", "features of bytes or Float32 are expected, found float64"),
      ("flat.npy", "y.npy", "rows of features are expected, found [4]"),
      ("x.npy", "short.npy", "it has 3 labels for 4 rows"),
      ("x.npy", "square.npy", "labels with one dimension are expected, found [4, 1]"),
      ("[xw]*.npy", "y.npy", "x.npy: its rows are [4, 2] of float32 and those of"),
    ] {
      #expect {
        try graph(
          self.text("source: '\(self.directory)/\(source)', labels: '\(self.directory)/\(labels)'"))
      } throws: { error in
        "\(error)".contains(said)
      }
    }
  }
}
