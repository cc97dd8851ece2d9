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
  /// The address of the first element, valid as long as the array is held: what is read through it is specialized wherever
  /// it is read, which a subscript of this generic type in another module would not be.
  package let base: UnsafePointer<Element>
  /// The number of elements.
  package let count: Int

  /// The elements of an array.
  package init(_ elements: [Element]) {
    block = Block(elements)
    base = UnsafePointer(block.base)
    count = elements.count
  }
}
