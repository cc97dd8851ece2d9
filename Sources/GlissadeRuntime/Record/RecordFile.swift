public import GlissadeData
public import GlissadeSystem
import GlissadeTensor

/// The record of a run as a file: safetensors, so that Python reads it as arrays.
///
/// Of each table (`once`, `steps`): `nanoseconds` and `runs` by task, and by event `task`, `step`, `worker`, `start` and `end`, and by
/// wait `wait_task`, `wait_step`, `wait_memory` and `wait_disk`, all Int64.
public struct RecordFile: Sendable {
  /// The name in the run directory.
  public static let name = "record.safetensors"
  /// The name beside it of the graph that was run.
  public static let graphName = "graph.json"
  private static let form = "4"

  /// The record.
  public let record: RunRecord
  /// The SHA-256 of the graph's canonical form.
  public let graphSHA256: String
  /// What the graph had found in its data, as `DataShapes` says it.
  public let shapesSHA256: String
  /// The directory that relative names in the graph start from.
  public let baseDirectory: String
  /// Which rows stayed on the disk, which makes other tasks.
  public let rowsOnDisk: RowsOnDisk

  /// A file's content.
  public init(
    _ record: RunRecord, graphSHA256: String, shapesSHA256: String, baseDirectory: String,
    rowsOnDisk: RowsOnDisk = .none
  ) {
    self.rowsOnDisk = rowsOnDisk
    self.record = record
    self.graphSHA256 = graphSHA256
    self.shapesSHA256 = shapesSHA256
    self.baseDirectory = baseDirectory
  }

  /// Writes the file, atomically.
  public func write(to path: String, files: any FileSystem) throws(DataError) {
    var tensors: [SafeTensors.Named] = []
    for (name, table) in [("once", record.once), ("steps", record.steps)] {
      func add(_ key: String, _ numbers: [Int]) {
        tensors.append(.init("\(name).\(key)", Tensor(numbers.map(Int64.init))))
      }
      add("nanoseconds", table.nanoseconds)
      add("runs", table.runs)
      add("task", table.events.map(\.task))
      add("step", table.events.map(\.step))
      add("worker", table.events.map(\.worker))
      add("start", table.events.map(\.start))
      add("end", table.events.map(\.end))
      add("dropped", [table.dropped])
      add("wait_task", table.waits.map(\.task))
      add("wait_step", table.waits.map(\.step))
      add("wait_memory", table.waits.map(\.memory))
      add("wait_disk", table.waits.map(\.disk))
    }
    try SafeTensors.write(
      path, tensors,
      metadata: [
        "glissade.record": Self.form, "glissade.graph_sha256": graphSHA256,
        "glissade.shapes_sha256": shapesSHA256, "glissade.base_directory": baseDirectory,
        "glissade.threads": String(record.threads),
        "glissade.rows_on_disk": rowsOnDisk.description,
      ], files: files)
  }

  /// Reads a file that `write` has written.
  ///
  /// - Throws: `DataError` where it cannot be read or is something else.
  public init(reading path: String, files: any FileSystem) throws(DataError) {
    let content = try SafeTensors.read(path, files: files)
    guard content.metadata["glissade.record"] == Self.form,
      let sha256 = content.metadata["glissade.graph_sha256"],
      let shapes = content.metadata["glissade.shapes_sha256"],
      let base = content.metadata["glissade.base_directory"],
      let threads = content.metadata["glissade.threads"].flatMap({ Int($0) }), threads > 0,
      let rowsOnDisk = content.metadata["glissade.rows_on_disk"].flatMap(RowsOnDisk.init)
    else { throw DataError(path, "it is no record of a run of this version") }
    record = RunRecord(
      once: try Self.table("once", content, path, threads),
      steps: try Self.table("steps", content, path, threads), threads: threads)
    graphSHA256 = sha256
    shapesSHA256 = shapes
    baseDirectory = base
    self.rowsOnDisk = rowsOnDisk
  }

  private static func table(
    _ name: String, _ content: SafeTensors.Content, _ path: String, _ threads: Int
  ) throws(DataError) -> TableRecord {
    func numbers(_ key: String) throws(DataError) -> [Int] {
      guard let tensor = content["\(name).\(key)"], tensor.type == .int64, tensor.shape.rank == 1
      else { throw DataError(path, "it has no list '\(name).\(key)' of whole numbers") }
      return tensor.elements(of: Int64.self).map(Int.init)
    }
    var table = TableRecord(taskCount: 0)
    table.nanoseconds = try numbers("nanoseconds")
    table.runs = try numbers("runs")
    table.dropped = try numbers("dropped").first ?? 0
    let (tasks, steps, workers) = (try numbers("task"), try numbers("step"), try numbers("worker"))
    let (starts, ends) = (try numbers("start"), try numbers("end"))
    let lengths = [steps.count, workers.count, starts.count, ends.count]
    guard lengths.allSatisfy({ $0 == tasks.count }), table.runs.count == table.nanoseconds.count
    else { throw DataError(path, "its lists of '\(name)' have different lengths") }
    for index in tasks.indices {
      guard table.runs.indices.contains(tasks[index]), (0..<threads).contains(workers[index]),
        steps[index] >= 0, 0 <= starts[index], starts[index] <= ends[index]
      else { throw DataError(path, "event \(index) of '\(name)' is none of its tasks' runs") }
      table.events.append(
        TaskEvent(
          task: tasks[index], step: steps[index], worker: workers[index], start: starts[index],
          end: ends[index]))
    }
    let (waiting, waitSteps) = (try numbers("wait_task"), try numbers("wait_step"))
    let (memory, disk) = (try numbers("wait_memory"), try numbers("wait_disk"))
    guard [waitSteps.count, memory.count, disk.count].allSatisfy({ $0 == waiting.count })
    else { throw DataError(path, "its lists of waits of '\(name)' have different lengths") }
    for index in waiting.indices {
      guard table.runs.indices.contains(waiting[index]), waitSteps[index] >= 0,
        memory[index] >= 0, disk[index] >= 0
      else { throw DataError(path, "wait \(index) of '\(name)' is none of its tasks'") }
      table.waits.append(
        TaskWait(
          task: waiting[index], step: waitSteps[index], memory: memory[index], disk: disk[index]))
    }
    return table
  }
}

/// Which rows of a graph stay on the disk.
public enum RowsOnDisk: Sendable, Hashable, CustomStringConvertible {
  /// All are values in memory.
  case none
  /// Those that batches draw from.
  case batches
  /// Those of shards, too, whose places have more bytes.
  case places(above: Int)

  /// As records have it.
  public var description: String {
    switch self {
    case .none: "none"
    case .batches: "batches"
    case .places(let bytes): String(bytes)
    }
  }

  init?(_ text: String) {
    switch text {
    case "none": self = .none
    case "batches": self = .batches
    default:
      guard let bytes = Int(text), bytes >= 0 else { return nil }
      self = .places(above: bytes)
    }
  }
}
