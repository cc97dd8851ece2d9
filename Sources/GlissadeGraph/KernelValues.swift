/// Values that a kernel reads where they lie: no reference is counted before the kernel takes a value out.
///
/// Valid while the kernel runs, as whoever calls it holds the values so long.
public struct KernelInputs: RandomAccessCollection {
  @usableFromInline let base: UnsafePointer<UnsafePointer<Value>>?
  /// 0.
  public var startIndex: Int { 0 }
  /// The number of values.
  public let endIndex: Int

  /// The values at addresses that the caller keeps.
  @inlinable
  package init(_ base: UnsafePointer<UnsafePointer<Value>>?, count: Int) {
    self.base = base
    endIndex = count
  }

  /// A value.
  public subscript(index: Int) -> Value {
    _read {
      precondition(index >= 0 && index < endIndex, "value \(index) of \(endIndex) inputs")
      guard let base else { preconditionFailure("no inputs") }
      yield base[index].pointee
    }
  }

  /// Some of the values, counted from 0 again.
  func part(_ range: Range<Int>) -> KernelInputs {
    precondition(range.upperBound <= endIndex, "values \(range) of \(endIndex) inputs")
    return KernelInputs(base.map { $0 + range.lowerBound }, count: range.count)
  }
}

/// Values that a kernel makes, in the place where they will lie.
///
/// Valid while the kernel runs.
public struct KernelOutputs: RandomAccessCollection, MutableCollection {
  @usableFromInline let base: UnsafeMutablePointer<Value>?
  /// 0.
  public var startIndex: Int { 0 }
  /// The number of values.
  public let endIndex: Int

  /// The values at an address that the caller keeps.
  @inlinable
  package init(_ base: UnsafeMutablePointer<Value>?, count: Int) {
    self.base = base
    endIndex = count
  }

  /// A value.
  public subscript(index: Int) -> Value {
    _read { yield address(index).pointee }
    nonmutating _modify { yield &address(index).pointee }
  }

  private func address(_ index: Int) -> UnsafeMutablePointer<Value> {
    precondition(index >= 0 && index < endIndex, "value \(index) of \(endIndex) outputs")
    guard let base else { preconditionFailure("no outputs") }
    return base + index
  }
}

/// Where each input of a task begins among its values.
@usableFromInline
package struct KernelBounds {
  @usableFromInline let base: UnsafePointer<Int>?
  /// The number of inputs.
  @usableFromInline let inputCount: Int
  /// How many values the first input lacks of those that `base` counts: tasks of a tree take a few of the leaves each.
  @usableFromInline let shift: Int

  /// Bounds over numbers that the caller keeps.
  @inlinable
  package init(_ base: UnsafePointer<Int>?, inputCount: Int, shift: Int) {
    self.base = base
    self.inputCount = inputCount
    self.shift = shift
  }

  @inline(__always)
  package subscript(index: Int) -> Int {
    precondition(index >= 0 && index <= inputCount, "input \(index) of \(inputCount)")
    guard let base, index > 0 else { return 0 }
    return base[index] - shift
  }
}
