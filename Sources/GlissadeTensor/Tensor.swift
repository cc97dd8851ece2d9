/// A dense array of numbers in row-major order, over storage that copies share.
///
/// Copying a tensor costs a reference count; writing to one whose storage is shared copies the elements first
/// (O(count)), so a tensor is a value.
public struct Tensor: Sendable {
  /// The sizes along the dimensions.
  public let shape: Shape
  /// The type of the elements.
  public let type: ScalarType
  private var storage: TensorStorage
  private let offset: Int

  /// A tensor of zeros.
  public init(_ type: ScalarType, _ shape: Shape) {
    self.init(
      type, shape, storage: TensorStorage(byteCount: shape.elementCount * type.byteCount))
  }

  /// A tensor whose elements are whatever was in memory: for outputs that are filled before they are read.
  public init(uninitialized type: ScalarType, _ shape: Shape) {
    let bytes = shape.elementCount * type.byteCount
    self.init(type, shape, storage: TensorStorage(byteCount: bytes, zeroed: false))
  }

  /// A view of `storage` from a byte offset, which must be a multiple of the element's size.
  public init(_ type: ScalarType, _ shape: Shape, storage: TensorStorage, byteOffset: Int = 0) {
    precondition(
      byteOffset >= 0 && byteOffset % type.byteCount == 0
        && byteOffset + shape.elementCount * type.byteCount <= storage.byteCount,
      "a tensor of \(shape) at byte \(byteOffset) passes its storage of \(storage.byteCount)")
    self.type = type
    self.shape = shape
    self.storage = storage
    self.offset = byteOffset
  }

  /// A tensor with the elements of an array, in row-major order; one dimension where no shape is given.
  public init<Scalar: TensorScalar>(_ elements: [Scalar], shape: Shape? = nil) {
    let shape = shape ?? Shape(elements.count)
    precondition(
      shape.elementCount == elements.count, "\(elements.count) elements for shape \(shape)")
    self.init(uninitialized: Scalar.scalarType, shape)
    withMutableElements(of: Scalar.self) { target in
      for (index, element) in elements.enumerated() { target[index] = element }
    }
  }

  /// The number of elements.
  public var count: Int { shape.elementCount }

  /// The bytes of the elements.
  public var byteCount: Int { shape.elementCount * type.byteCount }

  /// Whether nobody else holds the storage, so that a write happens in place.
  ///
  /// Without optimization on purpose: Swift 6.3.1 believes that a function which only asks `isKnownUniquelyReferenced`
  /// reads no memory. With `-O` it then drops the store of a tensor before the call, which ends in a segmentation fault;
  /// inlined, it moves copies of the tensor ahead of the test, so that every write copies. Of what it does not optimize
  /// it believes nothing.
  public var isUniquelyOwned: Bool {
    @_optimize(none) @inline(never) mutating get { isKnownUniquelyReferenced(&storage) }
  }

  /// Whether two tensors show the same bytes of the same storage.
  public func sharesStorage(with other: Tensor) -> Bool {
    storage === other.storage && offset == other.offset
  }

  /// The elements for reading.
  ///
  /// The pointer is valid only inside `body`.
  public func withElements<Scalar: TensorScalar, Result, Failure: Error>(
    of _: Scalar.Type, _ body: (UnsafeBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(type == Scalar.scalarType, "a \(type) tensor read as \(Scalar.scalarType)")
    defer { withExtendedLifetime(storage) {} }
    let start = unsafe (storage.base + offset).assumingMemoryBound(to: Scalar.self)
    return try unsafe body(UnsafeBufferPointer(start: start, count: count))
  }

  /// The elements for writing, copied first where the storage is shared.
  ///
  /// The pointer is valid only inside `body`.
  public mutating func withMutableElements<Scalar: TensorScalar, Result, Failure: Error>(
    of _: Scalar.Type, _ body: (UnsafeMutableBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(type == Scalar.scalarType, "a \(type) tensor written as \(Scalar.scalarType)")
    if !isUniquelyOwned { self = copy() }
    defer { withExtendedLifetime(storage) {} }
    let start = unsafe (storage.base + offset).assumingMemoryBound(to: Scalar.self)
    return try unsafe body(UnsafeMutableBufferPointer(start: start, count: count))
  }

  /// The bytes for reading, in the machine's order (little-endian on all supported machines).
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    defer { withExtendedLifetime(storage) {} }
    return try unsafe body(
      UnsafeRawBufferPointer(start: storage.base + offset, count: byteCount))
  }

  /// The bytes for writing, copied first where the storage is shared.
  public mutating func withMutableBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if !isUniquelyOwned { self = copy() }
    defer { withExtendedLifetime(storage) {} }
    return try unsafe body(
      UnsafeMutableRawBufferPointer(start: storage.base + offset, count: byteCount))
  }

  /// The address of the first element, for kernels that are lent this tensor: valid while the tensor is held.
  ///
  /// Writing through it ignores value semantics: only the engine may, into outputs that nobody else has seen.
  package var unsafeBase: UnsafeMutableRawPointer { unsafe storage.base + offset }

  /// What holds the bytes: for the engine, which puts them away and brings them back.
  package var heldStorage: TensorStorage { storage }

  /// A tensor with storage of its own.
  ///
  /// O(count).
  public func copy() -> Tensor {
    let fresh = Tensor(uninitialized: type, shape)
    unsafe fresh.unsafeBase.copyMemory(from: storage.base + offset, byteCount: byteCount)
    return fresh
  }

  /// The same elements in another shape of the same count, over the same storage.
  public func reshaped(_ shape: Shape) -> Tensor {
    precondition(shape.elementCount == count, "\(self.shape) cannot be seen as \(shape)")
    return Tensor(type, shape, storage: storage, byteOffset: offset)
  }

  /// Rows `range` of the outermost dimension, over the same storage.
  ///
  /// O(1).
  public func rows(_ range: Range<Int>) -> Tensor {
    precondition(shape.rank > 0, "a single number has no rows")
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape[0], "rows \(range) of \(shape)")
    let inner = shape.dimensions.dropFirst().reduce(1, *)
    return Tensor(
      type, Shape([range.count] + shape.dimensions.dropFirst()), storage: storage,
      byteOffset: offset + range.lowerBound * inner * type.byteCount)
  }

  /// The elements as an array.
  ///
  /// O(count).
  public func elements<Scalar: TensorScalar>(of _: Scalar.Type) -> [Scalar] {
    withElements(of: Scalar.self) { unsafe Array($0) }
  }

  /// Every element as a `Double`, whatever the type.
  ///
  /// O(count).
  public func doubles() -> [Double] {
    switch type {
    case .float32: elements(of: Float.self).map(Double.init)
    case .float64: elements(of: Double.self)
    case .int32: elements(of: Int32.self).map(Double.init)
    case .int64: elements(of: Int64.self).map(Double.init)
    case .uint8: elements(of: UInt8.self).map(Double.init)
    }
  }

  /// Whether type, shape and every byte are the same.
  ///
  /// O(count).
  public func hasSameBits(as other: Tensor) -> Bool {
    guard type == other.type, shape == other.shape else { return false }
    return withBytes { left in
      other.withBytes { right in unsafe left.elementsEqual(right) }
    }
  }
}
