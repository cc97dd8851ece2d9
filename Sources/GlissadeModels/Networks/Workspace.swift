/// Hands out pieces of a block of memory, each aligned to 64 bytes.
struct Workspace {
  private var base: UnsafeMutablePointer<Float>?
  private var left: Int

  /// All of a block, which is aligned to 64 bytes itself.
  init(_ bytes: UnsafeMutableRawBufferPointer) {
    base = bytes.baseAddress?.assumingMemoryBound(to: Float.self)
    left = bytes.count / MemoryLayout<Float>.stride
  }

  /// The floats that a piece takes with its alignment.
  static func rounded(_ count: Int) -> Int { (count + 15) & ~15 }

  /// The next `count` floats, with whatever stands in them.
  mutating func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    let taken = Workspace.rounded(count)
    precondition(taken <= left, "a workspace lacks \((taken - left) * 4) bytes")
    // A piece of nothing needs an address all the same; it is never read or written.
    guard let piece = base else { return UnsafeMutablePointer(bitPattern: 64)! }
    base = piece + taken
    left -= taken
    return piece
  }
}
