public import GlissadeGraph
public import GlissadeOperations
public import GlissadeRuntime

extension Graph {
  /// Whether any batch takes its rows straight from the disk.
  package var streamsRows: Bool {
    nodes.contains { $0.shape.stages.contains(where: \.isResident) }
  }
}

extension RunOptions {
  /// The graph as a run with these options carries it out: where its values do not fit into the memory, its batches leave
  /// the rows of their shards on the disk.
  ///
  /// The graph is the same one, with the same SHA-256 and the same result. Each batch may keep a quarter of the memory for
  /// rows, or less where that is too much. The directory for spill files takes rows that have to be decoded first.
  /// - Parameters:
  ///   - graph: The graph as it is resolved with `operations`.
  ///   - operations: What it was resolved with.
  /// - Throws: `GraphError` where the graph cannot be planned.
  public func fitted(
    _ graph: Graph, with operations: Operations = Operations()
  ) throws(GraphError) -> Graph {
    guard let memory, graph.notBuilt.isEmpty else { return graph }
    if case .steps? = try memoryPlan(of: graph)?.mode { return graph }
    var streamed = graph
    for share in [4, 16, 64, Int.max] {
      let streaming = BatchStreaming(bytes: memory.bytes / share, directory: spillDirectory)
      streamed = try Graph(
        resolving: graph.description, registry: operations.streaming(streaming).registry,
        baseDirectory: graph.baseDirectory)
      guard streamed.streamsRows else { return graph }
      if try memoryPlan(of: streamed) != nil { return streamed }
    }
    // Neither fits: what needs less says how much.
    return try smallest(of: streamed) < smallest(of: graph) ? streamed : graph
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
