import GlissadeTensor

/// How the rows of a step are drawn.
struct BatchDraw: Sendable {
  var kind: String
  var size: Int
  /// The rows of a block of an epoch's order.
  var blockRows: Int
  var key: RandomKey

  /// Whether an epoch draws each row once, in an order that is known beforehand.
  var hasOrder: Bool { kind != "with-replacement" }

  /// The rows of a step, as numbers below `count`.
  func rows(step: Int, of count: Int, place: Int?, into target: UnsafeMutableBufferPointer<Int32>)
    -> Int
  {
    guard count > 0 else { return 0 }
    if !hasOrder {
      let stream = placeKey(place).deriving(step).stream
      for index in 0..<size { target[index] = Int32(stream.below(count, 0, UInt64(index))) }
      return size
    }
    let (epoch, start) = position(step: step, of: count)
    let range = start..<min(start + size, count)
    if kind == "in-order" {
      for (index, row) in range.enumerated() { target[index] = Int32(row) }
    } else {
      order(epoch: epoch, of: count, place: place).rows(at: range, into: target)
    }
    return range.count
  }

  /// The epoch of a step, and the place in its order of the first row that the step draws.
  func position(step: Int, of count: Int) -> (epoch: Int, start: Int) {
    let epochSteps = max(1, (count + size - 1) / size)
    return (step / epochSteps, step % epochSteps * size)
  }

  /// The block of rows that stands at a place of an epoch's order; nil where rows are drawn in no order of blocks.
  func block(at index: Int, epoch: Int, of count: Int, place: Int?) -> Int? {
    switch kind {
    case "with-replacement": nil
    case "in-order": index
    default: order(epoch: epoch, of: count, place: place).block(at: index)
    }
  }

  private func order(epoch: Int, of count: Int, place: Int?) -> EpochOrder {
    EpochOrder(rows: count, blockRows: blockRows, key: placeKey(place).deriving(epoch))
  }

  private func placeKey(_ place: Int?) -> RandomKey { place.map { key.deriving($0) } ?? key }
}
