public import GlissadeTensor

/// What a port gives at one place and one step: a record of tensors, in the order of its `ValueSpec`.
public struct Value: Sendable {
  /// The tensors.
  public var tensors: [Tensor]
  /// The rows that the value was made from or holds; 0 where rows have no meaning.
  public var rows: Int
  /// What a tensor cannot hold: texts that go along with rows, say. A class, so that a value stays small.
  public var attachment: (any AnyObject & Sendable)?

  /// A record.
  public init(
    _ tensors: [Tensor] = [], rows: Int = 0, attachment: (any AnyObject & Sendable)? = nil
  ) {
    self.tensors = tensors
    self.rows = rows
    self.attachment = attachment
  }
}

/// What kind of thing a port gives: references are checked against it.
public struct ValueKind: Sendable, Hashable, CustomStringConvertible {
  /// The word for it, as errors print it.
  public let description: String

  /// A kind by its word.
  public init(_ word: String) { description = word }

  /// Rows of data: features and, where there are any, targets.
  public static let rows = ValueKind("rows")
  /// Numbers of rows, from 0.
  public static let rowNumbers = ValueKind("row numbers")
  /// A model's parameters, in one flat buffer.
  public static let parameters = ValueKind("parameters")
  /// A sum of gradients over rows, flat as the parameters, with the loss.
  public static let gradient = ValueKind("gradient")
  /// An optimizer's state: buffers flat as the parameters.
  public static let state = ValueKind("state")
  /// Named numbers.
  public static let metrics = ValueKind("metrics")
  /// A single number.
  public static let number = ValueKind("number")
  /// What a model says about rows.
  public static let predictions = ValueKind("predictions")
  /// Statistics of columns, for scaling.
  public static let statistics = ValueKind("statistics")
}

/// The name, type and greatest shape of one tensor of a value.
public struct TensorSpec: Sendable, Hashable {
  /// The name inside the record.
  public var name: String
  /// The type of the elements.
  public var type: ScalarType
  /// The shape; along the outermost dimension of rows it is the greatest that can come.
  public var shape: Shape

  /// A tensor's description.
  public init(_ name: String, _ type: ScalarType, _ shape: Shape) {
    self.name = name
    self.type = type
    self.shape = shape
  }

  /// The bytes of the greatest shape.
  public var byteCount: Int { shape.elementCount * type.byteCount }
}

/// Facts about a value that only the operations understand: the columns of rows, the network of parameters.
public protocol ValueFacts: Sendable {
  /// In a few words, for `plan` and `dot`.
  var summary: String { get }
}

/// What is known before the run of the value that a port gives at one place.
public struct ValueSpec: Sendable {
  /// What kind of thing it is.
  public var kind: ValueKind
  /// The tensors of the record.
  public var tensors: [TensorSpec]
  /// The greatest number of rows.
  public var rows: Int
  /// What the operations know beyond that.
  public var facts: (any ValueFacts)?
  /// Whether the tensors are views of an input's: no bytes of its own. A task that gives nothing but views looks at no byte of
  /// what it reads.
  public var aliasesInput: Bool

  /// A description of a value.
  public init(
    _ kind: ValueKind, _ tensors: [TensorSpec], rows: Int = 0, facts: (any ValueFacts)? = nil,
    aliasesInput: Bool = false
  ) {
    self.kind = kind
    self.tensors = tensors
    self.rows = rows
    self.facts = facts
    self.aliasesInput = aliasesInput
  }

  /// The bytes that the value holds at most.
  public var byteCount: Int { aliasesInput ? 0 : tensors.reduce(0) { $0 + $1.byteCount } }

  /// The shape that an edge of the picture shows: that of the first tensor.
  public var shapePhrase: String {
    tensors.first.map { $0.shape.description } ?? "–"
  }
}

/// The specs of a family: one for all places, or one each.
public enum PlaceSpecs: Sendable {
  /// The same at each place; indirect, since it is copied often.
  indirect case uniform(ValueSpec)
  /// One a place, in row-major order of the axes.
  case each([ValueSpec])

  /// The spec at a place.
  public subscript(place: Int) -> ValueSpec {
    switch self {
    case .uniform(let spec): spec
    case .each(let specs): specs[place]
    }
  }

  /// Whether one spec holds for all places.
  var isUniform: Bool {
    switch self {
    case .uniform: true
    case .each: false
    }
  }

  /// The spec of the first place: what all share, where only that is asked.
  public var first: ValueSpec { self[0] }

  /// What kind of thing all places give.
  public var kind: ValueKind {
    switch self {
    case .uniform(let spec): spec.kind
    case .each(let specs): specs[0].kind
    }
  }
}

/// A named axis of a family of values.
public struct Axis: Sendable, Hashable {
  /// The name; axes of one name are one axis.
  public let name: String
  /// The number of places.
  public let size: Int
  /// The names of the places, where they have any.
  public let labels: [String]?

  /// An axis with numbered places.
  public init(_ name: String, size: Int) {
    self.name = name
    self.size = size
    labels = nil
  }

  /// An axis with labelled places.
  public init(_ name: String, labels: [String]) {
    self.name = name
    size = labels.count
    self.labels = labels
  }

  /// The same axis under another name.
  public func renamed(_ name: String) -> Axis {
    labels.map { Axis(name, labels: $0) } ?? Axis(name, size: size)
  }

  /// As errors print it: `train[4]`.
  public var phrase: String { "\(name)[\(size)]" }

  /// Its places, for errors: `the places small, large`, or their number.
  var placesPhrase: String {
    guard let labels else { return "\(size) numbered places" }
    return "the places " + escaped(labels.joined(separator: ", "), limit: 60)
  }
}

extension [Axis] {
  /// The most places that a family may have.
  public static var placeLimit: Int { 1_000_000 }

  /// Whether a family with these axes has at most `placeLimit` places.
  ///
  /// Until that is known, `placeCount` may overflow.
  public var isWithinLimit: Bool {
    var count = 1
    for axis in self {
      let (product, overflow) = count.multipliedReportingOverflow(by: axis.size)
      guard !overflow, product <= Self.placeLimit else { return false }
      count = product
    }
    return true
  }

  /// The number of places of a family with these axes.
  public var placeCount: Int { reduce(1) { $0 * $1.size } }

  /// As errors print them: `[train[4], block[2]]`, or `single`.
  public var phrase: String {
    isEmpty ? "single" : "[" + map(\.phrase).joined(separator: ", ") + "]"
  }

  /// The coordinates of a place, in row-major order.
  public func coordinates(of place: Int) -> [Int] {
    var rest = place
    var result = [Int](repeating: 0, count: count)
    for index in indices.reversed() {
      result[index] = rest % self[index].size
      rest /= self[index].size
    }
    return result
  }

  /// The place on `target` that has the coordinates of a place on these axes; axes that they lack do not count.
  func matching(_ place: Int, in target: [Axis]) -> Int {
    if self == target { return place }
    let coordinates = coordinates(of: place)
    return target.reduce(0) { sum, axis in
      let index = firstIndex { $0.name == axis.name }
      return sum * axis.size + (index.map { coordinates[$0] } ?? 0)
    }
  }

  /// A place as users read it: `train=2, model=conv`.
  public func placePhrase(_ place: Int) -> String {
    zip(self, coordinates(of: place)).map { axis, index in
      "\(axis.name)=\(axis.labels?[index] ?? String(index))"
    }.joined(separator: ", ")
  }
}
