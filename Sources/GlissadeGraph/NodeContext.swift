public import GlissadeTensor

/// A value that a node reads, with what is known of it before the run.
///
/// A class: inputs are looked at often, and a copy would count each of their parts.
public final class NodeInput: Sendable {
  /// The attribute that refers to it: `of`, `clip.of`, `loss[1].to`.
  public let path: String
  /// The node that gives it, by its number in the graph; -1 for a node outside a body.
  public let node: Int
  /// The node's name.
  public let nodeName: String
  /// The port.
  public let port: String
  /// Its axes, renamed as the reference says.
  public let axes: [Axis]
  /// What each place gives.
  public let specs: PlaceSpecs
  /// How many steps late it is read.
  public let staleness: Int
  /// Why it is referred to.
  public let role: ReferenceSpec.Role
  /// Whether the reader can do with nothing, before the value is made for the first time.
  let orNothing: Bool
  /// Where the reference stands.
  public let position: SourcePosition?

  init(
    path: String, node: Int, nodeName: String, port: String, axes: [Axis], specs: PlaceSpecs,
    staleness: Int, role: ReferenceSpec.Role, orNothing: Bool = false, position: SourcePosition?
  ) {
    self.path = path
    self.node = node
    self.nodeName = nodeName
    self.port = port
    self.axes = axes
    self.specs = specs
    self.staleness = staleness
    self.role = role
    self.orNothing = orNothing
    self.position = position
  }

  /// What the first place gives: for what all places share.
  public var spec: ValueSpec { specs.first }
}

/// What an operation knows of its node when it infers ports and stages.
public struct NodeContext: Sendable {
  /// The node's name.
  public let name: String
  /// Where the node stands.
  public let position: SourcePosition?
  /// The attributes, as they hold where no label decides.
  public let attributes: Attributes
  /// The values that the node reads, in the order of the attributes; stages name them by their index here.
  public let inputs: [NodeInput]
  /// Nodes that are referred to for their facts only.
  public let facts: [NodeInput]
  /// The axes that the node makes.
  public let ownAxes: [Axis]
  /// What names the node's random numbers.
  public let key: RandomKey
  /// The directory that relative files start from.
  public let baseDirectory: String
  /// For parameters: the data that nodes combine with them.
  public let hintedData: [NodeInput]
  /// For parameters inside a body: the axes that their update has.
  public let impliedAxes: [Axis]
  /// The resolved body, for operations that have one.
  public let body: Graph?

  let entries: [AttributeEntry]
  let specs: [AttributeSpec]

  /// The value that an attribute refers to.
  public func input(_ path: String) -> NodeInput? { inputs.first { $0.path == path } }

  /// The index of the value that an attribute refers to, for stages.
  public func inputIndex(_ path: String) -> Int? { inputs.firstIndex { $0.path == path } }

  /// The node that an attribute refers to for its facts.
  public func fact(_ path: String) -> NodeInput? { facts.first { $0.path == path } }

  /// The attributes at a place of a family: what is given by label holds for its label.
  public func attributes(at place: Int, of axes: [Axis]) -> Attributes {
    var entries = entries
    for (axis, index) in zip(axes, axes.coordinates(of: place)) {
      guard let labels = axis.labels else { continue }
      entries = entries.map {
        AttributeEntry(
          $0.key, $0.value.specialized(label: labels[index], among: labels), at: $0.keyPosition)
      }
    }
    return Attributes(entries, specs: specs)
  }

  /// An error at an attribute, or at the node where it is not given.
  public func error(
    _ message: String, at attribute: String? = nil, hint: String? = nil,
    category: Diagnostic.Category = .content, file: String? = nil
  ) -> Diagnostic {
    Diagnostic(
      message, at: attribute.flatMap { attributes.position($0) } ?? position, hint: hint,
      category: category, file: file)
  }

  /// The axes of several inputs together: each name once, in the order of the inputs.
  ///
  /// - Throws: `Diagnostic` where one name has two sizes, or all together have more than 1,000,000 places.
  public func union(_ families: [Axis]...) throws -> [Axis] {
    var result: [Axis] = []
    for axis in families.joined() {
      if let same = result.first(where: { $0.name == axis.name }) {
        guard same == axis else {
          let (left, right) =
            same.size == axis.size
            ? (same.placesPhrase, axis.placesPhrase) : ("\(same.size) places", "\(axis.size)")
          throw error("axis '\(axis.name)' has \(left) on one side and \(right) on the other")
        }
      } else {
        result.append(axis)
      }
    }
    guard result.isWithinLimit else {
      throw error("\(result.phrase) has more than \([Axis].placeLimit) places")
    }
    return result
  }
}
