package import GlissadeSystem
import GlissadeTensor

/// Indices of large CSV files, kept on the disk so that the next process need not read the files to find their rows.
///
/// An entry is a safetensors file. It holds what `stat` said of each file when it was read, and a SHA-256 over itself: one
/// of files that have changed since, or that is not what was written, counts as none. What cannot be read or written is
/// left: an index can always be made again.
package struct CSVIndexCache: Sendable {
  /// Where entries lie.
  private let directory: String
  private let files: any FileSystem
  /// Files of fewer bytes together are read faster than they are worth keeping.
  private let leastBytes: Int
  private static let form = "1"

  /// A cache in a directory, which is made when there is something to keep.
  package init(_ directory: String, leastBytes: Int = 8 << 20, files: any FileSystem) {
    self.directory = directory
    self.leastBytes = leastBytes
    self.files = files
  }

  /// What `CSVReader.index` gives for some files: from the cache, or where that knows nothing of them by reading them.
  ///
  /// - Throws: `DataError` as `CSVReader.index` does.
  /// - Complexity: O(marks), or O(bytes) where the files are read.
  package func index(
    _ paths: [String], _ options: CSVOptions, checksCells: Bool
  ) throws(DataError) -> (summary: CSVSummary, index: CSVIndex) {
    // Where cells were looked at, all is known that is without.
    for wasChecked in checksCells ? [true] : [true, false] {
      if let found = read(paths, options, entry(paths, options, wasChecked)) { return found }
    }
    let made = try CSVReader.index(paths, options, checksCells: checksCells, files: files)
    if made.index.fileBytes >= leastBytes {
      write(made, entry(paths, options, checksCells))
    }
    return made
  }

  private func entry(_ paths: [String], _ options: CSVOptions, _ checksCells: Bool) -> String {
    let hash = SHA256()
    for text in [Self.form, "\(options)", "\(checksCells)"] + paths {
      hash.update(UInt64(text.utf8.count))
      hash.update(text)
    }
    return directory + "/" + hash.finalize().prefix(32) + ".rows"
  }

  // MARK: Writing

  private func write(_ made: (summary: CSVSummary, index: CSVIndex), _ path: String) {
    let (summary, index) = made
    var texts = [summary.columns, summary.features, summary.classes ?? []]
    texts += index.files.map(\.columns.names)
    let label = summary.label.map { summary.columns.firstIndex(of: $0) ?? -1 } ?? -1
    let bytes = texts.joined().flatMap { Array($0.utf8) }
    let lists: [(String, [Int])] = [
      (
        "summary",
        [summary.rowCount, label, summary.classes == nil ? 0 : 1, index.longest, index.byteCount]
      ),
      ("starts", index.starts),
      ("status", index.files.flatMap { $0.seen.numbers + [$0.isCompressed ? 1 : 0] }),
      ("marks.counts", index.files.map(\.marks.count)),
      ("marks", index.files.flatMap(\.marks).flatMap { [$0.row, $0.place.byte, $0.place.line] }),
      ("texts.counts", texts.map(\.count)),
      ("texts.lengths", texts.joined().map(\.utf8.count)),
    ]
    var tensors = lists.map { SafeTensors.Named($0.0, Tensor($0.1.map(Int64.init))) }
    tensors.append(.init("texts", Tensor(bytes)))
    try? files.makeDirectory(directory)
    try? SafeTensors.write(
      path, tensors, metadata: ["glissade.rows": Self.form, "sha256": Self.digest(tensors)],
      files: files)
  }

  private static func digest(_ tensors: [SafeTensors.Named]) -> String {
    let hash = SHA256()
    for named in tensors.sorted(by: { $0.name < $1.name }) {
      hash.update(named.name)
      hash.update(UInt64(named.tensor.byteCount))
      hash.update(
        UnsafeRawBufferPointer(start: named.tensor.unsafeBase, count: named.tensor.byteCount))
    }
    return hash.finalize()
  }

  // MARK: Reading

  /// What an entry holds; nil where it is missing, damaged, or of other files than there are now.
  private func read(
    _ paths: [String], _ options: CSVOptions, _ path: String
  ) -> (summary: CSVSummary, index: CSVIndex)? {
    guard let content = try? SafeTensors.read(path, files: files),
      content.metadata["glissade.rows"] == Self.form,
      content.metadata["sha256"] == Self.digest(content.tensors)
    else { return nil }
    func numbers(_ name: String) -> [Int] {
      guard let tensor = content[name], tensor.type == .int64 else { return [] }
      return tensor.elements(of: Int64.self).map { Int($0) }
    }
    let (head, status) = (numbers("summary"), numbers("status"))
    let (counts, lengths) = (numbers("texts.counts"), numbers("texts.lengths"))
    let width = SeenFile.numberCount + 1
    guard head.count == 5, status.count == width * paths.count, counts.count == 3 + paths.count,
      let all = content["texts"], all.type == .uint8, (lengths + counts).allSatisfy({ $0 >= 0 }),
      lengths.reduce(0, +) == all.byteCount, counts.reduce(0, +) == lengths.count
    else { return nil }
    let bytes = all.elements(of: UInt8.self)
    var place = 0
    var texts = lengths.map { length in
      defer { place += length }
      return String(decoding: bytes[place..<place + length], as: UTF8.self)
    }[...]
    let lists = counts.map { count in
      defer { texts = texts.dropFirst(count) }
      return Array(texts.prefix(count))
    }
    var marks = numbers("marks")[...]
    let markCounts = numbers("marks.counts")
    let starts = numbers("starts")
    guard markCounts.count == paths.count, markCounts.allSatisfy({ $0 >= 0 }),
      3 * markCounts.reduce(0, +) == marks.count, starts.count == paths.count + 1
    else { return nil }
    var found: [CSVIndex.File] = []
    for (number, path) in paths.enumerated() {
      let its = Array(status[number * width..<(number + 1) * width])
      guard let seen = SeenFile(path, Array(its.dropLast())),
        (try? seen.check(files: files)) != nil,
        let columns = try? CSVColumns(
          names: lists[3 + number],
          features: number == 0 ? options.columns : found[0].columns.features,
          options: options, path: path)
      else { return nil }
      found.append(
        CSVIndex.File(
          seen: seen, columns: columns, isCompressed: its[width - 1] == 1,
          marks: (0..<markCounts[number]).map { _ in
            let mark = Array(marks.prefix(3))
            marks = marks.dropFirst(3)
            return CSVIndex.Mark(row: mark[0], place: .init(byte: mark[1], line: mark[2]))
          }))
    }
    let summary = CSVSummary(
      columns: lists[0], features: lists[1], rowCount: head[0],
      label: lists[0].indices.contains(head[1]) ? lists[0][head[1]] : nil,
      classes: head[2] == 1 ? lists[2] : nil)
    return (
      summary,
      CSVIndex(files: found, starts: starts, longest: head[3], byteCount: head[4])
    )
  }
}
