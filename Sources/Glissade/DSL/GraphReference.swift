import GlissadeGraph

/// What an attribute that reads a value may be given: a node, a port, a name, or one of them read late or with other
/// names of its axes.
public protocol GraphReference: SettingConvertible {}

/// A reference that is a name alone: a node, `node.port`, or the text of either.
public protocol PortName: GraphReference {
  /// As files write it: `grad`, `grad.loss`.
  var portName: String { get }
}

extension String: PortName {
  /// The text itself.
  public var portName: String { self }
}

/// A port of a node: `grad.loss`, `train.port("rows")`.
public struct NodePort: PortName {
  /// As files write it.
  public let portName: String
  private let mentions: [Node]

  /// The port that a text names.
  public init(_ name: String) { self.init(name, mentions: []) }

  init(_ name: String, mentions: [Node]) {
    portName = name
    self.mentions = mentions
  }

  /// As a setting.
  public var setting: Setting { Setting(AttributeValue(.text(portName)), mentions: mentions) }

  /// The version of so many steps ago, the same in every run.
  public func late(by steps: Int) -> LateReference { LateReference(self).late(by: steps) }

  /// The same values with another name of an axis.
  public func renaming(axis: String, to name: String) -> LateReference {
    LateReference(self).renaming(axis: axis, to: name)
  }
}

/// A reference that is read late, or with other names of axes: `{ from: grad, as: { a: b }, staleness: 2 }`.
public struct LateReference: GraphReference {
  private let port: NodePort
  private var renames: [AttributeEntry] = []
  private var staleness: Int?

  init(_ port: NodePort) { self.port = port }

  /// The version of so many steps ago; the last call holds.
  public func late(by steps: Int) -> LateReference {
    var result = self
    result.staleness = steps
    return result
  }

  /// The same values with another name of an axis, one more with each call.
  public func renaming(axis: String, to name: String) -> LateReference {
    var result = self
    result.renames.append(AttributeEntry(axis, AttributeValue(.text(name))))
    return result
  }

  /// As a setting.
  public var setting: Setting {
    let names = renames.isEmpty ? nil : Setting(AttributeValue(.map(renames)))
    return .map(["from": port, "as": names, "staleness": staleness])
  }
}

/// One axis or several, inner first: a node that makes one, a name, a list of names.
public protocol AxisNames: SettingConvertible {
  /// The names as files write them: a text, or a list of texts.
  var axisNames: Setting { get }
}

extension AxisNames where Self: GraphNode {
  /// The axes that the node makes: one of its own name, unless it names others.
  public var axisNames: Setting {
    let names = (node.description["axes"]?.map ?? []).map(\.key)
    let given = names.count > 1 ? names.setting : (names.first ?? portName).setting
    return Setting(given.value, mentions: [node])
  }
}

extension Node: AxisNames {}
extension Shard: AxisNames {}
extension Sample: AxisNames {}
extension Parameters: AxisNames {}

extension String: AxisNames {
  /// The name.
  public var axisNames: Setting { setting }
}

extension Array: AxisNames where Element == String {
  /// The names.
  public var axisNames: Setting { setting }
}
