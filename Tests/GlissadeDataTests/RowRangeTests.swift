import GlissadeData
import GlissadeSystem
import GlissadeTensor
import Testing

/// Rows that are read range by range are those of the whole read, whatever the format.
@Suite struct RowRangeTests {
  /// A cut of `total` rows into files, some of them empty.
  private func cut(_ total: Int, _ random: inout SeededGenerator) -> [Range<Int>] {
    let inner = (0..<Int.random(in: 0...4, using: &random)).map { _ in
      Int.random(in: 0...total, using: &random)
    }
    let bounds = ([0, total] + inner).sorted()
    return zip(bounds, bounds.dropFirst()).map { $0..<$1 }
  }

  private func selection(_ total: Int, _ random: inout SeededGenerator) -> RowSelection {
    var selection = RowSelection()
    if Bool.random(using: &random) {
      let end = Int.random(in: 1...total, using: &random)
      selection.range = Int.random(in: 0..<end, using: &random)..<end
    }
    if Bool.random(using: &random) {
      selection.every = Int.random(in: 1...5, using: &random)
      selection.offset = Int.random(in: 0..<selection.every, using: &random)
    }
    return selection
  }

  /// Ranges in order, over all rows, and then some anywhere.
  private func ranges(_ total: Int, _ random: inout SeededGenerator) -> [Range<Int>] {
    let whole = cut(total, &random)
    return whole
      + (0..<6).map { _ in
        let start = Int.random(in: 0...total, using: &random)
        return start..<Int.random(in: start...total, using: &random)
      }
  }

  /// The rows of `total` that a selection takes, counted one by one.
  private func selected(_ selection: RowSelection, of total: Int) -> [Int] {
    let range = selection.range ?? 0..<total
    return range.filter { ($0 - range.lowerBound) % selection.every == selection.offset }
  }

  // MARK: IDX and NPY

  private func bytes(_ rows: Range<Int>, width: Int, isNPY: Bool) -> [UInt8] {
    let numbers = rows.flatMap { row in (0..<width).map { Float(row) + Float($0) / 8 } }
    if isNPY { return NPY.encode(Tensor(numbers, shape: Shape(rows.count, width))) }
    func big(_ value: UInt32) -> [UInt8] {
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
    return [0, 0, 0x0d, 2] + big(UInt32(rows.count)) + big(UInt32(width))
      + numbers.flatMap { big($0.bitPattern) }
  }

  @Test(arguments: [false, true], [false, true])
  func binaryRowsComeInAnyRanges(isNPY: Bool, isCompressed: Bool) throws {
    let seed = freshSeed()
    var random = SeededGenerator(seed: seed)
    for round in 0..<12 {
      let total = Int.random(in: 1...900, using: &random)
      let width = [1, 3, 40].randomElement(using: &random) ?? 1
      let files = MemoryFiles(
        Dictionary(
          uniqueKeysWithValues: cut(total, &random).enumerated().map { number, rows in
            let bytes = bytes(rows, width: width, isNPY: isNPY)
            return ("f\(number)", isCompressed ? gzip(bytes) : bytes)
          }))
      let chosen = selection(total, &random)
      let rows = BinaryRows(
        try files.paths.map { try BinaryFile($0, files: files) }, chosen, files: files)
      let expected = selected(chosen, of: total)
      #expect(rows.rowCount == expected.count)
      let asked = ranges(rows.rowCount, &random)
      onTwoThreads {
        for range in asked {
          var target = Tensor(uninitialized: .float32, Shape(range.count, width))
          try target.withMutableBytes { try rows.read(range, into: $0) }
          let found = target.elements(of: Float.self)
          let right = expected[range].flatMap { row in
            (0..<width).map { Float(row) + Float($0) / 8 }
          }
          #expect(found == right, "GLISSADE_SEED=\(seed), round \(round), \(range)")
        }
      }
    }
  }

  @Test func labelsOfEachTypeAreCodesOrNumbers() throws {
    let files = MemoryFiles([
      "u1": NPY.encode(Tensor((0..<70_000).map { UInt8($0 % 7) })),
      "i4": NPY.encode(Tensor((0..<70_000).map { Int32($0 % 7) })),
      "i8": NPY.encode(Tensor((0..<70_000).map { Int64($0 % 7) })),
      "f4": NPY.encode(Tensor((0..<70_000).map { Float($0 % 7) })),
      "f8": NPY.encode(Tensor((0..<70_000).map { Double($0 % 7) })),
      "negative": NPY.encode(Tensor([1, -2] as [Int64])),
      "endless": NPY.encode(Tensor([1, .infinity] as [Float])),
    ])
    func labels(_ name: String) throws -> BinaryRows {
      BinaryRows([try BinaryFile(name, files: files)], RowSelection(), files: files)
    }
    for name in ["u1", "i4", "i8"] {
      let rows = try labels(name)
      #expect(try rows.findGreatestCode() == 6)
      let target = Tensor(.int32, Shape(69_999))
      try rows.readLabels(1..<70_000, classCount: 7, into: target)
      #expect(target.elements(of: Int32.self) == (1..<70_000).map { Int32($0 % 7) })
      #expect(
        complaint { try rows.readLabels(5..<8, classCount: 6, into: Tensor(.int32, Shape(3))) }
          == "\(name): label 6 is none of the 6 classes of the training data")
    }
    for name in ["f4", "f8"] {
      let target = Tensor(.float32, Shape(69_999))
      try labels(name).readLabels(1..<70_000, classCount: 0, into: target)
      #expect(target.elements(of: Float.self) == (1..<70_000).map { Float($0 % 7) })
    }
    #expect(
      complaint { try labels("negative").findGreatestCode() }
        == "negative: labels from 0 to 1000000 are expected, found -2")
    #expect(
      complaint {
        try labels("endless").readLabels(0..<2, classCount: 0, into: Tensor(.float32, Shape(2)))
      } == "endless: the label of row 1 is no finite Float32")
  }

  @Test func otherArraysAreNoRows() throws {
    func said(_ name: String) throws -> String {
      complaint { try BinaryFile(name, files: memory(name)) }
    }
    #expect(try said("fortran.npy").contains("Fortran order"))
    #expect(try said("scalar.npy").contains("a single number"))
    #expect(try said("refused-big-endian.npy").contains("'>f4'"))
    #expect(try said("quotes.csv").contains("no IDX file"))
  }

  // MARK: CSV

  @Test(arguments: [false, true])
  func csvRowsComeInAnyRanges(isCompressed: Bool) throws {
    let seed = freshSeed()
    var random = SeededGenerator(seed: seed)
    for round in 0..<6 {
      let total = Int.random(in: 1...4000, using: &random)
      let hasHeader = Bool.random(using: &random)
      let long = String(repeating: "x", count: Int.random(in: 0...120, using: &random))
      var content: [String: [UInt8]] = [:]
      for (number, rows) in cut(total, &random).enumerated() where hasHeader || !rows.isEmpty {
        // Files have their columns in orders of their own, and empty lines, and quoted line feeds.
        let turned = hasHeader && number % 2 == 1
        var text = hasHeader ? (turned ? "label,c2,c0,c1\n" : "c0,c1,c2,label\n") : ""
        for row in rows {
          let kept = row % 5 == 0 ? "\"a\n\"\"\(row)\(long)\"" : "b\(row)\(long)"
          let label = row % 3
          text += turned ? "\(label),\(kept),\(row),0.\(row)" : "\(row),0.\(row),\(kept),\(label)"
          text += row % 11 == 0 ? "\r\n\n" : "\n"
        }
        let bytes = Array(text.utf8)
        content["f\(number)"] = isCompressed ? gzip(bytes) : bytes
      }
      let files = MemoryFiles(content)
      var options = CSVOptions(label: hasHeader ? .name("label") : .index(3))
      options.header = hasHeader
      options.keep = ["c2"]
      if !hasHeader { options.label = .index(-1) }
      options.rows = selection(total, &random)
      let whole = try CSVReader.read(files.paths, options, files: files)
      let (summary, index) = try CSVReader.index(files.paths, options, files: files)
      options.classes = summary.classes
      let reader = CSVRangeReader(index, options, files: files)
      #expect(reader.rowCount == whole.rowCount)
      let asked = ranges(reader.rowCount, &random)
      let read = options
      onTwoThreads {
        for range in asked {
          let features = Tensor(.float32, Shape(range.count, 2))
          let targets = Tensor(.int32, Shape(range.count))
          let kept = try reader.read(range, features: features, targets: targets)
          let place = "GLISSADE_SEED=\(seed), round \(round), \(range), \(read.rows)"
          #expect(features.hasSameBits(as: whole.features.rows(range)), "\(place)")
          #expect(whole.target.map { targets.hasSameBits(as: $0.rows(range)) } ?? false, "\(place)")
          #expect(kept.map(\.values) == whole.kept.map { Array($0.values[range]) }, "\(place)")
        }
      }
    }
  }

  /// Numbers are not looked at before they are read; then an error still knows its line.
  @Test func anErrorInARangeHasItsLine() throws {
    let text = "x\n" + (0..<40_000).map { $0 == 33_333 ? "no\n" : "\($0)\n" }.joined()
    let files = MemoryFiles(["f": text])
    let (_, index) = try CSVReader.index(["f"], CSVOptions(), files: files)
    let reader = CSVRangeReader(index, CSVOptions(), files: files)
    let features = Tensor(.float32, Shape(5000, 1))
    let none = Tensor(.float32, Shape(0))
    #expect(
      complaint { try reader.read(30_000..<35_000, features: features, targets: none) }
        == "f:33335:1: expected a number in column 'x', found 'no'")
    _ = try reader.read(34_000..<39_000, features: features, targets: none)
    #expect(features.elements(of: Float.self) == (34_000..<39_000).map(Float.init))
  }

  // MARK: Helpers

  private func onTwoThreads(_ body: @escaping @Sendable () throws -> Void) {
    let attempts = (0..<2).map { _ in
      Result {
        try SystemThread(name: "rows") {
          do { try body() } catch { Issue.record("\(error)") }
        }
      }
    }
    for attempt in attempts {
      do { try attempt.get().join() } catch { Issue.record("\(error)") }
    }
  }

  /// A gzip file whose blocks are stored as they are (RFC 1951, 3.2.4).
  private func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
    var start = 0
    repeat {
      let count = min(65_535, bytes.count - start)
      let isLast = start + count == bytes.count
      for number in [count, count ^ 0xffff] {
        if number == count { result.append(isLast ? 1 : 0) }
        result += [UInt8(number & 0xff), UInt8(number >> 8)]
      }
      result += bytes[start..<start + count]
      start += count
    } while start < bytes.count
    var checksum = UInt32.max
    for byte in bytes {
      checksum ^= UInt32(byte)
      for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    for number in [~checksum, UInt32(bytes.count)] {
      result += [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
    return result
  }
}
