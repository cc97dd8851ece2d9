/// An array that never changes again, read through its address: no reference is counted and no bound is checked where
/// a task is dispatched in a hundred nanoseconds.
///
/// `@unchecked Sendable`: nobody writes after `init`.
@safe package struct FrozenArray<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  private final class Block {
    let base: UnsafeMutablePointer<Element>

    init(_ elements: [Element]) {
      base = .allocate(capacity: max(1, elements.count))
      base.initialize(from: elements, count: elements.count)
    }

    deinit { base.deallocate() }
  }

  private let block: Block
  @usableFromInline let base: UnsafePointer<Element>
  /// The number of elements.
  package let count: Int

  /// The elements of an array.
  package init(_ elements: [Element]) {
    block = Block(elements)
    base = UnsafePointer(block.base)
    count = elements.count
  }

  /// An element; the index must be in range.
  @inlinable
  package subscript(index: Int) -> Element { base[index] }

  /// Some elements; the range must be in range. Valid as long as the array is held.
  @inlinable
  package subscript(range: Range<Int32>) -> UnsafeBufferPointer<Element> {
    UnsafeBufferPointer(start: base + Int(range.lowerBound), count: range.count)
  }
}
