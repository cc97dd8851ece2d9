/// Arithmetic that stands for any other: a value is 64 bits that depend on all that went into it.
enum ModelKernel {
  static func once(_ value: Int) -> UInt64 { mixed(0x0E5C_E000 ^ UInt64(value)) }

  static func initial(_ value: Int) -> UInt64 { mixed(0x1217_1A10 ^ UInt64(value)) }

  /// The outputs of a task: they depend on the task, the step and the order of the inputs.
  static func compute(_ task: Int, _ step: Int, _ inputs: [UInt64?], outputs: Int) -> [UInt64] {
    var state = mixed(UInt64(task) << 32 ^ UInt64(step))
    for input in inputs { state = mixed(state &* 31 &+ (input ?? 0x0A15_E400)) }
    return (0..<outputs).map { mixed(state &+ UInt64($0)) }
  }
}
