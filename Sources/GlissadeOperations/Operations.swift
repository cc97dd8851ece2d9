public import GlissadeGraph
public import GlissadeSystem

/// The operations that a program knows: the built-in ones, and what it registers.
///
/// ```swift
/// var operations = Operations()
/// operations.register(SoftMedian.self)
/// ```
public struct Operations: Sendable {
  /// What graphs are resolved against.
  public private(set) var registry = OperationRegistry()
  /// The world that data is read from.
  public let world: World
  private let catalog: DataCatalog
  private var reductions: [any Reduction.Type] = []

  /// The built-in operations.
  ///
  /// - Parameters:
  ///   - world: The files that data is read from.
  ///   - checksCells: Whether each cell of CSV files is looked at when a graph is resolved. Else a cell that is no number
  ///     is found when it is read.
  public init(world: World = World(), checksCells: Bool = false) {
    self.world = world
    catalog = DataCatalog(world: world)
    let specs = [
      ShardOperation.spec(catalog, checksCells: checksCells), BatchOperation.spec,
      ScaleOperation.spec,
      ParametersOperation.spec(catalog), GradientOperation.spec, ReduceOperation.spec([]),
      UpdateOperation.spec, EvaluateOperation.spec, PredictOperation.spec, CombineOperation.spec,
    ]
    for spec in specs + PlannedOperations.all { registry.register(spec) }
  }

  /// The same operations, with batches and large shards that leave their rows on the disk.
  ///
  /// A graph that is resolved with them is the same graph, and gives the same bits. What was learnt of data files is
  /// not learnt again.
  public func streaming(_ streaming: RowStreaming) -> Operations {
    var copy = self
    copy.registry.register(ShardOperation.spec(DataCatalog(catalog, streaming: streaming)))
    return copy
  }

  /// Adds an operation; graphs name it with `op`.
  public mutating func register(_ operation: OperationSpec) { registry.register(operation) }

  /// Adds a reduction; graphs name it behind `by` of `reduce`.
  public mutating func register(_ reduction: any Reduction.Type) {
    reductions.append(reduction)
    registry.register(ReduceOperation.spec(reductions))
    registry.registerExtension(reduction.name, version: reduction.version)
  }
}
