/// What a node can do, erased once at registration into closures: its name, its attributes (input ports are the
/// attributes that refer to nodes), its output ports and the rule that gives axes, shapes, costs and kernels.
///
/// A class, since every node of a graph holds its operation, and looks at it often.
public final class OperationSpec: Sendable {
  /// The name, as `op:` gives it; a user's own has a prefix with a dot: `acme.soft-median`.
  public let name: String
  /// The version, which a graph that needs the operation states.
  public let version: Int
  /// What it does, in one sentence.
  public let summary: String
  /// A node in a graph file that uses it.
  public let example: String
  /// What it does with axes, in words; `infer` is the rule itself. Nil where nothing is said.
  public let axisRule: String?
  /// The attributes.
  public let attributes: [AttributeSpec]
  /// The attributes with those that every operation has.
  let allAttributes: [AttributeSpec]
  /// The output ports; the first is the main one, which a bare name means.
  public let ports: [PortSpec]
  /// Whether it runs once a step even if all that it reads stays the same (a batch draws anew).
  public let isClocked: Bool
  /// Whether its main port is a state, which `next` moves on.
  public let isState: Bool
  /// Whether the run wants it although no output leads to it (an evaluation is reported).
  public let isReported: Bool
  /// Whether it has nodes of its own.
  public let hasBody: Bool
  /// Attributes that refer to parameters and to the data that tells their shapes.
  public let dataHint: (parameters: String, data: String)?
  /// Whether `run` can do it.
  public let isBuilt: Bool
  /// Gives the ports and stages of a node.
  public let infer: @Sendable (borrowing NodeContext) throws -> NodeShape
  /// Finds attributes of a node, by its number, that have no effect since nobody reads what they change.
  public let findUnread: (@Sendable (Int, GraphUses) -> [Diagnostic])?

  /// An operation.
  public init(
    _ name: String, version: Int = 1, summary: String, example: String, axisRule: String? = nil,
    attributes: [AttributeSpec], ports: [PortSpec], isClocked: Bool = false, isState: Bool = false,
    isReported: Bool = false, hasBody: Bool = false,
    dataHint: (parameters: String, data: String)? = nil, isBuilt: Bool = true,
    findUnread: (@Sendable (Int, GraphUses) -> [Diagnostic])? = nil,
    infer: @escaping @Sendable (borrowing NodeContext) throws -> NodeShape
  ) {
    self.findUnread = findUnread
    self.name = name
    self.version = version
    self.summary = summary
    self.example = example
    self.axisRule = axisRule
    self.attributes = attributes
    allAttributes = attributes + [CommonAttributes.every]
    self.ports = ports
    self.isClocked = isClocked
    self.isState = isState
    self.isReported = isReported
    self.hasBody = hasBody
    self.dataHint = dataHint
    self.isBuilt = isBuilt
    self.infer = infer
  }
}

/// An output port of an operation.
public struct PortSpec: Sendable {
  /// The name: `value` is the usual one of the main port.
  public let name: String
  /// What it gives.
  public let kind: ValueKind
  /// What it means, in one sentence.
  public let summary: String

  /// A port.
  public init(_ name: String, _ kind: ValueKind, _ summary: String) {
    self.name = name
    self.kind = kind
    self.summary = summary
  }
}

/// The ports and stages of one node, as its operation infers them.
public struct NodeShape: Sendable {
  /// The ports, main port first.
  public var ports: [Port]
  /// The stages in the order in which they feed each other.
  public var stages: [Stage]
  /// The steps of an epoch, where the node draws batches.
  public var epochSteps: Int?
  /// What `run` cannot do, beyond what attributes say.
  public var notBuilt: [String]
  /// What attributes that may be left out stand for where what the node reads decides that.
  public var defaults: [AttributeEntry]

  /// Ports and stages.
  public init(
    ports: [Port], stages: [Stage], epochSteps: Int? = nil, notBuilt: [String] = [],
    defaults: [AttributeEntry] = []
  ) {
    self.defaults = defaults
    self.ports = ports
    self.stages = stages
    self.epochSteps = epochSteps
    self.notBuilt = notBuilt
  }

  /// Whether the node keeps memory of its own that its tasks bring rows into, which stay on the disk.
  ///
  /// Stages are asked where they lie: a copy would count each of their parts.
  public var leavesRowsOnDisk: Bool {
    stages.indices.contains { stages[$0].isResident }
  }

  /// Bytes that the node writes to the disk before the first step.
  public var diskBytes: Int { stages.indices.reduce(0) { $0 + stages[$1].diskBytes } }

  /// What a port gives and where it comes from.
  public struct Port: Sendable {
    /// The name.
    public var name: String
    /// The axes of the family.
    public var axes: [Axis]
    /// What each place gives.
    public var specs: PlaceSpecs
    /// The stage whose output it is; nil for a state, and for what is known only before the run.
    public var source: (stage: Int, output: Int)?

    /// A port.
    public init(
      _ name: String, axes: [Axis], _ specs: PlaceSpecs, from source: (stage: Int, output: Int)?
    ) {
      self.name = name
      self.axes = axes
      self.specs = specs
      self.source = source
    }
  }
}

/// What one task of a stage costs.
public struct Cost: Sendable, Hashable {
  /// Floating-point operations.
  public var flops: Double
  /// Bytes that are read and written.
  public var bytes: Double

  /// A cost.
  public init(flops: Double = 0, bytes: Double = 0) {
    self.flops = flops
    self.bytes = bytes
  }

  /// Seconds on a usual core: good enough to find the critical path.
  public var seconds: Double { seconds(at: .usual) }

  /// Seconds on a core of some rates.
  public func seconds(at rates: CostRates) -> Double {
    flops / rates.flopsPerSecond + bytes / rates.bytesPerSecond + rates.secondsPerTask
  }
}

/// How fast a core is, for estimates.
public struct CostRates: Sendable, Hashable {
  /// Floating-point operations of matrix products.
  public var flopsPerSecond: Double
  /// Bytes that are read from memory.
  public var bytesPerSecond: Double
  /// What a task costs besides.
  public var secondsPerTask: Double

  /// Rates.
  public init(flopsPerSecond: Double, bytesPerSecond: Double, secondsPerTask: Double = 1e-6) {
    self.flopsPerSecond = flopsPerSecond
    self.bytesPerSecond = bytesPerSecond
    self.secondsPerTask = secondsPerTask
  }

  /// 50 GFLOP/s and 10 GB/s: what is assumed where nothing was measured.
  public static let usual = CostRates(flopsPerSecond: 50e9, bytesPerSecond: 10e9)
}

/// One kind of task of a node: a family over axes.
public struct Stage: Sendable {
  /// Where an input comes from.
  public enum Source: Sendable {
    /// The n-th value input of the node (`NodeContext.inputs`).
    case input(Int)
    /// An output of an earlier stage of the node.
    case stage(Int, output: Int)
    /// The node's own value of the step before: an output of this or a later stage, or of the initial stage for it.
    case previous(stage: Int, output: Int)
    /// Another port of the node that gives the n-th value input, in the place of the one that is referred to.
    case port(Int, String)
  }

  /// An input of the kernel.
  public struct Input: Sendable {
    /// Where it comes from.
    public var source: Source
    /// The axes that are taken whole, inner first; over all others the stage maps or broadcasts.
    public var taken: [String]

    /// An input that takes some axes whole.
    public init(_ source: Source, taking taken: [String] = []) {
      self.source = source
      self.taken = taken
    }
  }

  /// A short name, for the plan: `draw`, `fold`.
  public var name: String
  /// What the kernel reads.
  public var inputs: [Input]
  /// The axes of the family of tasks.
  public var axes: [Axis]
  /// What each output gives.
  public var outputs: [PlaceSpecs]
  /// Bytes of memory that the kernel needs while it runs.
  public var workspace: Int
  /// What a task costs.
  public var cost: Cost
  /// The fan-in of a tree over the taken axes of the first input, whose order is that of the places; nil for one
  /// task that takes them whole. Every task of the tree runs the same kernel on values of the output's spec; only the
  /// last has `isRoot`.
  public var treeFanIn: Int?
  /// For an initial version: the state output that it stands for at step -1.
  public var initialOf: (stage: Int, output: Int)?
  /// Whether it reads nothing but files, and can be run again at any time with the same result, so that its value can be
  /// dropped and read again.
  public var isRepeatable: Bool
  /// An output that may be made where an input lies, once nobody else reads that: for kernels that read an element before they
  /// write it, and that do not fail once they have written.
  public var inPlace: (output: Int, input: Int)?
  /// Whether its value is memory that later tasks work in: it is made once, before the first step, from nothing that
  /// changes, and stays where it is until the run ends.
  public var isResident: Bool
  /// Bytes that its tasks together write into the directory of spill files before the first step, to be read in any order.
  public var diskBytes: Int
  /// The arithmetic; nil where this version has none.
  public var kernel: Kernel?

  /// A stage.
  public init(
    _ name: String, inputs: [Input], axes: [Axis], outputs: [PlaceSpecs], workspace: Int = 0,
    cost: Cost = Cost(), treeFanIn: Int? = nil, initialOf: (stage: Int, output: Int)? = nil,
    isRepeatable: Bool = false, isResident: Bool = false, diskBytes: Int = 0,
    inPlace: (output: Int, input: Int)? = nil, kernel: Kernel?
  ) {
    self.name = name
    self.inputs = inputs
    self.axes = axes
    self.outputs = outputs
    self.workspace = workspace
    self.cost = cost
    self.treeFanIn = treeFanIn
    self.initialOf = initialOf
    self.isRepeatable = isRepeatable
    self.inPlace = inPlace
    self.isResident = isResident
    self.diskBytes = diskBytes
    self.kernel = kernel
  }
}

extension Stage {
  /// Whether it reads its node's value of the step before.
  var readsItself: Bool {
    inputs.contains { input in
      if case .previous = input.source { true } else { false }
    }
  }
}
