/// Where named tensors lie in one flat `Float32` buffer: parameters, their gradients and optimizer state share it, so
/// that an update is one loop and a block of parameters is a range.
public struct TensorLayout: Sendable, Hashable {
  /// Every tensor begins at a multiple of this many elements (64 bytes); the gaps hold zeros.
  public static let alignment = 16

  /// What a tensor is for, which decides about penalties and decay.
  public enum Role: String, Sendable, Hashable {
    case weight
    case bias
    case norm
    case embedding
  }

  /// One tensor.
  public struct Entry: Sendable, Hashable {
    /// The name, as in the model file: `dense.0.weight`.
    public let name: String
    /// The shape.
    public let shape: Shape
    /// What it is for.
    public let role: Role
    /// The first element, counted in elements of the buffer.
    public let offset: Int
    /// The elements of the buffer that it takes.
    public var range: Range<Int> { offset..<offset + shape.elementCount }
  }

  /// The tensors in the order of the buffer.
  public private(set) var entries: [Entry] = []

  /// The elements of the buffer, gaps included.
  public private(set) var count = 0

  /// A layout without tensors.
  public init() {}

  /// Adds a tensor behind the others.
  public mutating func append(_ name: String, _ shape: Shape, role: Role) {
    entries.append(Entry(name: name, shape: shape, role: role, offset: count))
    let rounded = TensorLayout.alignment - 1
    count += (shape.elementCount + rounded) / TensorLayout.alignment * TensorLayout.alignment
  }

  /// The numbers that a model has, gaps not counted.
  public var parameterCount: Int { entries.reduce(0) { $0 + $1.shape.elementCount } }

  /// The tensor of a name.
  ///
  /// O(entries).
  public subscript(name: String) -> Entry? { entries.first { $0.name == name } }

  /// The elements of block `index` of `count` nearly equal blocks, each beginning at a multiple of `alignment`.
  public func block(_ index: Int, of blocks: Int) -> Range<Int> {
    let units = count / TensorLayout.alignment
    // units · index / blocks, rounded down, without the product that may overflow.
    let (share, rest) = units.quotientAndRemainder(dividingBy: blocks)
    func edge(_ index: Int) -> Int {
      (share * index + rest * index / blocks) * TensorLayout.alignment
    }
    return edge(index)..<edge(index + 1)
  }
}
