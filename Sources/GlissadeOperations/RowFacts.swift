public import GlissadeGraph
import GlissadeTensor

/// What the columns of some rows mean: what a model must know of its data.
public struct DataSchema: Sendable, Hashable {
  /// What a row's target is.
  public enum Target: String, Sendable, Hashable {
    /// There is none.
    case none
    /// One of some classes.
    case classes
    /// A number.
    case number
    /// The next token at each position.
    case tokens
  }

  /// The shape of one row's features: `[64]`, or `[1, 28, 28]` for images.
  public var inputShape: [Int]
  /// The names of the feature columns; empty where they have none.
  public var columns: [String]
  /// What a row's target is.
  public var target: Target
  /// The name of the label column, if it has one.
  public var label: String?
  /// The names of the classes or tokens, in the order of their codes.
  public var classes: [String]

  /// The number of features in a row.
  public var featureCount: Int { inputShape.reduce(1, *) }
}

/// What is known of rows before the run.
public struct RowFacts: ValueFacts {
  /// What the columns mean.
  public var schema: DataSchema
  /// The rows over all places.
  public var totalRows: Int
  /// The first row of each place, and the total at the end: place `p` holds `starts[p]..<starts[p + 1]`.
  public var starts: [Int]
  /// The axes that divide the rows.
  public var axes: [Axis]
  /// The `scale` node whose statistics these rows are scaled by.
  public var scaledBy: String?
  /// Text columns that go along, for output.
  public var kept: [String]
  /// The rows that a place gives in a step at most; nil where it gives all of them.
  public var batchSize: Int?
  /// Where the rows can be read without their values; nil where they are read as values.
  var origin: RowOrigin?
  /// How a pass reads the rows where they stay on the disk; nil where they are in memory.
  var chunks: RowChunks?

  /// How the rows may stay on the disk; nil where they are values.
  public var streaming: RowStreaming? { origin?.streaming }

  /// In a few words: `60000 rows × 784, 10 classes`.
  public var summary: String {
    let classes = schema.target == .classes ? ", \(schema.classes.count) classes" : ""
    return "\(batchSize ?? totalRows) rows × \(schema.featureCount)\(classes)"
  }

  /// The rows of a place.
  func rows(at place: Int) -> Int { starts[place + 1] - starts[place] }
}

/// The tensors of a value of rows, in their order in the record.
///
/// Features stand as they were read (bytes of an image stay bytes) with a multiplier and an offset a column, so that
/// scaling costs no copy of the data: who reads the rows applies them.
struct Rows {
  /// `[rows, features]`, UInt8 or Float32.
  var features: Tensor
  /// `[rows]`: Int32 codes, Float32 numbers, or no elements.
  var targets: Tensor
  /// `[features]` or `[1]`; no elements where the features stand as they are.
  var multiplier: Tensor
  /// As `multiplier`.
  var offset: Tensor

  /// Where the rows are read where they stay on the disk; then features and targets have no bytes.
  private(set) var stream: RowStream?

  static let none = Tensor(.float32, Shape(0))

  init(features: Tensor, targets: Tensor, multiplier: Tensor = none, offset: Tensor = none) {
    self.features = features
    self.targets = targets
    self.multiplier = multiplier
    self.offset = offset
  }

  init(_ value: Value) {
    features = value.tensors[0]
    targets = value.tensors[1]
    multiplier = value.tensors.count > 2 ? value.tensors[2] : Rows.none
    offset = value.tensors.count > 3 ? value.tensors[3] : Rows.none
    stream = value.attachment.flatMap { $0 as? RowStream }
  }

  /// The record.
  func value(attachment: (any AnyObject & Sendable)? = nil) -> Value {
    var tensors = [features, targets]
    if multiplier.count > 0 { tensors += [multiplier, offset] }
    return Value(tensors, rows: features.shape[0], attachment: attachment)
  }

  /// A range of the rows, over the same storage.
  func slice(_ range: Range<Int>) -> Rows {
    Rows(
      features: features.rows(range),
      targets: targets.count > 0 ? targets.rows(range) : targets, multiplier: multiplier,
      offset: offset)
  }
}

/// A text column that goes along with rows: one text a row.
public typealias KeptColumn = (name: String, values: ArraySlice<String>)

/// Text columns that go along with rows, for output: the attachment of a value of rows, or of what is said about them.
public protocol KeptTexts: AnyObject, Sendable {
  /// Rows whose texts are best asked for together.
  var rowsTogether: Int { get }

  /// The columns of some of the rows.
  ///
  /// - Throws: `KernelError` where they have to be read and cannot be.
  func texts(of rows: Range<Int>) throws -> [KeptColumn]
}

/// Text columns in memory.
final class KeptColumns: KeptTexts {
  /// The columns.
  let columns: [KeptColumn]

  init(columns: [KeptColumn]) { self.columns = columns }

  var rowsTogether: Int { 4096 }

  func texts(of rows: Range<Int>) -> [KeptColumn] {
    columns.map { column in
      let start = column.values.startIndex
      return (column.name, column.values[start + rows.lowerBound..<start + rows.upperBound])
    }
  }
}

extension NodeInput {
  /// What is known of the rows that this input gives.
  var rowFacts: RowFacts? { spec.facts as? RowFacts }

  /// The most rows that any place gives.
  var greatestRows: Int { (0..<axes.placeCount).reduce(0) { max($0, specs[$1].rows) } }
}
