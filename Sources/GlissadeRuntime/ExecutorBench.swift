import GlissadeGraph
import GlissadeTensor

/// What a worker uses again and again, so that a task allocates only what it hands on.
///
/// `@unchecked Sendable`: one worker uses it.
final class ExecutorBench: @unchecked Sendable {
  /// Behind an address, so that no access to it is tracked.
  let call: UnsafeMutablePointer<KernelCall>
  /// Where the inputs of the member that runs lie.
  let inputs: UnsafeMutablePointer<UnsafePointer<Value>>
  /// Inputs that are held, by their position.
  let held: UnsafeMutablePointer<Value>
  /// Outputs of the members of a chain, one after another.
  let outputs: UnsafeMutablePointer<Value>
  /// Whether there are any in `held`.
  var holdsInputs = false
  private let inputCount: Int
  private let outputCount: Int
  private let workspace: TensorStorage

  /// - Parameters:
  ///   - inputs: The most inputs of a member.
  ///   - outputs: The most outputs of all members of a task together.
  init(inputs: Int, outputs: Int, workspaceBytes: Int, steps: Int, epochSteps: Int) {
    inputCount = max(1, inputs)
    outputCount = max(1, outputs)
    self.inputs = CacheLines.allocate(capacity: inputCount)
    held = CacheLines.allocate(capacity: inputCount)
    held.initialize(repeating: Value(), count: inputCount)
    self.outputs = CacheLines.allocate(capacity: outputCount)
    self.outputs.initialize(repeating: Value(), count: outputCount)
    workspace = TensorStorage(byteCount: max(64, workspaceBytes), zeroed: false)
    call = CacheLines.allocate(capacity: 1)
    call.initialize(
      to: KernelCall(
        place: 0, step: 0, inputs: KernelInputs(nil, count: 0),
        bounds: KernelBounds(nil, inputCount: 0, shift: 0), outputs: KernelOutputs(nil, count: 0),
        workspace: UnsafeMutableRawBufferPointer(
          start: workspace.base, count: workspace.byteCount), isRoot: true))
    call.pointee.steps = steps
    call.pointee.epochSteps = epochSteps
  }

  deinit {
    call.deinitialize(count: 1)
    call.deallocate()
    inputs.deallocate()
    held.deinitialize(count: inputCount)
    held.deallocate()
    outputs.deinitialize(count: outputCount)
    outputs.deallocate()
  }

  /// Lets go of the values that it holds.
  func clear() {
    holdsInputs = false
    for index in 0..<inputCount { held[index] = Value() }
    for index in 0..<outputCount { outputs[index] = Value() }
  }
}
