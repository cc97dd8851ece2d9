public import GlissadeGraph
public import GlissadeOperations
public import GlissadeRuntime
public import GlissadeTensor

extension Graph {
  /// Whether any batch or shard leaves its rows on the disk.
  package var streamsRows: Bool { rowsOnDisk != .none }

  /// Which rows stay on the disk.
  package var rowsOnDisk: RowsOnDisk {
    let streaming = nodes.filter(\.shape.leavesRowsOnDisk)
    if streaming.isEmpty { return .none }
    let bytes = rows.lazy.compactMap(\.streaming?.placeBytes).first
    return bytes.map { .places(above: $0) } ?? .batches
  }

  /// What is known of the rows of each shard.
  private var rows: [RowFacts] {
    nodes.compactMap { $0.shape.ports.first?.specs.first.facts as? RowFacts }
  }

  /// Whether an output is rows, which are read as values then.
  fileprivate var givesRows: Bool {
    outputs.contains { nodes[$0.port.node].port($0.port.port)?.specs.first.kind == .rows }
  }

  /// Whether texts go along with any rows, which no budget counts where they are in memory.
  fileprivate var keepsTexts: Bool {
    rows.contains { !$0.kept.isEmpty }
  }

  /// Whether any batch leaves its rows there.
  fileprivate var streamsBatches: Bool {
    nodes.contains { $0.shape.leavesRowsOnDisk && $0.shape.epochSteps != nil }
  }

  /// The bytes of the rows of all shards, wherever they are.
  fileprivate var bytesOfRows: Int {
    var sum = 0
    for node in nodes where node.description.operation == "shard" {
      guard let port = node.shape.ports.first else { continue }
      for place in 0..<port.axes.placeCount {
        sum += port.specs[place].tensors.reduce(0) { $0 + $1.byteCount }
      }
    }
    return sum
  }
}

extension RunOptions {
  /// The graph as a run with these options carries it out: where its values do not fit into the memory, its batches leave
  /// the rows of their shards on the disk, and so do shards with places that are large beside it.
  ///
  /// The graph is the same one, with the same SHA-256 and the same result. Each batch may keep half of the memory for rows,
  /// or less where whole steps would not fit into the rest; where they never do, an eighth, since values that go to the disk
  /// and back in every step cost more than rows that are read one by one. Places of up to a third of the memory are values,
  /// some of which stay from step to step; in less memory than that takes, none is. The directory for spill files takes rows
  /// that have to be decoded first.
  /// - Parameters:
  ///   - graph: The graph as it is resolved with `operations`.
  ///   - operations: What it was resolved with.
  /// - Throws: `GraphError` where the graph cannot be planned.
  public func fitted(
    _ graph: Graph, with operations: Operations = Operations()
  ) throws(GraphError) -> Graph {
    guard let memory, graph.notBuilt.isEmpty else { return graph }
    if !graph.keepsTexts, case .steps? = try memoryPlan(of: graph)?.mode { return graph }
    let least = try frugal(graph, operations)
    // What does not fit says how much would.
    guard least.bytes <= memory.bytes else { return least.graph }
    let chunkBytes = min(1 << 20, memory.bytes / (16 * max(4, threads)))
    let forms: [(placeBytes: Int?, chunkBytes: Int)] =
      graph.givesRows
      ? [(nil, 0)]
      : [
        (memory.bytes / 3, chunkBytes), (memory.bytes / 16, chunkBytes), (0, chunkBytes), (0, 0),
      ]
    let fits = try memoryPlan(of: graph) != nil
    for form in forms {
      if let fitted = try fitted(graph, operations, form.placeBytes, form.chunkBytes, memory) {
        return fitted
      }
      if fits { return graph }
    }
    return least.graph
  }

  /// The graph with as many rows in the windows of its batches as fit; nil where nothing does, or nothing stays on the disk.
  private func fitted(
    _ graph: Graph, _ operations: Operations, _ placeBytes: Int?, _ chunkBytes: Int,
    _ memory: ByteCount
  ) throws(GraphError) -> Graph? {
    var byTask: (graph: Graph, bytes: Int)?
    for bytes in [2, 4, 8, 16, 64].map({ memory.bytes / $0 }) + Self.smallAllotments {
      let streaming = RowStreaming(
        windowBytes: bytes, placeBytes: placeBytes, chunkBytes: chunkBytes,
        directory: spillDirectory)
      let streamed = try streaming.applied(to: graph, operations)
      guard streamed.streamsRows else { return nil }
      guard let plan = try memoryPlan(of: streamed) else { continue }
      if case .steps = plan.mode { return streamed }
      if (byTask?.bytes ?? .max) > memory.bytes / 8 { byTask = (streamed, bytes) }
      // Only batches take less where they may keep less.
      if !streamed.streamsBatches { break }
    }
    return byTask?.graph
  }

  /// Bytes that batches may keep of their rows where there is next to no memory.
  private static let smallAllotments = [1 << 20, 1 << 18, 1 << 16, 0]

  /// The smallest memory with which a graph runs with these options, its rows left on the disk where that helps.
  ///
  /// - Parameter whole: That with all rows in memory, where it is known.
  /// - Throws: `GraphError` where the graph cannot be planned.
  public func smallestMemory(
    of graph: Graph, with operations: Operations = Operations(), whole: ByteCount? = nil
  ) throws(GraphError) -> ByteCount {
    ByteCount(try frugal(graph, operations, whole: whole).bytes)
  }

  /// The form of a graph that runs with the least memory.
  private func frugal(
    _ graph: Graph, _ operations: Operations, whole: ByteCount? = nil
  ) throws(GraphError) -> (graph: Graph, bytes: Int) {
    var best = (graph: graph, bytes: whole?.bytes ?? 0)
    if whole == nil { best.bytes = try smallest(of: graph) }
    // Resolving a large graph takes long: not for rows that are next to nothing beside the rest.
    guard 20 * graph.bytesOfRows > best.bytes else { return best }
    for placeBytes in graph.givesRows ? [nil] : [nil, 0] {
      let streaming = RowStreaming(
        windowBytes: 0, placeBytes: placeBytes, chunkBytes: 0, directory: spillDirectory)
      let streamed = try streaming.applied(to: graph, operations)
      guard streamed.streamsRows else { continue }
      let need = try smallest(of: streamed)
      if need < best.bytes { best = (streamed, need) }
    }
    return best
  }

  /// How a graph keeps within the memory; nil where it cannot.
  private func memoryPlan(of graph: Graph) throws(GraphError) -> MemoryPlan? {
    let plan = try GraphRun.plan(of: graph)
    do throws(GraphError) {
      return try MemoryPlan(
        plan, threads: max(1, threads), windowDepth: max(1, windowDepth), budget: memory)
    } catch { return nil }
  }

  private func smallest(of graph: Graph) throws(GraphError) -> Int {
    try MemoryPlan(
      GraphRun.plan(of: graph), threads: max(1, threads), windowDepth: max(1, windowDepth),
      budget: nil
    ).smallest.bytes
  }
}

extension RowStreaming {
  /// A graph that leaves its rows on the disk as these say.
  fileprivate func applied(to graph: Graph, _ operations: Operations) throws(GraphError) -> Graph {
    try Graph(
      resolving: graph.description, registry: operations.streaming(self).registry,
      baseDirectory: graph.baseDirectory)
  }
}
