import GlissadeData
import GlissadeGraph
import GlissadeSystem
import GlissadeTensor

/// The stages of a batch that takes its rows straight from the disk: the values of the places are not read, so nobody need
/// hold them.
struct StreamedBatch {
  private let origin: RowOrigin
  private let draw: BatchDraw
  private let input: NodeInput
  private let number: Int
  private let isScaled: Bool
  /// The first row of each place, and the end.
  private let starts: [Int]
  private let perPlace: Bool

  /// Nil where the rows cannot be taken from their files: then they are read as a value.
  ///
  /// - Parameter number: The number of the input among those of the node.
  init?(
    _ input: NodeInput, number: Int, _ facts: RowFacts, _ draw: BatchDraw, perPlace: Bool
  ) {
    guard let origin = facts.origin, origin.describes(input), facts.schema.target != .tokens,
      // Each place would read all files for its own rows.
      !perPlace || origin.permutation == nil
    else { return nil }
    self.origin = origin
    self.draw = draw
    self.input = input
    self.number = number
    isScaled = facts.scaledBy != nil
    starts = facts.starts
    self.perPlace = perPlace
  }

  /// The stages behind the one that draws: that of the blocks in memory, then that of the rows.
  ///
  /// - Parameter draws: The number of the stage that draws.
  func stages(after draws: Int, _ specs: [ValueSpec]) -> [Stage] {
    var inputs: [Stage.Input] = [
      .init(.stage(draws, output: 0)), .init(.stage(draws + 1, output: 0)),
    ]
    if isScaled { inputs.append(.init(.port(number, "statistics"))) }
    let bytes = specs.reduce(0) { max($0, $1.byteCount) }
    return [
      window,
      Stage(
        "value", inputs: inputs, axes: input.axes, outputs: [.each(specs)],
        workspace: workspace, cost: Cost(bytes: Double(2 * bytes)),
        kernel: gatherKernel),
    ]
  }

  /// The rows that a window reads from.
  private func blocks(at place: Int) -> RowBlocks {
    perPlace
      ? RowBlocks(
        origin, first: origin.first + starts[place], rowCount: starts[place + 1] - starts[place])
      : RowBlocks(origin, first: origin.first, rowCount: starts[starts.count - 1])
  }

  /// The slots of a window: for all blocks where there is room.
  private func slotCount(_ blocks: RowBlocks) -> Int {
    let windows = perPlace ? input.axes.placeCount : 1
    let bytes = max(0, origin.streaming.windowBytes / windows - BlockFileAlignment.bytes)
    return min(bytes / blocks.layout.byteCount, blocks.count)
  }

  /// The bytes of room for a block that has no slot, where windows have some slots and fewer than they may need.
  private var transferBytes: Int {
    let windows = (0..<(perPlace ? input.axes.placeCount : 1)).map(blocks(at:))
    let isNeeded = windows.contains { blocks in
      let slots = slotCount(blocks)
      return slots > 0 && slots < min(blocks.count, RowSlots.fullSpeed)
    }
    return isNeeded ? windows[0].byteCount(ofSlots: 1) : 0
  }

  /// What a task takes besides: room for a block, for a row that is read alone, and what the reading takes.
  private var workspace: Int {
    let layout = origin.source.blockLayout
    return transferBytes + layout.rowBytes + 128
      + origin.source.streamingWorkspace(rows: origin.source.blockLayout.rows)
  }

  /// Makes the window before the first step, and where the files cannot be read at any place writes their rows out.
  private var window: Stage {
    let axes = perPlace ? input.axes : []
    let specs = (0..<axes.placeCount).map { place -> ValueSpec in
      let blocks = blocks(at: place)
      let slots = slotCount(blocks)
      return ValueSpec(
        ValueKind("blocks of rows"),
        // Behind the slots, what the thread takes that reads ahead.
        [
          TensorSpec(
            "blocks", .uint8,
            Shape(
              blocks.byteCount(ofSlots: slots)
                + (slots > 0
                  ? origin.source.streamingWorkspace(rows: origin.source.blockLayout.rows) : 0)
            ))
        ],
        rows: slots * blocks.layout.rows)
    }
    let source = origin.source
    let longest = (0..<axes.placeCount).reduce(0) { max($0, blocks(at: $1).rowCount) }
    let isReadable = origin.isReadable
    let least = specs.contains { $0.rows == 0 } ? blocks(at: 0).byteCount(ofSlots: 1) : 0
    return Stage(
      "window", inputs: [], axes: axes, outputs: [.each(specs)],
      workspace: isReadable ? 0 : source.workspace(rows: source.blockLayout.rows) + least,
      cost: isReadable ? Cost() : source.cost(rows: longest), isResident: true,
      diskBytes: isReadable
        ? 0
        : (0..<axes.placeCount).reduce(0) { sum, place in
          let blocks = blocks(at: place)
          return sum + blocks.count * blocks.layout.byteCount
        },
      kernel: { [self] call in try fill(&call, slots: specs[call.place].rows) })
  }

  private func fill(_ call: inout KernelCall, slots rows: Int) throws {
    var blocks = blocks(at: call.place)
    let layout = blocks.layout
    let memory = call.outputs[0].tensors[0]
    let slots = blocks.makeSlots(rows / layout.rows, in: memory)
    if let slot = slots.first {
      try blocks.makeReadable(through: slot)
    } else if !blocks.origin.isReadable {
      let memory = Tensor(uninitialized: .uint8, Shape(blocks.byteCount(ofSlots: 1)))
      try blocks.makeReadable(through: blocks.makeSlots(1, in: memory)[0])
    }
    let groupRows = blocks.blockRows * EpochOrder.groupBlocks
    call.outputs[0].attachment = RowWindow(
      RowSlots(
        blocks, slots, hasOrder: draw.hasOrder, stepGroups: draw.size / groupRows + 2),
      reader: slots.isEmpty || !draw.hasOrder
        ? nil : RowReadAhead(draw: draw, place: perPlace ? call.place : nil, steps: call.steps))
  }

  /// Copies the drawn rows that lie in a place, in the order of the draw.
  private var gatherKernel: Kernel {
    let (starts, perPlace, isScaled, draw) = (starts, perPlace, isScaled, draw)
    let transferBytes = transferBytes
    return { call in
      guard let window = call.single(1).attachment as? RowWindow else {
        throw KernelError("the rows that are kept in memory are gone")
      }
      let drawn = call.single(0)
      let (start, end) =
        perPlace
        ? (0, starts[call.place + 1] - starts[call.place])
        : (starts[call.place], starts[call.place + 1])
      let (epoch, first) = draw.position(step: call.step, of: window.slots.blocks.rowCount)
      let features = call.outputs[0].tensors[0]
      let targets = call.outputs[0].tensors[1]
      var copier = RowCopier(
        window.slots, epoch: draw.hasOrder ? epoch : 0, scaling: isScaled ? call.single(2) : nil,
        transfer: transferBytes == 0 ? nil : window.slots.blocks.slots(1, over: call.workspace)[0])
      defer { copier.finish() }
      var count = 0
      try drawn.tensors[0].withElements(of: Int32.self) { rows in
        for index in 0..<drawn.rows {
          let row = Int(rows[index])
          guard row >= start && row < end else { continue }
          try copier.copy(
            row, at: draw.hasOrder ? first + index : 0, to: features, targets, count)
          count += 1
        }
      }
      try copier.copyWaiting(to: features, targets)
      call.outputs[0] = Rows(
        features: features.rows(0..<count),
        targets: targets.count > 0 ? targets.rows(0..<count) : targets
      ).value()
    }
  }
}
