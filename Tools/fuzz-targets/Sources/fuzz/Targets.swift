import GlissadeData
import GlissadeFormat
import GlissadeGraph
import GlissadeOperations
import GlissadeRuntime
import GlissadeStore
import GlissadeSystem
import GlissadeTensor

/// What is fuzzed. Wrong input must end in an error of ours; a trap, a leak, 2 GiB or 10 seconds are findings.
let targets: [(name: String, run: @Sendable ([UInt8]) -> Void)] = [
  ("graph", graph), ("set", override), ("csv", csv), ("gzip", gzip), ("idx", idx), ("npy", npy),
  ("safetensors", safetensors), ("record", record), ("spill", spill),
]

/// The data of graphs: twelve rows.
private let rows = "a,b,label\n" + (0..<12).map { "\($0),\($0 * $0 % 7),\($0 % 3)\n" }.joined()

private let operations = Operations(
  world: World(files: OneFile(files: ["rows.csv": Array(rows.utf8)])))

/// A graph file, YAML or JSON: read, printed and read again, resolved, planned and drawn.
@Sendable private func graph(_ bytes: [UInt8]) {
  do throws(GraphError) {
    let description = try GraphReader.read(bytes, file: "fuzz.yaml")
    for text in [GraphWriter.yaml(description), GraphWriter.json(description)] {
      let again = try GraphReader.read(Array(text.utf8), file: "printed")
      precondition(again == description, "printed and read back it is another graph")
    }
    examine(description)
  } catch { show(error, of: String(decoding: bytes, as: UTF8.self)) }
}

private func examine(_ description: GraphDescription) {
  do {
    let graph = try Graph(resolving: description, registry: operations.registry)
    let plan = try Plan(expanding: graph, limit: 10_000)
    precondition(DOT.graph(graph).hasSuffix("}\n") && DOT.tasks(plan).hasSuffix("}\n"))
  } catch let error as GraphError {
    show(error, of: "")
  } catch {}
}

/// An error must be one that can be shown, whatever it quotes.
private func show(_ error: GraphError, of text: String) {
  precondition(!error.diagnostics.isEmpty, "an error without a finding")
  let shown = DiagnosticPrinter.text(error, source: { _ in text })
  precondition(
    shown.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value != 0x7F },
    "a control character in an error")
}

/// `PATH=VALUE` over a graph that is right.
@Sendable private func override(_ bytes: [UInt8]) {
  let text = String(decoding: bytes, as: UTF8.self)
  var changed = overridden
  do throws(GraphError) {
    try GraphOverride.apply(text, to: &changed)
    examine(changed)
  } catch {
    precondition(changed == overridden, "an override that fails changes the graph")
    show(error, of: text)
  }
}

private let overridden: GraphDescription = {
  let text = """
    glissade: 1
    name: g
    nodes:
      rows: { op: shard, source: rows.csv, label: label, count: 2 }
      batch: { op: batch, of: rows, size: 4 }
      weights: { op: parameters, model: { kind: mlp, hidden: [4] } }
      grad: { op: gradient, at: weights, data: batch, loss: cross-entropy }
      mean: { op: reduce, of: grad, over: rows, by: mean }
      step: { op: update, of: weights, with: mean, optimizer: { kind: adam, rate: 0.1 } }
      score: { op: evaluate, at: weights, data: rows, metrics: [accuracy, loss], every: { epochs: 1 } }
    run: { until: { epochs: 2 }, stop: { when: score.loss, best: least, patience: 2 } }
    outputs: { weights: out.safetensors, step.state: { file: state.safetensors } }
    """
  do { return try GraphReader.read(Array(text.utf8), file: "g.yaml") } catch {
    preconditionFailure("\(error)")
  }
}()

/// CSV behind one byte of options; gzip where the bytes say so.
@Sendable private func csv(_ bytes: [UInt8]) {
  guard let first = bytes.first else { return }
  var options = CSVOptions(label: first & 1 == 0 ? nil : .index(first & 2 == 0 ? -1 : 0))
  options.header = first & 4 == 0
  options.delimiter = CSVOptions.Delimiter.allCases[Int(first >> 3 & 3) % 3]
  options.target = CSVOptions.Target.allCases[Int(first >> 5 & 3) % 3]
  options.maximumFileBytes = 64 << 20
  options.maximumFeatureBytes = 64 << 20
  if first & 128 != 0 { options.rows = RowSelection(range: 1..<9, every: 2, offset: 1) }
  let files = OneFile(files: ["f": Array(bytes.dropFirst())])
  do throws(DataError) {
    let table = try CSVReader.read(["f"], options, files: files)
    let summary = try CSVReader.inspect(["f"], options, files: files)
    precondition(summary.rowCount == table.features.shape[0], "counting finds other rows")
  } catch { check(error) }
}

/// A gzip file whose content is read as CSV: what unpacks, and how far.
@Sendable private func gzip(_ bytes: [UInt8]) { csv([4, 0x1F, 0x8B] + bytes) }

@Sendable private func idx(_ bytes: [UInt8]) {
  let files = OneFile(files: ["f": bytes])
  do throws(DataError) {
    let tensor = try IDX.read("f", limit: 256 << 20, files: files)
    let header = try IDX.inspect("f", limit: 256 << 20, files: files)
    precondition(tensor.shape == header.shape, "the header says another shape")
    if header.shape[0] > 0 {
      let last = header.shape[0] - 1
      _ = try IDX.read("f", rows: last..<last + 1, limit: 256 << 20, files: files)
    }
  } catch { check(error) }
}

@Sendable private func npy(_ bytes: [UInt8]) {
  do throws(DataError) {
    let tensor = try NPY.read("f", files: OneFile(files: ["f": bytes]))
    precondition(tensor.byteCount <= bytes.count * 2 + 8, "more elements than bytes")
  } catch { check(error) }
}

@Sendable private func safetensors(_ bytes: [UInt8]) {
  let files = OneFile(files: ["f": bytes])
  do throws(DataError) {
    let summary = try SafeTensors.inspect("f", files: files)
    let content = try SafeTensors.read("f", files: files)
    precondition(summary.tensors.count == content.tensors.count, "the header says other tensors")
  } catch { check(error) }
}

/// What a run has noted of its tasks.
@Sendable private func record(_ bytes: [UInt8]) {
  do throws(DataError) {
    let file = try RecordFile(reading: "f", files: OneFile(files: ["f": bytes]))
    for table in [file.record.once, file.record.steps] {
      precondition(
        table.events.allSatisfy { table.runs.indices.contains($0.task) && $0.start <= $0.end })
    }
  } catch { check(error) }
}

/// A tensor of 20,000 numbers, half of them 0, in two chunks.
private let spilled = Tensor((0..<20_000).map { Float($0 % 2 * $0 % 251) })
private let spillSpec = SpillSpec(
  key: SpillKey(run: 1, value: 2, step: 3, place: 4), type: .float32, shape: spilled.shape,
  chunkBytes: 1 << 16)

/// First the input as a spill file; then as changes of one that is right: three bytes each, a place and what is added there.
@Sendable private func spill(_ bytes: [UInt8]) {
  var coder = SpillCoder(chunkBytes: spillSpec.chunkBytes)
  var file = SpillCodec.encode(spilled, as: spillSpec, using: &coder)
  for first in stride(from: 0, to: bytes.count - 2, by: 3) {
    let place = (Int(bytes[first]) << 8 | Int(bytes[first + 1])) % file.count
    file[place] &+= bytes[first + 2]
  }
  for file in [bytes, file] {
    file.withUnsafeBytes { file in
      do throws(StoreError) {
        let tensor = try SpillCodec.decode(file, expecting: spillSpec)
        precondition(tensor.hasSameBits(as: spilled), "other numbers than were put away")
      } catch { precondition(!error.description.isEmpty, "an error without words") }
    }
  }
}

private func check(_ error: DataError) {
  precondition(!error.description.isEmpty, "an error without words")
}
