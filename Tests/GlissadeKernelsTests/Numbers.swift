import GlissadeTensor

/// Sizes around the width of a vector, where loops have their ends.
let oddSizes = [0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 48, 100]

/// Numbers in -2..<2 that depend on a seed only.
func numbers(_ count: Int, seed: UInt64) -> [Float] {
  let stream = RandomKey(seed: seed).stream
  return (0..<count).map { stream.uniform(0, UInt64($0)) * 4 - 2 }
}

/// Runs a kernel on a fresh output that begins with `initial` and stands between guards, and gives what it wrote; nil
/// where it wrote outside.
func output(
  _ initial: [Float], _ body: (UnsafeMutablePointer<Float>) -> Void
) -> [Float]? {
  let fence = [Float](repeating: 12_345.5, count: 32)
  var buffer = fence + initial + fence
  buffer.withUnsafeMutableBufferPointer { body($0.baseAddress! + 32) }
  guard Array(buffer.prefix(32)) == fence, Array(buffer.suffix(32)) == fence else { return nil }
  return Array(buffer[32..<32 + initial.count])
}

/// An output that begins as NaN, so that what was not written is seen.
func output(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float]? {
  output([Float](repeating: .nan, count: count), body)
}

/// Whether two lists agree within a tolerance that is absolute below 1 and relative above it.
func agree(_ found: [Float]?, _ expected: [Double], within tolerance: Double = 3e-7) -> Bool {
  guard let found, found.count == expected.count else { return false }
  return zip(found, expected).allSatisfy { abs(Double($0) - $1) <= tolerance * max(1, abs($1)) }
}

/// The bits of each number, so that NaN equals itself and -0 differs from 0.
func bits(_ numbers: [Float]?) -> [UInt32] { (numbers ?? []).map(\.bitPattern) }
