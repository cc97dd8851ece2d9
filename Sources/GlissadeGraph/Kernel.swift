/// What a kernel is given and what it fills, for one task.
public struct KernelCall {
  /// The place on the stage's axes, row-major.
  public var place: Int
  /// The step, from 0; -1 for what is computed once, before the first.
  public var step: Int
  /// The values of all inputs, one input after another, each in the order of its places.
  public var inputs: [Value]
  /// Where each input begins in `inputs`; one more than there are inputs.
  public var bounds: [Int]
  /// The outputs, allocated in their greatest shapes; the kernel fills them, or puts views of inputs in their place.
  public var outputs: [Value]
  /// Memory for the time of the call, of the size that the stage asked for, aligned to 64 bytes.
  public var workspace: UnsafeMutableRawBufferPointer
  /// In a fold: whether this is the last one, whose output is the stage's.
  public var isRoot: Bool
  /// The steps of the whole run, which schedules end with.
  public var steps = 0
  /// The steps of an epoch; 0 where the graph draws no batches.
  public var epochSteps = 0

  /// A call from its parts.
  public init(
    place: Int, step: Int, inputs: [Value], bounds: [Int], outputs: [Value],
    workspace: UnsafeMutableRawBufferPointer, isRoot: Bool = true
  ) {
    self.place = place
    self.step = step
    self.inputs = inputs
    self.bounds = bounds
    self.outputs = outputs
    self.workspace = workspace
    self.isRoot = isRoot
  }

  /// The values of one input: one where it maps, all places where it takes an axis.
  public func input(_ index: Int) -> ArraySlice<Value> { inputs[bounds[index]..<bounds[index + 1]] }

  /// The value of an input that has one a task.
  public func single(_ index: Int) -> Value { inputs[bounds[index]] }
}

/// The arithmetic of a stage. It may throw `KernelError`; anything else that it throws is reported by its text.
public typealias Kernel = @Sendable (inout KernelCall) throws -> Void

/// Why a task cannot give its value.
public struct KernelError: Error, Sendable, CustomStringConvertible {
  /// What went wrong, as a sentence without a full stop.
  public let description: String
  /// Whether another attempt can succeed (a disk that did not answer), or would fail the same way.
  public let isTransient: Bool

  /// A failure.
  public init(_ description: String, isTransient: Bool = false) {
    self.description = description
    self.isTransient = isTransient
  }
}
