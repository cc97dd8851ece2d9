import GlissadeTensor

/// Rows of `Float` in memory that grows as rows come, and becomes a tensor in the end.
struct FeatureBuffer {
  /// The numbers of one row.
  let columnCount: Int
  /// The rows that were added.
  private(set) var rowCount = 0
  private var capacity: Int
  private var storage: TensorStorage
  private let maximumRows: Int
  private let keepsRows: Bool

  /// Room for about `rows` rows at first, never for more than `maximumByteCount` bytes.
  init(columnCount: Int, expecting rows: Int, maximumByteCount: Int) {
    self.columnCount = columnCount
    keepsRows = true
    maximumRows = maximumByteCount / max(1, columnCount * 4)
    capacity = min(max(rows, 16), max(maximumRows, 0))
    storage = TensorStorage(byteCount: capacity * columnCount * 4, zeroed: false)
  }

  /// The memory of a tensor of [rows, columns], which the caller keeps.
  init(filling tensor: Tensor) {
    columnCount = tensor.shape[1]
    keepsRows = true
    capacity = tensor.shape[0]
    maximumRows = capacity
    storage = TensorStorage(
      adopting: tensor.unsafeBase, byteCount: tensor.byteCount, release: { _ in })
  }

  /// Room for one row, which the next takes over: for who looks at numbers and keeps none.
  init(rowOf columnCount: Int) {
    self.columnCount = columnCount
    keepsRows = false
    maximumRows = 1
    capacity = 1
    storage = TensorStorage(byteCount: columnCount * 4, zeroed: false)
  }

  /// The place for a row of `columnCount` numbers, which the caller must fill; nil where the limit
  /// is passed.
  ///
  /// The pointer is valid until the next call: the storage is replaced when it grows, and nobody
  /// else holds it.
  mutating func addRow() -> UnsafeMutablePointer<Float>? {
    if !keepsRows { return storage.base.assumingMemoryBound(to: Float.self) }
    if rowCount == capacity {
      guard capacity < maximumRows else { return nil }
      capacity = min(maximumRows, capacity + capacity / 2 + 16)
      let next = TensorStorage(byteCount: capacity * columnCount * 4, zeroed: false)
      next.base.copyMemory(from: storage.base, byteCount: rowCount * columnCount * 4)
      storage = next
    }
    let row = storage.base.assumingMemoryBound(to: Float.self) + rowCount * columnCount
    rowCount += 1
    return row
  }

  /// The rows as a tensor of [rows, columns].
  func tensor() -> Tensor {
    Tensor(.float32, Shape(rowCount, columnCount), storage: storage)
  }
}
