/// What a kernel is given and what it fills, for one task. Valid while the kernel runs.
public struct KernelCall {
  /// The place on the stage's axes, row-major.
  public var place: Int
  /// The step, from 0; -1 for what is computed once, before the first.
  public var step: Int
  /// The values of all inputs, one input after another, each in the order of its places.
  public var inputs: KernelInputs
  /// The outputs, allocated in their greatest shapes; the kernel fills them, or puts views of inputs in their place.
  public var outputs: KernelOutputs
  /// Memory for the time of the call, of the size that the stage asked for, aligned to 64 bytes.
  public var workspace: UnsafeMutableRawBufferPointer
  /// In a fold: whether this is the last one, whose output is the stage's.
  public var isRoot: Bool
  /// The steps of the whole run, which schedules end with.
  public var steps = 0
  /// The steps of an epoch; 0 where the graph draws no batches.
  public var epochSteps = 0
  @usableFromInline var bounds: KernelBounds

  /// A call over memory that its maker owns.
  package init(
    place: Int, step: Int, inputs: KernelInputs, bounds: KernelBounds, outputs: KernelOutputs,
    workspace: UnsafeMutableRawBufferPointer, isRoot: Bool
  ) {
    self.place = place
    self.step = step
    self.inputs = inputs
    self.bounds = bounds
    self.outputs = outputs
    self.workspace = workspace
    self.isRoot = isRoot
  }

  /// Takes the values of another task in the place of those of the last one.
  @inlinable
  package mutating func setValues(
    inputs: KernelInputs, bounds: KernelBounds, outputs: KernelOutputs
  ) {
    self.inputs = inputs
    self.bounds = bounds
    self.outputs = outputs
  }

  /// The number of inputs of the stage.
  public var inputCount: Int { bounds.inputCount }

  /// The values of one input: one where it maps, all places where it takes an axis.
  public func input(_ index: Int) -> KernelInputs { inputs.part(bounds[index]..<bounds[index + 1]) }

  /// The value of an input that has one a task.
  public func single(_ index: Int) -> Value { inputs[bounds[index]] }

  /// Runs a kernel over arrays: for tests, and for whoever runs graphs in another way than the engine.
  ///
  /// - Parameters:
  ///   - inputs: The values of all inputs.
  ///   - bounds: Where each input begins in them; one more than there are inputs.
  ///   - outputs: Values in their greatest shapes; those that the kernel made take their place.
  public static func run(
    _ kernel: Kernel, place: Int, step: Int, inputs: [Value], bounds: [Int],
    outputs: inout [Value], isRoot: Bool = true,
    workspace: UnsafeMutableRawBufferPointer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  ) throws {
    let count = outputs.count
    try inputs.withUnsafeBufferPointer { inputs in
      let addresses = inputs.indices.compactMap { index in inputs.baseAddress.map { $0 + index } }
      try addresses.withUnsafeBufferPointer { addresses in
        try bounds.withUnsafeBufferPointer { bounds in
          try outputs.withUnsafeMutableBufferPointer { outputs in
            var call = KernelCall(
              place: place, step: step,
              inputs: KernelInputs(addresses.baseAddress, count: addresses.count),
              bounds: KernelBounds(bounds.baseAddress, inputCount: bounds.count - 1, shift: 0),
              outputs: KernelOutputs(outputs.baseAddress, count: count), workspace: workspace,
              isRoot: isRoot)
            try kernel(&call)
          }
        }
      }
    }
  }
}

/// The arithmetic of a stage. It may throw `KernelError`; anything else that it throws is reported by its text.
public typealias Kernel = @Sendable (inout KernelCall) throws -> Void

/// Why a task cannot give its value.
public struct KernelError: Error, Sendable, CustomStringConvertible {
  /// What went wrong, as a sentence without a full stop.
  public let description: String
  /// Whether another attempt can succeed (a disk that did not answer), or would fail the same way.
  public let isTransient: Bool
  /// What kept it from succeeding.
  public let reason: FailureReason
  /// What is wrong in the files that were read, each at its place; empty where it is not theirs.
  public let findings: [Diagnostic]

  /// A failure.
  public init(
    _ description: String, isTransient: Bool = false, reason: FailureReason = .content,
    findings: [Diagnostic] = []
  ) {
    self.findings = findings
    self.description = description
    self.isTransient = isTransient
    self.reason = reason
  }
}

/// What keeps tasks, and with them a run, from ending well.
public enum FailureReason: Sendable, Hashable {
  /// A task could not be computed from what the graph or the data says.
  case content
  /// A step, a place or a task was asked for that there is not.
  case request
  /// What was put away, or a file of data, could not be read.
  case unreadable
  /// Neither memory nor the disk has room: the same run may succeed later.
  case noRoom
}
