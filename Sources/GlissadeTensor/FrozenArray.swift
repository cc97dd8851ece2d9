/// An array that never changes again, read through its address: no reference is counted and no bound is checked where
/// a task is dispatched in a hundred nanoseconds.
///
/// `@unchecked Sendable`: nobody writes after `init`.
@safe package struct FrozenArray<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  private final class Block {
    let base: UnsafeMutablePointer<Element>

    init(_ elements: [Element]) {
      base = CacheLines.allocate(capacity: elements.count)
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

/// Memory on cache lines of its own.
///
/// Two small blocks of the allocator can share a line; where one of them is written, the readers of the other wait for
/// the line each time.
package enum CacheLines {
  /// The bytes of a pair of lines, since processors fetch them in pairs.
  @inlinable package static var pair: Int { 128 }

  /// Room for elements that shares no pair of lines with anything else; given back with `deallocate`.
  @inlinable
  package static func allocate<Element: ~Copyable>(capacity: Int) -> UnsafeMutablePointer<Element> {
    let bytes = max(1, capacity * MemoryLayout<Element>.stride)
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: (bytes + pair - 1) / pair * pair, alignment: pair)
    return raw.assumingMemoryBound(to: Element.self)
  }
}
