import GlissadeKernels
import GlissadeTensor

extension Rows {
  /// The rows of a pass that are handled together. Fixed, since the bits of a row in a matrix product depend on the
  /// product's shape.
  static let tileRows = 256

  /// Whether features can be used where they lie.
  var isPlain: Bool { features.type == .float32 && multiplier.count == 0 }

  /// The number of rows.
  var count: Int { features.shape[0] }

  /// Float32 features of a range of rows, scaled: where they lie if they can be used so, else in `buffer`, which must
  /// hold them.
  func tile(_ range: Range<Int>, in buffer: UnsafeMutablePointer<Float>) -> UnsafePointer<Float> {
    let columns = features.shape.dimensions.dropFirst().reduce(1, *)
    let first = range.lowerBound * columns
    if isPlain {
      return UnsafePointer(features.unsafeBase.assumingMemoryBound(to: Float.self) + first)
    }
    convertRows(range, columns: columns, into: buffer)
    return UnsafePointer(buffer)
  }

  /// Hands on the rows in parts that are in memory, of whole tiles but for the last, with the number of the first row:
  /// all of them at once, or those that stay on the disk chunk by chunk.
  ///
  /// - Parameter room: Room for chunks, as `RowChunks.byteCount` says; none where the rows are in memory.
  /// - Throws: `KernelError` where they cannot be read, and what `body` throws.
  func forEachPart(
    in room: UnsafeMutableRawBufferPointer, _ body: (Rows, Int) throws -> Void
  ) throws {
    guard let stream else { return try body(self, 0) }
    try stream.forEachChunk(in: room) { chunk, first in
      var part = chunk
      (part.multiplier, part.offset) = (multiplier, offset)
      try body(part, first)
    }
  }

  /// Copies one row, scaled, into row `index` of gathered rows, with its target.
  func copyRow(_ row: Int, to target: Tensor, _ targetTargets: Tensor, at index: Int) {
    let columns = target.shape[1]
    let out = target.unsafeBase.assumingMemoryBound(to: Float.self) + index * columns
    convertRows(row..<row + 1, columns: columns, into: out)
    guard targets.count > 0 else { return }
    let size = targets.type.byteCount * (targets.count / max(1, targets.shape[0]))
    (targetTargets.unsafeBase + index * size).copyMemory(
      from: targets.unsafeBase + row * size, byteCount: size)
  }

  private func convertRows(
    _ range: Range<Int>, columns: Int, into out: UnsafeMutablePointer<Float>
  ) {
    let first = range.lowerBound * columns
    let count = range.count * columns
    let perColumn = multiplier.count > 1
    let factors = multiplier.unsafeBase.assumingMemoryBound(to: Float.self)
    let shifts = offset.unsafeBase.assumingMemoryBound(to: Float.self)
    let isScaled = multiplier.count > 0
    switch features.type {
    case .uint8:
      let x = UnsafePointer(features.unsafeBase.assumingMemoryBound(to: UInt8.self) + first)
      if perColumn {
        convert(
          x, rows: range.count, columns: columns, factors: factors, shifts: shifts, into: out)
      } else {
        convert(
          x, count: count, factor: isScaled ? factors[0] : 1, shift: isScaled ? shifts[0] : 0,
          into: out)
      }
    case .float32:
      let x = UnsafePointer(features.unsafeBase.assumingMemoryBound(to: Float.self) + first)
      if perColumn {
        convert(
          x, rows: range.count, columns: columns, factors: factors, shifts: shifts, into: out)
      } else if isScaled {
        convert(x, count: count, factor: factors[0], shift: shifts[0], into: out)
      } else {
        out.update(from: x, count: count)
      }
    default: preconditionFailure("features of type \(features.type)")
    }
  }
}

/// The ranges of `count` rows in tiles of `Rows.tileRows`; nothing for no rows.
func tiles(of count: Int) -> some Sequence<Range<Int>> {
  stride(from: 0, to: count, by: Rows.tileRows).lazy.map {
    $0..<min($0 + Rows.tileRows, count)
  }
}
